"""Finds what is raised above a line or lowered below it. Pure.

Sizes and heights are compared with those of the line itself: TeX raises by 0.36 to 0.41 of its
size, Word and browsers by a third, and both set such letters at 0.58 to 0.83 of it. What is
smaller or higher is no superscript: it follows a large initial.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from got_loaders.pages.text_layer.fractions import mark_fractions
from got_loaders.pages.text_layer.glyphs import Glyph, GlyphLine
from got_loaders.pages.text_layer.styled_text import LOWERED, RAISED

_MAX_SIZE, _MAX_NESTED_SIZE, _MIN_SIZE = 0.9, 0.87, 0.45
"""Of a script, in sizes of what it stands at."""

_RAISED, _RAISED_SAME = (0.17, 0.75), (0.25, 0.6)
_LOWERED, _LOWERED_SAME = (0.08, 0.5), (0.2, 0.6)
"""How far scripts stand from the baseline, in the same; those as large as the text itself."""

_LEVEL = 0.03
"""How far from a baseline glyphs may be that stand on it, in font sizes."""

_MAX_RUN = 24
"""Glyphs of a script between blanks; what is longer is a line of its own."""

_MAX_SHARE, _MAX_INITIALS = 0.6, 2
"""The part of a line that can be scripts, where so many letters only are larger than they."""

_MAX_TOUCH, _MAX_GAP = 0.3, 1.2
"""Font sizes between a script and what it stands at; where there is a blank, between the marks of
a note and its text."""

_TUCKED = 0.02
"""Font sizes by which a capital overlaps those beside it that is raised or lowered for its looks;
TeX sets them to overlap by 0.12 and more."""

_NOTE_MARK = re.compile(r"[^\w\s]*(?:\d{1,4}|[^\W\d_])?[^\w\s]*(?:[,.;–-]\d{1,4})*[^\w\s]*")
"""What may be raised where it touches nothing: the mark of a note."""

_MARKS = "*+-=()[]/°†‡§¶#\u2033\u2212\u2032\u2217"
"""Signs that a script may consist of, besides letters and digits."""


class Baseline(NamedTuple):
    """The size of most of a line, and how high it stands."""

    size: float
    height: float


def main_baseline(line: GlyphLine) -> Baseline | None:
    """That of the line's own letters, whatever is raised or lowered in it; None without any."""
    inked = [glyph for glyph in line.glyphs if not glyph.is_blank]
    letters = [glyph for glyph in inked if glyph.char.isalnum()] or inked
    if not letters:
        return None
    common = Counter(round(glyph.size, 1) for glyph in letters).most_common(1)[0][0]
    largest = max(glyph.size for glyph in letters)
    size = largest if common >= _MIN_SIZE * largest else common
    main = _baseline(line, letters, size)
    return _baseline(line, letters, common) if _follows_initial(line, letters, main) else main


def _follows_initial(line: GlyphLine, letters: Sequence[Glyph], main: Baseline) -> bool:
    """Whether most of a line is words beside a letter or two at its start that are larger."""
    larger = [glyph.size > _MAX_SIZE * main.size for glyph in letters]
    if sum(larger) > _MAX_INITIALS or not larger[0]:
        return False
    scripts = sum(bool(script_of(line, glyph, main)) for glyph in letters)
    words = "".join(glyph.char for glyph in line.glyphs).split()
    long_words = sum(len(word) > 2 and word.isalpha() for word in words)
    return long_words > 1 and scripts > _MAX_SHARE * len(letters)


def script_of(line: GlyphLine, glyph: Glyph, base: Baseline, *, nested: bool = False) -> str:
    """How a glyph stands to a baseline: :data:`RAISED`, :data:`LOWERED`, or ""."""
    size, rise = glyph.size / base.size, (line.height(glyph) - base.height) / base.size
    if size < _MIN_SIZE:
        return ""
    small = size <= (_MAX_NESTED_SIZE if nested else _MAX_SIZE)
    if not small and (nested or size > 1.1):
        return ""
    raised, lowered = (_RAISED, _LOWERED) if small else (_RAISED_SAME, _LOWERED_SAME)
    if raised[0] <= rise <= raised[1]:
        return RAISED
    return LOWERED if lowered[0] <= -rise <= lowered[1] else ""


def mark_scripts(line: GlyphLine) -> None:
    """Give the line's glyphs their script, and make fractions one character where there is one."""
    base = main_baseline(line)
    if base is None or line.vertical:
        return
    scripts = _scripts(line, base)
    if not any(scripts):
        return
    for start, end in _runs(scripts):
        if not _is_script(
            line, start, end, raised=scripts[start][0] == RAISED
        ):  # what is raised in it stays so
            scripts[start:end] = [script[1:] for script in scripts[start:end]]
    styled = [
        glyph._replace(style=glyph.style._replace(script=script)) if script else glyph
        for glyph, script in zip(line.glyphs, scripts, strict=True)
    ]
    line.glyphs = mark_fractions(styled, _MAX_SIZE * base.size)


def _baseline(line: GlyphLine, letters: Sequence[Glyph], size: float) -> Baseline:
    heights = [line.height(glyph) for glyph in letters if abs(glyph.size - size) < 0.1 * size]
    step = 0.1 * size
    common = Counter(round(height / step) for height in heights).most_common(1)[0][0]
    return Baseline(size, next(h for h in heights if round(h / step) == common))


def _scripts(line: GlyphLine, base: Baseline) -> list[str]:
    """The script of each glyph; of one that is raised in a raised one, both signs.

    A smaller word on the same baseline has scripts of its own size.
    """
    stack: list[tuple[Baseline, str]] = [(base, "")]
    scripts: list[str] = []
    for glyph in line.glyphs:
        if glyph.is_blank:
            scripts.append("")
            continue
        height = line.height(glyph)
        if abs(height - base.height) < _LEVEL * min(glyph.size, base.size):
            stack = [(Baseline(glyph.size, base.height), "")]
        while len(stack) > 1 and not _fits(line, glyph, *stack[-1]):
            stack.pop()
        top, path = stack[-1]
        if not _stands_on(line, glyph, top):
            script = script_of(line, glyph, top, nested=len(stack) > 1)
            if not script and not path:
                script = script_of(line, glyph, base)
            if script:
                path += script
                stack.append((Baseline(glyph.size, height), path))
        scripts.append(path)
    return scripts


def _fits(line: GlyphLine, glyph: Glyph, base: Baseline, path: str) -> bool:
    """Whether a glyph goes on in a script, or is one of it."""
    if _stands_on(line, glyph, base):
        return True
    return len(path) < 2 and bool(script_of(line, glyph, base, nested=True))


def _stands_on(line: GlyphLine, glyph: Glyph, base: Baseline) -> bool:
    same = abs(glyph.size - base.size) < 0.1 * base.size
    return same and abs(line.height(glyph) - base.height) < 0.12 * base.size


def _runs(scripts: Sequence[str]) -> list[tuple[int, int]]:
    """Where scripts begin and end; neighbours of any script are one."""
    runs: list[tuple[int, int]] = []
    for n, script in enumerate(scripts):
        if not script:
            continue
        if runs and runs[-1][1] == n:
            runs[-1] = runs[-1][0], n + 1
        else:
            runs.append((n, n + 1))
    return runs


def _is_script(line: GlyphLine, start: int, end: int, *, raised: bool) -> bool:
    """Whether glyphs off the baseline belong to the text that they touch, or mark a note."""
    glyphs = line.glyphs[start:end]
    if len(glyphs) > _MAX_RUN:
        return False
    if not any(glyph.char.isalnum() or glyph.char in _MARKS for glyph in glyphs):
        return False
    if len(glyphs) == 1 and _is_tucked_in(line, start):
        return False
    before = line.glyphs[start - 1] if start else None
    if before is not None and not before.is_blank and _touches(line, before, glyphs[0]):
        return True
    text = "".join(glyph.char for glyph in glyphs)
    if not raised or not _NOTE_MARK.fullmatch(text):
        return False
    after = next((glyph for glyph in line.glyphs[end:] if not glyph.is_blank), None)
    if before is not None and before.is_blank:
        before = next((g for g in reversed(line.glyphs[:start]) if not g.is_blank), None)
    return (before is not None and _touches(line, before, glyphs[0], _MAX_GAP)) or (
        after is not None and _touches(line, glyphs[-1], after, _MAX_GAP)
    )


def _is_tucked_in(line: GlyphLine, n: int) -> bool:
    """Whether a capital stands within the capitals on both its sides, as in TeX's own name."""
    if not line.is_straight or not 0 < n < len(line.glyphs) - 1:
        return False
    before, glyph, after = line.glyphs[n - 1 : n + 2]
    if not all(each.char.isupper() for each in (before, glyph, after)):
        return False
    (_, a), (b, c), (d, _) = line.extent(before), line.extent(glyph), line.extent(after)
    return b < a - _TUCKED * before.size and d < c - _TUCKED * after.size


def _touches(line: GlyphLine, before: Glyph, after: Glyph, gap: float = _MAX_TOUCH) -> bool:
    """Whether the gap between two glyphs is at most so many font sizes; true of askew ones."""
    if not line.is_straight:
        return True
    (a, b), (c, d) = line.extent(before), line.extent(after)
    return max(c - b, a - d) < gap * max(before.size, after.size)
