"""Puts together what MuPDF takes apart: pieces of a word, raised digits, vertical lines. Pure."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import groupby

from got_loaders.pages.text_layer.glyphs import Glyph, GlyphLine, is_leftwards
from got_loaders.pages.text_layer.scripts import Baseline, main_baseline, script_of
from got_loaders.pages.text_layer.styled_text import LOWERED, RAISED
from got_loaders.types import Box

_TOUCH = 0.12
"""Font sizes; glyphs that are nearer belong to one word, whatever MuPDF thinks."""

_OVERLAP = 0.25
"""Font sizes by which pieces of a word may overlap."""

_STACKED = 6.0
"""The same, where one is raised and the other one lowered at the same place."""

_MIN_COLUMN = 3
"""Characters under each other that are a column, where the font does not say so."""

_MAX_ACROSS = 4
"""Glyphs of a number that stands across a column of vertical writing."""

_MAX_SCRIPT = 12
"""Glyphs of a raised piece that is looked for a line to stand in."""


_MAX_LINES = 3000
"""Lines of a page whose small pieces are looked for a line at all."""

_MAX_HOSTS = 200
"""Lines that are looked at for one such piece: as many as there are beside it in a newspaper."""


def join_pieces(lines: Sequence[GlyphLine]) -> list[GlyphLine]:
    """The lines, with those that are pieces of one line joined, and blanks that are none gone."""
    joined: list[GlyphLine] = []
    _find_columns(lines)
    for line in lines:
        _mend_ligatures(line)
        last = joined[-1] if joined else None
        if last is not None and (_continues_column(last, line) or _continues_word(last, line)):
            last.glyphs += line.glyphs
        else:
            joined.append(line)
    if len(joined) <= _MAX_LINES:
        joined = _place_scripts(joined)
    for line in joined:
        _drop_guessed_blanks(line)
    return joined


def _mend_ligatures(line: GlyphLine) -> None:
    """Put the letters of a ligature of Arabic in their order.

    MuPDF turns the order of such a line's characters around, and with them those that one glyph
    stands for: an alef of no width comes before its lam, where it should come after.
    """
    glyphs = line.glyphs
    start = 0
    for n, glyph in enumerate(glyphs):
        if glyph.attached and is_leftwards(glyph.char):
            continue
        first = start
        while first < n and _belongs_before(glyphs, first):
            first += 1
        if first < n and is_leftwards(glyph.char):
            glyphs[first : n + 1] = glyphs[first : n + 1][::-1]
        start = n + 1


def _belongs_before(glyphs: Sequence[Glyph], n: int) -> bool:
    """Whether a mark stands on the letter before it, rather than in the ligature after it."""
    is_mark = unicodedata.category(glyphs[n].char) == "Mn"
    return is_mark and n > 0 and not glyphs[n - 1].is_blank


def _find_columns(lines: Sequence[GlyphLine]) -> None:
    """Tell vertical writing that is drawn character by character, each on a line of its own."""
    run: list[GlyphLine] = []
    for line in [*lines, GlyphLine(glyphs=[])]:
        if run and _stands_below(run[-1], line):
            run.append(line)
            continue
        if len(run) >= _MIN_COLUMN:
            for each in run:
                each.vertical, each.across, each.down = True, 0.0, 1.0
        run = [line]


def _stands_below(upper: GlyphLine, lower: GlyphLine) -> bool:
    """Whether two lines are one character each, of East Asia, tightly set under each other."""
    if len(upper.glyphs) != 1 or len(lower.glyphs) != 1 or upper.vertical or lower.vertical:
        return False
    above, below = upper.glyphs[0], lower.glyphs[0]
    wide = all(unicodedata.east_asian_width(each.char) in "WF" for each in (above, below))
    step = (below.y - above.y) / above.size
    level = min(upper.across, lower.across) > 0.9
    return wide and level and abs(below.x - above.x) < 0.1 * above.size and 0.8 < step < 1.3


def _continues_column(last: GlyphLine, line: GlyphLine) -> bool:
    """Whether a line goes on below a column of vertical writing: one more character of it, a
    number across it, a word that lies on its side."""
    if not last.vertical:
        return False
    across = not line.vertical and abs(line.across) > 0.5
    if across and len(line.glyphs) > _MAX_ACROSS:
        return False
    first, size = last.glyphs[0], last.glyphs[0].size
    column = Box.union(*(glyph.box for glyph in last.glyphs[-_MAX_ACROSS:]))
    below = Box.union(*(glyph.box for glyph in line.glyphs))
    middle = (first.box.x0 + first.box.x1) / 2
    if abs((below.x0 + below.x1) / 2 - middle) > 0.4 * size:
        return False
    return -0.5 * size < below.y0 - column.y1 < 1.2 * size


def _continues_word(last: GlyphLine, line: GlyphLine) -> bool:
    """Whether a line begins right where the last one ends, on its baseline."""
    end, start = _visible_end(last), line.glyphs[0]
    if end is None or start.is_blank or end.mono or not _same_direction(last, line):
        return False
    if is_leftwards(end.char) or is_leftwards(start.char):
        return False
    before, after = main_baseline(last), main_baseline(line)
    if before is None or after is None:
        return False
    if abs(before.size - after.size) > 0.1 * before.size:
        return False
    if abs(before.height - after.height) > 0.1 * before.size:
        return False
    size = max(end.size, start.size)
    gap = line.extent(start)[0] - last.extent(end)[1]
    opposite = {script_of(last, end, before), script_of(line, start, after)} == {RAISED, LOWERED}
    return -(_STACKED if opposite else _OVERLAP) * size < gap < _TOUCH * size


def _same_direction(a: GlyphLine, b: GlyphLine) -> bool:
    if not (a.is_straight and b.is_straight):
        return False
    return abs(a.across - b.across) + abs(a.down - b.down) < 0.02


def _visible_end(line: GlyphLine) -> Glyph | None:
    """The last glyph, unless a blank that was drawn follows it."""
    for glyph in reversed(line.glyphs):
        if not glyph.is_blank:
            return glyph
        if not glyph.guessed:
            return None
    return None


def _place_scripts(lines: Sequence[GlyphLine]) -> list[GlyphLine]:
    """The lines, with small raised or lowered pieces put where they stand in larger ones."""
    straight = [line for line in lines if line.is_straight]
    moved: set[int] = set()
    for _, group in groupby(sorted(straight, key=_direction), key=_direction):
        moved |= _place_in(list(group))
    return [line for line in lines if id(line) not in moved]


def _direction(line: GlyphLine) -> tuple[int, int]:
    return round(line.across), round(line.down)


def _place_in(lines: list[GlyphLine]) -> set[int]:
    """Move the small pieces among lines of one direction; gives the ids of those that went."""
    based = [(base, line) for line in lines if (base := main_baseline(line)) is not None]
    based.sort(key=lambda pair: pair[0].height)
    heights = [base.height for base, _ in based]
    moved: set[int] = set()
    for base, piece in based:
        if len(piece.glyphs) > _MAX_SCRIPT or any(glyph.is_blank for glyph in piece.glyphs):
            continue
        reach = 2 * base.size
        low, high = (
            bisect_left(heights, base.height - reach),
            bisect_right(heights, base.height + reach),
        )
        for host_base, host in based[low : min(high, low + _MAX_HOSTS)]:
            if host is not piece and id(host) not in moved and _insert(piece, host, host_base):
                moved.add(id(piece))
                break
    return moved


def _insert(piece: GlyphLine, host: GlyphLine, base: Baseline) -> bool:
    """Put a piece into a line where it touches a glyph of it and covers none."""
    first, last = piece.glyphs[0], piece.glyphs[-1]
    if is_leftwards(host.glyphs[0].char):
        return False
    if first.size > 0.9 * base.size or not script_of(host, first, base):
        return False
    start, end = piece.extent(first)[0], piece.extent(last)[1]
    near, over = 0.25 * base.size, 0.2 * base.size
    place = None
    for n, glyph in enumerate(host.glyphs):
        if glyph.is_blank:
            continue
        low, high = host.extent(glyph)
        if high <= start + over and high >= start - near:
            place = n + 1
        elif low < end - over and high > start + over and not script_of(host, glyph, base):
            return False
    if place is None and -over < host.extent(host.glyphs[0])[0] - end < 2 * near:
        place = 0
    if place is None:
        return False
    host.glyphs[place:place] = piece.glyphs
    return True


def _drop_guessed_blanks(line: GlyphLine) -> None:
    """Drop the blanks that MuPDF puts between glyphs of running text that are too near for one."""
    if not line.is_straight or not any(glyph.guessed for glyph in line.glyphs):
        return
    kept: list[Glyph] = []
    before: Glyph | None = None
    blanks: list[Glyph] = []
    for glyph in line.glyphs:
        if glyph.guessed:
            blanks.append(glyph)
            continue
        if before is None or not _touch(line, before, glyph):
            kept += blanks
        blanks = []
        kept.append(glyph)
        before = before if glyph.attached else glyph
    line.glyphs = kept + blanks


def _touch(line: GlyphLine, before: Glyph, after: Glyph) -> bool:
    if before.is_blank or after.is_blank or before.mono:
        return False
    (a, b), (c, d) = line.extent(before), line.extent(after)
    gap = max(c - b, a - d)
    return gap < _TOUCH * max(before.size, after.size)
