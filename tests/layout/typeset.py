"""Draws paragraphs, tables and pictures on a sheet, and keeps where the ink of each block is."""

from __future__ import annotations

import functools
import importlib
import io
import random
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from got_loaders.types import RegionType

__all__ = ["Block", "Sheet", "Style"]

pymupdf: Any = importlib.import_module("pymupdf")  # untyped, and says that it is typed

SYLLABLES = [
    *("ba", "co", "di", "fe", "gu", "ha", "jo", "ki", "lam", "men", "nor", "pe", "quo", "ris"),
    *("sto", "tra", "ul", "ven", "wy", "xi", "zon", "thi", "gly", "ent", "ing", "able", "tic"),
]


@dataclass(frozen=True, slots=True)
class Style:
    """Type: a font of PyMuPDF's, its size in points, the step of its lines in sizes."""

    font: str
    size: float
    leading: float
    justified: bool = True
    indent: float = 0.0
    align: str = "left"


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """What was drawn as one; ``ink`` are points (x, y) that its ink's hull has, in pixels."""

    type: RegionType
    lines: int
    ink: NDArray[np.float64]


@functools.cache
def font_data(name: str) -> bytes:
    data: bytes = pymupdf.Font(name).buffer
    return data


@dataclass(slots=True, eq=False)
class Sheet:
    """A page while it is being drawn, in reading order; lengths are points."""

    width: float
    height: float
    dpi: float
    rng: random.Random
    blocks: list[Block] = field(default_factory=list)
    image: Image.Image = field(init=False)
    draw: ImageDraw.ImageDraw = field(init=False)

    def __post_init__(self) -> None:
        size = round(self.width * self.dpi / 72), round(self.height * self.dpi / 72)
        self.image = Image.new("L", size, 255)
        self.draw = ImageDraw.Draw(self.image)

    def px(self, *points: float) -> list[float]:
        """Points as pixels."""
        return [value * self.dpi / 72 for value in points]

    def font(self, style: Style) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(io.BytesIO(font_data(style.font)), style.size * self.dpi / 72)

    def word(self) -> str:
        """Something that looks like a word: capitals, digits and stops included."""
        if self.rng.random() < 0.05:
            return str(self.rng.randint(1, 2030))
        text = "".join(self.rng.choices(SYLLABLES, k=self.rng.choice((1, 1, 2, 2, 3, 4))))
        text = text.capitalize() if self.rng.random() < 0.12 else text
        return text + self.rng.choice((",", ".", ";", "")) if self.rng.random() < 0.12 else text

    def text(
        self, x: float, y: float, width: float, lines: int, style: Style, type: RegionType = "text"
    ) -> float:
        """Draw a paragraph with its top at ``y``; where a next line's top would be."""
        font = self.font(style)
        space, full = font.getlength(" "), self.px(width)[0]
        baseline = y + 0.8 * style.size
        for number in range(lines):
            indent = self.px(style.indent)[0] if number == 0 else 0.0
            room = full - indent
            last = number == lines - 1
            if last and lines > 1:
                room *= self.rng.uniform(0.1, 1)
            words, used = [self.word()], 0.0
            used = font.getlength(words[0])
            while used + space < room:
                word = self.word()
                used += space + font.getlength(word)
                if used > room:
                    break
                words.append(word)
            self._line(x, baseline, indent, words, style, full, last)
            baseline += style.size * style.leading
        bottom = baseline - style.size * style.leading + 0.3 * style.size
        self.keep(type, lines, x - 2, y - 0.2 * style.size, x + width + 4, bottom)
        return baseline - 0.8 * style.size

    def _line(
        self, x: float, y: float, indent: float, words: list[str], style: Style, full: float,
        last: bool,
    ) -> None:  # fmt: skip
        font = self.font(style)
        left, base = self.px(x, y)
        length = font.getlength(" ".join(words))
        if style.align == "center":
            left += (full - length) / 2
        elif style.align == "right":
            left += full - length
        else:
            left += indent
        if not style.justified or last or len(words) < 2 or style.align != "left":
            self.draw.text((left, base), " ".join(words), 0, font, anchor="ls")
            return
        widths = [font.getlength(word) for word in words]
        space = (full - indent - sum(widths)) / (len(words) - 1)
        for word, width in zip(words, widths, strict=True):
            self.draw.text((left, base), word, 0, font, anchor="ls")
            left += width + space

    def table(
        self, x: float, y: float, width: float, rows: int, columns: int, style: Style, ruled: str
    ) -> float:
        """Draw a table of short cells, ``ruled`` "grid", "lines" or "none"; its bottom."""
        font, step = self.font(style), style.size * self.rng.uniform(1.3, 1.9)
        shares = [self.rng.uniform(0.7, 1.4) for _ in range(columns)]
        edges = [x + width * sum(shares[:n]) / sum(shares) for n in range(columns + 1)]
        for row in range(rows):
            base = y + row * step + 0.5 * step + 0.35 * style.size
            for column in range(columns):
                room = self.px(edges[column + 1] - edges[column] - 1.6 * style.size)[0]
                text = self._cell(row, column, font, room * self.rng.uniform(0.4, 0.9))
                at = self.px(edges[column] + 0.8 * style.size, base)
                if column and ruled != "none":
                    at[0] += (room - font.getlength(text)) * self.rng.choice((0, 0, 1))
                self.draw.text((at[0], at[1]), text, 0, font, anchor="ls")
        bottom = y + rows * step
        thick = max(1, round(self.dpi / 120))
        levels = {"grid": range(rows + 1), "lines": (0, 1, rows), "none": ()}[ruled]
        for row in levels:
            self.draw.line(self.px(x, y + row * step, x + width, y + row * step), 0, thick)
        for edge in edges if ruled == "grid" else ():
            self.draw.line(self.px(edge, y, edge, bottom), 0, thick)
        self.keep("table", rows, x - 2, y - 2, x + width + 2, bottom + 2)
        return bottom

    def _cell(self, row: int, column: int, font: ImageFont.FreeTypeFont, room: float) -> str:
        if column and row:
            return f"{self.rng.uniform(0, 9999):.{self.rng.choice((0, 1, 2))}f}"
        text = self.word().strip(".,;")
        for _ in range(3):
            longer = f"{text} {self.word()}"
            if font.getlength(longer) > room:
                break
            text = longer
        return text

    def figure(self, x: float, y: float, width: float, height: float, kind: str) -> float:
        """Draw a photo, a chart or a diagram; its bottom."""
        {"photo": self._photo, "chart": self._chart, "diagram": self._diagram}[kind](
            x, y, width, height
        )
        self.keep("figure", 0, x - 2, y - 2, x + width + 2, y + height + 2)
        return y + height

    def _photo(self, x: float, y: float, width: float, height: float) -> None:
        noise = np.random.default_rng(self.rng.randrange(1 << 30))
        tones = noise.integers(20, 200, (7, 9)).astype(np.uint8)
        left, top, across, down = (round(v) for v in self.px(x, y, width, height))
        picture = Image.fromarray(tones).resize((across, down), Image.Resampling.BICUBIC)
        self.image.paste(picture, (left, top))

    def _chart(self, x: float, y: float, width: float, height: float) -> None:
        self.draw.line(self.px(x, y, x, y + height, x + width, y + height), 0, 2)
        steps = self.rng.randint(5, 9)
        points = [
            (x + width * n / steps, y + height * self.rng.uniform(0.05, 0.9))
            for n in range(steps + 1)
        ]
        self.draw.line([v for point in points for v in self.px(*point)], 0, 2)
        for px, py in points[1:-1]:
            self.draw.rectangle(self.px(px - 4, (py + y + height) / 2, px + 4, y + height), 120)

    def _diagram(self, x: float, y: float, width: float, height: float) -> None:
        font = self.font(Style("helv", 9, 1.2))
        self.draw.ellipse(self.px(x, y, x + width * 0.4, y + height), None, 0, 2)
        self.draw.rectangle(
            self.px(x + width * 0.6, y + height * 0.2, x + width, y + height * 0.8), None, 0, 2
        )
        middle = y + height / 2
        self.draw.line(self.px(x + width * 0.4, middle, x + width * 0.6, middle), 0, 2)
        self.draw.text(self.px(x + width * 0.15, middle), "in", 0, font)  # type: ignore[arg-type]  # two

    def keep(self, type: RegionType, lines: int, *box: float) -> None:
        """Note the ink in ``box`` as a block."""
        x0, y0, x1, y1 = (round(value) for value in self.px(*box))
        x0, y0 = max(0, x0), max(0, y0)
        ink = np.asarray(self.image.crop((x0, y0, x1, y1))) < 160
        rows = np.flatnonzero(ink.any(axis=1))
        left = ink[rows].argmax(axis=1)
        right = ink.shape[1] - ink[rows][:, ::-1].argmax(axis=1)
        xs, ys = np.concatenate([left, right]), np.concatenate([rows, rows + 1])
        corners = [np.stack([xs + x0, np.tile(rows + y0 + n, 2)], axis=1) for n in (0, 1)]
        assert len(ys)
        self.blocks.append(Block(type, lines, np.concatenate(corners).astype(np.float64)))
