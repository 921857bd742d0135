"""A page that knows where each of its characters stands.

Knows no text and no model; PyMuPDF draws it, or Pillow where that is not installed.
Lengths are points, origin top left, y downward; sizes of type are points too.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

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
    """A built-in font of PyMuPDF, by its short name, at a size, in a colour (0–1)."""

    font: str
    size: float
    color: Rgb = BLACK

    def width(self, text: str) -> float:
        """Width of a line of printable ASCII."""
        advances: tuple[float, ...] = _drawing().advances(self.font)
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
        advances, pieces = _drawing().advances(face.font), []
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
        image: Image.Image = _drawing().render(self, zoom, background)
        return image

    def draw_on(self, document: Any, background: Rgb | None = None) -> Any:
        """Append this page to a PDF document of PyMuPDF, with real text and vector shapes."""
        return import_module(".drawing_mupdf", __package__).draw(self, document, background)


def drawn_by() -> str:
    """What draws the pages here: PyMuPDF, or Pillow."""
    name: str = _drawing().NAME
    return name


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
def _drawing() -> Any:
    """The module that draws pages and knows how wide its letters are."""
    try:
        return import_module(".drawing_mupdf", __package__)
    except ImportError:
        return import_module(".drawing_pillow", __package__)
