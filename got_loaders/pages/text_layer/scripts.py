"""Finds what is raised above a line or lowered below it, and writes fractions. Pure.

Sizes and heights are compared with those of the line itself: TeX raises by 0.36 to 0.41 of its
size, Word and browsers by a third, and both set such letters at 0.58 to 0.83 of it. What is
smaller or higher is no superscript: it follows a large initial.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from got_loaders.pages.text_layer.glyphs import Glyph, GlyphLine
from got_loaders.pages.text_layer.styled_text import LOWERED, RAISED

_MAX_SIZE, _MAX_NESTED_SIZE, _MIN_SIZE = 0.9, 0.87, 0.45
"""Of a script, in sizes of what it stands at."""

_RAISED, _RAISED_SAME = (0.17, 0.75), (0.25, 0.6)
_LOWERED, _LOWERED_SAME = (0.08, 0.5), (0.2, 0.6)
"""How far scripts stand from the baseline, in the same; those as large as the text itself."""

_MAX_RUN = 24
"""Glyphs of a script between blanks; what is longer is a line of its own."""

_MAX_SHARE, _MIN_TO_SHARE = 0.6, 12
"""The part of a line that can be scripts, where it has so many letters."""

_MAX_TOUCH, _MAX_GAP = 0.3, 1.2
"""Font sizes between a script and what it stands at; where there is a blank, between the marks of
a note and its text."""

_NOTE_MARK = re.compile(r"[^\w\s]*(?:\d{1,4}|[^\W\d_]{1,3})?[^\w\s]*(?:[,.;–-]\d{1,4})*[^\w\s]*")
"""What may be raised apart from other letters."""

_MARKS = "*+-=()[]/°†‡§¶#\u2033\u2212\u2032\u2217"
"""Signs that a script may consist of, besides letters and digits."""

_SLASHES = "/\u2044\u2215"
_FRACTIONS = {
    "1/2": "½", "1/3": "⅓", "2/3": "⅔", "1/4": "¼", "3/4": "¾", "1/5": "⅕", "2/5": "⅖",
    "3/5": "⅗", "4/5": "⅘", "1/6": "⅙", "5/6": "⅚", "1/7": "⅐", "1/8": "⅛", "3/8": "⅜",
    "5/8": "⅝", "7/8": "⅞", "1/9": "⅑", "1/10": "⅒",
}  # fmt: skip


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
    sizes = [glyph.size for glyph in letters if common >= _MIN_SIZE * glyph.size]
    size = max(sizes, default=common)
    main = _baseline(line, letters, size)
    raised = sum(bool(script_of(line, glyph, main)) for glyph in letters)
    if len(letters) >= _MIN_TO_SHARE and raised > _MAX_SHARE * len(letters):
        return _baseline(line, letters, common)
    return main


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
        if not _is_script(line, start, end):
            scripts[start:end] = [""] * (end - start)
    _mark_fractions(line, scripts, base)


def _baseline(line: GlyphLine, letters: Sequence[Glyph], size: float) -> Baseline:
    heights = [line.height(glyph) for glyph in letters if abs(glyph.size - size) < 0.1 * size]
    step = 0.1 * size
    common = Counter(round(height / step) for height in heights).most_common(1)[0][0]
    return Baseline(size, next(h for h in heights if round(h / step) == common))


def _scripts(line: GlyphLine, base: Baseline) -> list[str]:
    """The script of each glyph; of one that is raised in a raised one, both signs."""
    stack: list[tuple[Baseline, str]] = [(base, "")]
    scripts: list[str] = []
    for glyph in line.glyphs:
        if glyph.is_blank:
            scripts.append("")
            continue
        while len(stack) > 1:
            top, path = stack[-1]
            if _stands_on(line, glyph, top) or (
                len(path) < 2 and script_of(line, glyph, top, nested=True)
            ):
                break
            stack.pop()
        top, path = stack[-1]
        if not _stands_on(line, glyph, top) and (
            script := script_of(line, glyph, top, nested=len(stack) > 1)
        ):
            path += script
            stack.append((Baseline(glyph.size, line.height(glyph)), path))
        scripts.append(path)
    return scripts


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


def _is_script(line: GlyphLine, start: int, end: int) -> bool:
    """Whether glyphs off the baseline belong to the text beside them."""
    glyphs = line.glyphs[start:end]
    if len(glyphs) > _MAX_RUN:
        return False
    if not any(glyph.char.isalnum() or glyph.char in _MARKS for glyph in glyphs):
        return False
    before = line.glyphs[start - 1] if start else None
    if before is not None and not before.is_blank and _touches(line, before, glyphs[0]):
        return True
    text = "".join(glyph.char for glyph in glyphs)
    if not _NOTE_MARK.fullmatch(text):
        return False
    after = next((glyph for glyph in line.glyphs[end:] if not glyph.is_blank), None)
    if before is not None and before.is_blank:
        before = next((g for g in reversed(line.glyphs[:start]) if not g.is_blank), None)
    return (before is not None and _touches(line, before, glyphs[0], _MAX_GAP)) or (
        after is not None and _touches(line, glyphs[-1], after, _MAX_GAP)
    )


def _touches(line: GlyphLine, before: Glyph, after: Glyph, gap: float = _MAX_TOUCH) -> bool:
    """Whether the gap between two glyphs is at most so many font sizes; true of askew ones."""
    if not line.is_straight:
        return True
    (a, b), (c, d) = line.extent(before), line.extent(after)
    return max(c - b, a - d) < gap * max(before.size, after.size)


def _mark_fractions(line: GlyphLine, scripts: list[str], base: Baseline) -> None:
    glyphs: list[Glyph] = []
    n = 0
    while n < len(line.glyphs):
        end = _fraction_end(line.glyphs, scripts, n, base)
        if end:
            glyphs += _fraction(line.glyphs[n:end])
            n = end
            continue
        glyph = line.glyphs[n]
        if scripts[n]:
            glyph = glyph._replace(style=glyph.style._replace(script=scripts[n]))
        glyphs.append(glyph)
        n += 1
    line.glyphs = glyphs


def _fraction_end(
    glyphs: Sequence[Glyph], scripts: Sequence[str], start: int, base: Baseline
) -> int:
    """Where a fraction ends that begins here: raised digits, a slash, small digits; else 0."""
    before = glyphs[start - 1] if start else None
    if before is not None and not (
        before.char.isdigit() or before.is_blank or before.char in "-+±(–"
    ):
        return 0
    if before is not None and scripts[start - 1]:
        return 0
    slash = start
    while slash < len(glyphs) and glyphs[slash].char.isdigit() and scripts[slash] == RAISED:
        slash += 1
    if slash == start or slash == len(glyphs) or glyphs[slash].char not in _SLASHES:
        return 0
    end = slash + 1
    while (
        end < len(glyphs)
        and glyphs[end].char.isdigit()
        and glyphs[end].size <= _MAX_SIZE * base.size
        and scripts[end] in ("", LOWERED)
    ):
        end += 1
    return end if end > slash + 1 else 0


def _fraction(glyphs: Sequence[Glyph]) -> list[Glyph]:
    text = "".join("/" if glyph.char in _SLASHES else glyph.char for glyph in glyphs)
    first = glyphs[0]
    if text in _FRACTIONS:
        box = first.box.union(*(glyph.box for glyph in glyphs[1:]))
        return [first._replace(char=_FRACTIONS[text], box=box)]
    slash = text.index("/")
    scripts = [RAISED] * slash + [""] + [LOWERED] * (len(text) - slash - 1)
    return [
        glyph._replace(
            char="\u2044" if char == "/" else char,
            style=glyph.style._replace(script=script),
        )
        for glyph, char, script in zip(glyphs, text, scripts, strict=True)
    ]
