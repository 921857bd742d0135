"""Pages of many shapes, as a scanner would see them, with the truth about their blocks.

A block is what a person would call one: lines set at one step in one type, with more white space
before and after than between its lines (half a line more at least), or another size of type there.
Everything about a page is drawn from its seed: paper, type, columns, gaps, dirt and skew.
``strange`` pages take all that from ranges that nothing was tuned on.
"""

from __future__ import annotations

import io
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageFilter

from got_loaders.types import Box, RegionType
from tests.layout.typeset import Block, Sheet, Style

__all__ = ["KINDS", "Scan", "Truth", "scan"]


@dataclass(frozen=True, slots=True)
class Truth:
    """A block of a scan: the upright hulls of its ink, and of its levelled rectangle."""

    type: RegionType
    lines: int
    ink: Box
    rectangle: Box


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """A page's picture, its blocks in reading order, and its skew in degrees clockwise."""

    image: Image.Image
    blocks: tuple[Truth, ...]
    skew: float


@dataclass(slots=True, eq=False)
class Maker:
    """What is the same all over a page."""

    sheet: Sheet
    rng: random.Random
    body: Style
    left: float
    right: float
    bottom: float
    gap: float

    @property
    def step(self) -> float:
        return self.body.size * self.body.leading

    def heading(self, x: float, y: float, width: float) -> float:
        factor = self.rng.choice((1, 1.15, 1.3, 1.5))
        bold = {"helv": "hebo", "tiro": "tibo", "cour": "cobo"}[self.body.font]
        style = replace(self.body, font=bold, size=self.body.size * factor, indent=0)
        y += self.step * self.rng.uniform(0.1, 0.8)
        y = self.sheet.text(x, y, width * self.rng.uniform(0.3, 0.9), 1, style, "title")
        return y + self.step * (self.rng.uniform(0.5, 0.9) if factor < 1.25 else 0.3)

    def column(self, x: float, y: float, width: float, end: float, extra: str = "") -> float:
        """Fill a column from ``y`` to ``end`` with paragraphs, and one extra thing somewhere."""
        place = self.rng.randint(1, 2) if extra else -1
        number = 0
        while True:
            room = int((end - y - 0.3 * self.step) / self.step)
            if room < 2:
                return y
            if number == place:
                y = self.extra(x, y, width, end, extra)
            elif number and room > 6 and self.rng.random() < 0.25:
                y = self.heading(x, y, width)
            else:
                lines = min(room, self.rng.choice((2, 3, 3, 4, 5, 6, 8, 11)))
                lines = min(lines, 4) if number < place else lines
                y = self.sheet.text(x, y, width, lines, self.body) + self.gap
            number += 1

    def extra(self, x: float, y: float, width: float, end: float, extra: str) -> float:
        """A table or a figure with its caption."""
        y += 0.4 * self.step
        note = replace(self.body, size=self.body.size * self.rng.choice((0.85, 0.9, 1)), indent=0)
        if extra == "table":
            most = int((end - y) / (1.9 * self.body.size)) - 1
            columns = max(2, min(self.rng.randint(3, 6), int(width / self.body.size / 6)))
            rows = max(3, min(self.rng.randint(3, 9), most))
            ruled = self.rng.choice(("grid", "lines", "none")) if columns > 2 else "grid"
            size = replace(self.body, size=self.body.size * self.rng.choice((0.9, 1)))
            return self.sheet.table(x, y, width, rows, columns, size, ruled) + 0.9 * self.step
        inset = width * self.rng.choice((0, 0, 0.1))
        height = max(50.0, min(width * self.rng.uniform(0.4, 0.7), end - y - 5 * self.step))
        kind = self.rng.choice(("photo", "chart", "diagram"))
        y = self.sheet.figure(x + inset, y, width - 2 * inset, height, kind)
        y += self.step * self.rng.uniform(0.4, 0.9)
        y = self.sheet.text(x, y, width, self.rng.randint(1, 3), note, "caption")
        return y + max(self.gap, 0.8 * self.step)

    def columns(self, y: float, end: float, count: int, extra: str = "") -> float:
        """Columns side by side, of different lengths; where the longest ends."""
        gutter = self.rng.uniform(*GUTTERS[self.strange])
        width = (self.right - self.left - gutter * (count - 1)) / count
        holder = self.rng.randrange(count)
        ends = []
        for number in range(count):
            last = end - (self.rng.uniform(0, 0.25) * (end - y) if number == count - 1 else 0)
            x = self.left + number * (width + gutter)
            ends.append(self.column(x, y, width, last, extra if number == holder else ""))
        return max(ends)

    strange: bool = False


GUTTERS = ((14, 30), (11, 44))
SIZES = ((9, 12), (7.5, 15))
LEADINGS = ((1.15, 1.45), (1.08, 1.8))


def _one(page: Maker, y: float) -> None:
    page.column(page.left, y, page.right - page.left, page.bottom)


def _two(page: Maker, y: float) -> None:
    page.columns(_title(page, y), page.bottom, 2)


def _three(page: Maker, y: float) -> None:
    page.columns(_title(page, y), page.bottom, 3)


def _table(page: Maker, y: float) -> None:
    if page.rng.random() < 0.6:
        page.column(page.left, y, page.right - page.left, page.bottom, "table")
    else:
        page.columns(y, page.bottom, 2, "table")


def _figure(page: Maker, y: float) -> None:
    if page.rng.random() < 0.4:
        page.column(page.left, y, page.right - page.left, page.bottom, "figure")
    else:
        page.columns(y, page.bottom, 2, "figure")


def _mixed(page: Maker, y: float) -> None:
    """Columns, something across the page, and columns again."""
    y = _title(page, y)
    middle = y + (page.bottom - y) * page.rng.uniform(0.3, 0.45)
    y = page.columns(y, middle, page.rng.choice((2, 2, 3))) + 0.4 * page.step
    width = page.right - page.left
    kind = page.rng.choice(("table", "figure", "text"))
    if kind == "text":
        y = page.sheet.text(page.left, y, width, page.rng.randint(3, 5), page.body) + page.gap
    else:
        y = page.extra(page.left, y, width, page.bottom - 8 * page.step, kind)
    page.columns(y + 0.3 * page.step, page.bottom, page.rng.choice((2, 3)))


KINDS: dict[str, Callable[[Maker, float], None]] = {
    "one": _one, "two": _two, "three": _three,
    "table": _table, "figure": _figure, "mixed": _mixed,
}  # fmt: skip


def _title(page: Maker, y: float) -> float:
    if page.rng.random() < 0.4:
        return y
    style = replace(page.body, size=page.body.size * page.rng.uniform(1.5, 2.2), align="center")
    y = page.sheet.text(
        page.left, y, page.right - page.left, page.rng.randint(1, 2), style, "title"
    )
    return y + page.step * page.rng.uniform(0.5, 1.2)


def scan(kind: str, seed: int, *, strange: bool = False) -> Scan:
    """The page of this kind and seed."""
    rng = random.Random(f"{kind}{seed}{strange}")
    width, height = rng.choice(((595, 842), (612, 792), (516, 729)))
    dpi = rng.uniform(140, 210) if not strange else rng.uniform(110, 300)
    sheet = Sheet(width, height, dpi, rng)
    font = rng.choice(("helv", "tiro", "tiro") if not strange else ("helv", "tiro", "cour"))
    size, leading = rng.uniform(*SIZES[strange]), rng.uniform(*LEADINGS[strange])
    if kind in ("three", "mixed"):
        size = min(size, 10)
    indent = rng.choice((0, 0, size * 1.5))
    body = Style(font, size, leading, rng.random() < 0.6, indent)
    margin = width * rng.uniform(0.07, 0.13)
    top, bottom = height * rng.uniform(0.09, 0.12), height * rng.uniform(0.88, 0.91)
    gap = size * leading * rng.uniform(0.5, 1.1)
    page = Maker(sheet, rng, body, margin, width - margin, bottom, gap, strange)
    small = replace(body, size=size * 0.9, align=rng.choice(("left", "center", "right")), indent=0)
    small = replace(small, justified=False)
    inside = width - 2 * margin
    if rng.random() < 0.6:
        sheet.text(margin, height * 0.045, inside * rng.uniform(0.3, 0.9), 1, small, "header")
    KINDS[kind](page, top)
    if rng.random() < 0.6:
        sheet.text(margin, height * 0.945, inside * rng.uniform(0.1, 1), 1, small, "footer")
    skew = rng.choice((0.0, rng.uniform(-2, 2), rng.uniform(-2, 2), rng.choice((-2.0, 2.0))))
    image = _scanned(
        sheet.image.rotate(-skew, Image.Resampling.BICUBIC, fillcolor=255), rng, strange
    )
    return Scan(image, tuple(_truth(block, skew, image.size) for block in sheet.blocks), skew)


def _truth(block: Block, skew: float, size: tuple[int, int]) -> Truth:
    low, high = block.ink.min(axis=0), block.ink.max(axis=0)
    corners = np.array([[x, y] for x in (low[0], high[0]) for y in (low[1], high[1])])
    return Truth(block.type, block.lines, _hull(block.ink, skew, size), _hull(corners, skew, size))


def _hull(points: np.ndarray, skew: float, size: tuple[int, int]) -> Box:
    cos, sin = math.cos(math.radians(skew)), math.sin(math.radians(skew))
    middle = np.array(size) / 2
    turned = (points - middle) @ np.array([[cos, sin], [-sin, cos]]) + middle
    return Box(*turned.min(axis=0).tolist(), *turned.max(axis=0).tolist())


def _scanned(page: Image.Image, rng: random.Random, strange: bool) -> Image.Image:
    """The page on coloured paper, unevenly lit, blurred, with noise, specks and a black border."""
    noise = np.random.default_rng(rng.randrange(1 << 30))
    if rng.random() < 0.5:
        page = page.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.8)))
    ink = 1 - np.asarray(page, np.float32) / 255
    height, width = ink.shape
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j].astype(np.float32)
    angle, depth = rng.uniform(0, 2 * math.pi), rng.choice((0.0, rng.uniform(0, 0.4)))
    ramp = (x - 0.5) * math.cos(angle) + (y - 0.5) * math.sin(angle)
    light = 1 - depth * np.clip(ramp + 0.5, 0, 1) ** rng.choice((1, 2))
    paper = light * rng.uniform(215, 255)
    grey = paper * (1 - ink * rng.uniform(0.7, 1))
    grey += noise.standard_normal(ink.shape, np.float32) * rng.uniform(0, 18 if strange else 12)
    for _ in range(rng.choice((0, 60, 250))):
        at, side = (rng.randrange(height), rng.randrange(width)), rng.choice((1, 1, 2))
        grey[at[0] : at[0] + side, at[1] : at[1] + side] = rng.choice((20, 60))
    if rng.random() < 0.25:
        side = round(width * rng.uniform(0.005, 0.03))
        grey[:, :side] = 15
    tint = np.array(rng.choice(((1, 1, 1), (1, 0.97, 0.9), (0.92, 0.96, 1))), np.float32)
    pixels = np.clip(grey[..., None] * tint, 0, 255).astype(np.uint8)
    image = Image.fromarray(pixels)
    if rng.random() < 0.4:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=rng.randint(50, 85))
        image = Image.open(buffer).convert("RGB")
    return image
