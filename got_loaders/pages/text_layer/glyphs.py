"""MuPDF's characters as values. Pure.

It takes the dictionaries of PyMuPDF's ``rawdict``. Places are points, on the page as it is shown.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from got_loaders.pages.text_layer.styled_text import PLAIN, Style
from got_loaders.types import Box

FILLED, STROKED = 16, 32
"""MuPDF's marks of visible characters (``FZ_STEXTFILLED``, ``FZ_STEXTSTROKED``)."""

_MONOSPACED, _BOLD = 8, 16

GLYPHLESS = "GlyphLessFont"
"""Tesseract's font: it has no shapes, so its text can't be seen whatever its mode."""


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
    """The lines of PyMuPDF's ``rawdict`` blocks."""
    lines = []
    for number, block in enumerate(blocks):
        for line in block.get("lines", ()):
            glyphs = [glyph for span in line["spans"] for glyph in _span_glyphs(span)]
            across, down = line["dir"] if all(map(math.isfinite, line["dir"])) else (1.0, 0.0)
            vertical = bool(line.get("wmode"))
            lines.append(
                GlyphLine(glyphs=glyphs, across=across, down=down, block=number, vertical=vertical)
            )
    return lines


def is_painted(span: Mapping[str, Any]) -> bool:
    """Whether the letters of one of MuPDF's spans are filled or outlined."""
    return bool(span["char_flags"] & (FILLED | STROKED))


def is_type3(span: Mapping[str, Any]) -> bool:
    """Whether procedures draw its letters: of such fonts MuPDF does not know how."""
    return bool(span["font"].startswith("Type3"))


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
    if is_type3(span):
        return True
    return is_painted(span) and span["alpha"] != 0 and span["font"] != GLYPHLESS


def _printed(char: str) -> bool:
    """Whether a character shows: no control characters and no joiners of width 0."""
    return unicodedata.category(char) not in ("Cc", "Cs") and char not in "\u200b\u2060\ufeff"


def _finite(value: float, default: float) -> float:
    return float(value) if math.isfinite(value) else default
