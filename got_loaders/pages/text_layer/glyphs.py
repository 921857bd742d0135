"""MuPDF's characters as values, each once: what a page draws twice is dropped. Pure.

It takes the dictionaries of PyMuPDF's ``rawdict``. Places are points, on the page as it is shown.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from got_loaders.pages.text_layer.styled_text import PLAIN, Style
from got_loaders.types import Box

FILLED, STROKED = 16, 32
"""MuPDF's marks of visible characters (``FZ_STEXT_FILLED``, ``FZ_STEXT_STROKED``)."""

_MONOSPACED, _BOLD = 8, 16

_GLYPHLESS = "GlyphLessFont"
"""Tesseract's font: it has no shapes, so its text can't be seen whatever its mode."""

_TWIN = 0.15
"""How far apart two glyphs may be, in font sizes, that are one drawn twice. Narrow letters that
follow one another (``ll``, ``||``) are 0.18 apart at least, in the narrowest fonts."""

_TWIN_OVERLAP = 0.4
"""The same for wide letters, in widths of theirs."""

_TWIN_SHIFT = 0.35
"""The same, in font sizes, for narrow letters whose neighbour was found to be drawn twice."""


_MAX_CELL = 24
"""Equal glyphs that are remembered of a place as large as a letter."""


class Glyph(NamedTuple):
    """A character, where its ink is, and where on the baseline it starts (``x``, ``y``).

    ``attached``: it has no width, since it is part of a ligature or stands above another one.
    ``guessed``: a blank that MuPDF puts where there is a gap.
    """

    char: str
    box: Box
    x: float
    y: float
    size: float
    style: Style = PLAIN
    mono: bool = False
    seen: bool = True
    attached: bool = False
    guessed: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether it separates words."""
        return self.char.isspace()


@dataclass(slots=True, kw_only=True)
class GlyphLine:
    """What MuPDF takes for one line, in its order; ``block`` is the number of its paragraph.

    ``across`` and ``down`` say which way it runs; ``vertical`` ones have upright characters under
    each other.
    """

    glyphs: list[Glyph]
    across: float = 1.0
    down: float = 0.0
    block: int = 0
    vertical: bool = False

    @property
    def is_straight(self) -> bool:
        """Whether it runs along the page's edges, so that boxes tell where its glyphs end."""
        return not self.vertical and min(abs(self.across), abs(self.down)) < 0.01

    def height(self, glyph: Glyph) -> float:
        """How high the glyph stands, seen along the line."""
        return glyph.x * self.down - glyph.y * self.across

    def extent(self, glyph: Glyph) -> tuple[float, float]:
        """Where the glyph begins and ends along a straight line."""
        box = glyph.box
        low, high = (box.x0, box.x1) if abs(self.across) > 0.5 else (box.y0, box.y1)
        return (low, high) if self.across + self.down > 0 else (-high, -low)


def read_glyphs(blocks: Iterable[Mapping[str, Any]]) -> list[GlyphLine]:
    """The lines of PyMuPDF's ``rawdict`` blocks, without twins; lines of blanks are left out."""
    lines = []
    for number, block in enumerate(blocks):
        for line in block.get("lines", ()):
            glyphs = [glyph for span in line["spans"] for glyph in _span_glyphs(span)]
            across, down = line["dir"] if all(map(math.isfinite, line["dir"])) else (1.0, 0.0)
            vertical = bool(line.get("wmode"))
            lines.append(
                GlyphLine(glyphs=glyphs, across=across, down=down, block=number, vertical=vertical)
            )
    _drop_twins(lines)
    return [line for line in lines if not all(glyph.is_blank for glyph in line.glyphs)]


def is_leftwards(char: str) -> bool:
    """Whether a character is of a script that is read from right to left, or stands on one."""
    return unicodedata.bidirectional(char) in ("R", "AL", "NSM")


def _span_glyphs(span: Mapping[str, Any]) -> list[Glyph]:
    style = Style(bold=True) if span["flags"] & _BOLD else PLAIN
    mono, seen = bool(span["flags"] & _MONOSPACED), _visible(span)
    size = max(_finite(span["size"], 10.0), 1.0)
    glyphs = []
    for char in span["chars"]:
        box, attached = _ink(char, size)
        if char["c"].isspace() or _printed(char["c"]):
            x, y = char["origin"]
            glyphs.append(
                Glyph(
                    char["c"],
                    box,
                    _finite(x, box.x0),
                    _finite(y, box.y1),
                    size,
                    style,
                    mono,
                    seen,
                    attached,
                    guessed=bool(char.get("synthetic")),
                )
            )
    return glyphs


def _ink(char: Mapping[str, Any], size: float) -> tuple[Box, bool]:
    """Where its ink is; of a character without ink a dot on the baseline, and that it has none."""
    box = Box(*char["bbox"])
    if all(math.isfinite(v) for v in box) and box.x0 < box.x1 and box.y0 < box.y1:
        return box, False
    x, y = (_finite(value, 0.0) for value in char["origin"])
    side = min(size, 100.0) / 10
    return Box(x, y - side, x + side, y), True


def _visible(span: Mapping[str, Any]) -> bool:
    if span["font"].startswith("Type3"):  # drawn by procedures: MuPDF does not know
        return True
    drawn = span["char_flags"] & (FILLED | STROKED)
    return bool(drawn) and span["alpha"] != 0 and span["font"] != _GLYPHLESS


def _printed(char: str) -> bool:
    """Whether a character shows: no control characters and no joiners of width 0."""
    return unicodedata.category(char) not in ("Cc", "Cs") and char not in "\u200b\u2060\ufeff"


def _finite(value: float, default: float) -> float:
    return float(value) if math.isfinite(value) else default


_Met = dict[tuple[str, int, int, int], list[Glyph]]
"""Glyphs by character, by their size, and by where they are."""


def _drop_twins(lines: Sequence[GlyphLine]) -> None:
    """Drop glyphs that stand where an equal one does: fake bold, shadows, pages drawn twice.

    What is seen stays rather than what is not, and else what is drawn first.
    """
    met: _Met = defaultdict(list)
    dropped: dict[int, dict[int, tuple[float, float]]] = defaultdict(dict)
    for seen in (True, False):
        for number, line in enumerate(lines):
            for n, glyph in enumerate(line.glyphs):
                if glyph.seen != seen or glyph.is_blank or glyph.attached:
                    continue
                twin = next((each for each in _near(met, glyph) if _is_twin(each, glyph)), None)
                if twin is not None:
                    dropped[number][n] = glyph.x - twin.x, glyph.y - twin.y
                if len(cell := met[_key(glyph)]) < _MAX_CELL:
                    cell.append(glyph)
    for number, shifts in dropped.items():
        _drop(lines[number], shifts, met)


def _drop(line: GlyphLine, shifts: Mapping[int, tuple[float, float]], met: _Met) -> None:
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
        elif any(_is_shifted(each, glyph, shift) for each in _near(met, glyph)):
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


def _near(met: _Met, glyph: Glyph) -> Iterable[Glyph]:
    char, scale, column, row = _key(glyph)
    for x in (column, column - 1, column + 1):
        for y in (row, row - 1, row + 1):
            yield from met.get((char, scale, x, y), ())
