"""A page that knows where each of its characters stands.

Knows PyMuPDF's built-in fonts and how to draw; knows no text and no model.
Lengths are points, origin top left, y downward; sizes of type are points too.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pymupdf
from PIL import Image

Spot = tuple[float, float]
Rgb = tuple[float, float, float]
BLACK: Rgb = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Piece:
    """One token of the text to read, and the centre of its glyph; mark-up stands nowhere."""

    token: str
    spot: Spot | None = None


NEWLINE = Piece("\n")


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: left, top, right, bottom."""

    x0: float
    y0: float
    x1: float
    y1: float

    def grown(self, margin: float, within: "Page") -> "Box":
        """This box with a margin on every side, clipped to the page."""
        return Box(
            max(0.0, self.x0 - margin),
            max(0.0, self.y0 - margin),
            min(within.width, self.x1 + margin),
            min(within.height, self.y1 + margin),
        )


@dataclass(frozen=True, slots=True)
class Face:
    """A built-in font of PyMuPDF at a size, in a colour (0–1)."""

    font: str
    size: float
    color: Rgb = BLACK

    def width(self, text: str) -> float:
        """Width of a line of printable ASCII."""
        advances = _advances(self.font)
        return sum(advances[ord(char)] for char in text) * self.size


@dataclass(slots=True)
class Page:
    """A page under construction: put text and shapes on it, then render it or save it."""

    width: float
    height: float
    runs: list[tuple[Spot, str, Face]] = field(default_factory=list)
    frames: list[tuple[Box, Rgb, float]] = field(default_factory=list)
    rules: list[tuple[Spot, Spot]] = field(default_factory=list)
    glyphs: list[tuple[str, Spot]] = field(default_factory=list)

    def put(self, x: float, y: float, text: str, face: Face) -> tuple[list[Piece], float]:
        """Write a line with its baseline at y; gives its pieces and the x where it ends."""
        self.runs.append(((x, y), text, face))
        advances, pieces = _advances(face.font), []
        for char in text:
            step = advances[ord(char)] * face.size
            spot = (x + step / 2, y - 0.3 * face.size)
            pieces.append(Piece(char, spot))
            if char != " ":
                self.glyphs.append((char, spot))
            x += step
        return pieces, x

    def render(self, zoom: float, background: Rgb | None = None) -> Image.Image:
        """The page as an image of `zoom` pixels per point: RGB, or grey if nothing is framed."""
        space, mode = (pymupdf.csRGB, "RGB") if self.frames else (pymupdf.csGRAY, "L")
        with pymupdf.open() as document:  # type: ignore[no-untyped-call]  # it has no types
            page = self.draw_on(document, background)
            scale = pymupdf.Matrix(zoom, zoom)  # type: ignore[no-untyped-call]  # it has no types
            pixels = page.get_pixmap(matrix=scale, colorspace=space, alpha=False)
            return Image.frombytes(mode, (pixels.width, pixels.height), pixels.samples)

    def draw_on(self, document: pymupdf.Document, background: Rgb | None = None) -> pymupdf.Page:
        """Append this page to a PDF document, with real text and vector shapes."""
        page = document.new_page(width=self.width, height=self.height)
        shape = page.new_shape()  # type: ignore[no-untyped-call]  # it has no types
        if background:
            shape.draw_rect(page.rect)
            shape.finish(color=background, fill=background)
        for box, color, line_width in self.frames:
            shape.draw_rect((box.x0, box.y0, box.x1, box.y1))
            shape.finish(color=color, width=line_width)
        for start, end in self.rules:
            shape.draw_line(start, end)
            shape.finish(color=BLACK, width=1)
        for spot, text, face in self.runs:
            shape.insert_text(spot, text, fontname=face.font, fontsize=face.size, color=face.color)
        shape.commit()
        return page


def literal(text: str) -> list[Piece]:
    """Mark-up, character by character: read, but standing nowhere on the page."""
    return [Piece(char) for char in text]


def joined(lines: Iterable[list[Piece]]) -> list[Piece]:
    """Lines or blocks, one after the other with a line break between."""
    pieces: list[Piece] = []
    for index, line in enumerate(lines):
        pieces += [NEWLINE, *line] if index else line
    return pieces


@cache
def _advances(font: str) -> tuple[float, ...]:
    """Glyph widths of the ASCII characters, in units of the type size."""
    built_in: Any = pymupdf.Font(font)  # type: ignore[no-untyped-call]  # it has no types
    return tuple(built_in.glyph_advance(code) if 32 <= code < 127 else 0.0 for code in range(128))
