"""Drops what a page draws twice: fake bold, shadows, pages drawn over themselves. Pure."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from got_loaders.pages.text_layer.glyphs import Glyph, GlyphLine, is_leftwards

_TWIN = 0.15
"""How far apart two glyphs may be, in font sizes, that are one drawn twice. Narrow letters that
follow one another (``ll``, ``||``) are 0.18 apart at least, in the narrowest fonts."""

_TWIN_OVERLAP = 0.4
"""The same for wide letters, in widths of theirs."""

_TWIN_SHIFT = 0.35
"""The same, in font sizes, for narrow letters whose neighbour was found to be drawn twice."""

_MAX_CELL = 12
"""Equal glyphs that are remembered of a place as large as a letter."""


_Places = dict[tuple[str, int, int, int], list[Glyph]]
"""Glyphs by character, by their size, and by where they are."""


def drop_twins(lines: Sequence[GlyphLine]) -> list[GlyphLine]:
    """The lines, without glyphs that stand where an equal one does; lines of blanks go.

    What is seen stays rather than what is not, and else what is drawn first.
    """
    kept: _Places = defaultdict(list)
    copies: _Places = defaultdict(list)  # of the lines before
    dropped: dict[int, dict[int, tuple[float, float]]] = defaultdict(dict)
    for seen in (True, False):
        for number, line in enumerate(lines):
            for n, glyph in enumerate(line.glyphs):
                if glyph.seen != seen or glyph.is_blank or glyph.attached:
                    continue
                near = chain(_near(kept, glyph), _near(copies, glyph))
                twin = next((each for each in near if _is_twin(each, glyph)), None)
                if twin is None:
                    _remember(kept, glyph)
                else:
                    dropped[number][n] = glyph.x - twin.x, glyph.y - twin.y
            for n in dropped.get(number, ()):
                _remember(copies, line.glyphs[n])
    for number, shifts in dropped.items():
        _drop(lines[number], shifts, kept)
    return [line for line in lines if not all(glyph.is_blank for glyph in line.glyphs)]


def _remember(places: _Places, glyph: Glyph) -> None:
    if len(cell := places[_key(glyph)]) < _MAX_CELL:
        cell.append(glyph)


def _drop(line: GlyphLine, shifts: Mapping[int, tuple[float, float]], kept: _Places) -> None:
    """Drop the glyphs of a line that have ``shifts``, what is attached to them, and narrow ones
    that are shifted by as much as most."""
    gone = set(shifts)
    rounded = [(round(x, 1), round(y, 1)) for x, y in shifts.values()]
    common = Counter(rounded).most_common(1)[0][0]
    shift = next(
        each for each, near in zip(shifts.values(), rounded, strict=True) if near == common
    )
    for n, glyph in enumerate(line.glyphs):
        if glyph.is_blank or n in gone:
            continue
        if glyph.attached:
            host = n + 1 if is_leftwards(glyph.char) else n - 1
            while 0 <= host < len(line.glyphs) and line.glyphs[host].attached:
                host += 1 if host > n else -1
            if host in gone:
                gone.add(n)
        elif any(_is_shifted(each, glyph, shift) for each in _near(kept, glyph)):
            gone.add(n)
    line.glyphs = [glyph for n, glyph in enumerate(line.glyphs) if n not in gone]


def _is_twin(first: Glyph, glyph: Glyph) -> bool:
    if abs(first.size - glyph.size) > 0.05 * glyph.size:
        return False
    near = _TWIN * glyph.size
    x, y = abs(first.x - glyph.x), abs(first.y - glyph.y)
    wide = max(near, _TWIN_OVERLAP * min(glyph.box.width, glyph.size))
    high = max(near, _TWIN_OVERLAP * min(glyph.box.height, glyph.size)) if x <= near else near
    return (x <= wide and y <= near) or (x <= near and y <= high)


def _is_shifted(first: Glyph, glyph: Glyph, shift: tuple[float, float]) -> bool:
    x, y = glyph.x - first.x, glyph.y - first.y
    if first is glyph or math.hypot(*shift) > _TWIN_SHIFT * glyph.size or first.size != glyph.size:
        return False
    return bool(x or y) and math.hypot(x - shift[0], y - shift[1]) < 0.03 * glyph.size


def _key(glyph: Glyph) -> tuple[str, int, int, int]:
    scale = round(math.log2(glyph.size / 1.37))  # 5 % more or less is seldom another one
    cell = 0.9 * 2.0**scale  # as far as twins are apart
    return glyph.char, scale, math.floor(glyph.x / cell), math.floor(glyph.y / cell)


def _near(kept: _Places, glyph: Glyph) -> Iterable[Glyph]:
    char, scale, column, row = _key(glyph)
    for x in (column, column - 1, column + 1):
        for y in (row, row - 1, row + 1):
            yield from kept.get((char, scale, x, y), ())
