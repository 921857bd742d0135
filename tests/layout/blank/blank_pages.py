"""Scanned pages for tests of blankness: empty ones, with all that scanners add, and nearly empty.

The same seed draws the same page. Pixels; 1024 across is what the model sees of a page.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from tests.pages.making import pymupdf

Pixels = npt.NDArray[np.floating]

A4 = (595, 842)
WORDS = [
    "the",
    "river",
    "was",
    "high",
    "in",
    "May",
    "and",
    "old",
    "bridge",
    "is",
    "closed",
    "for",
    "repair",
    "until",
    "further",
    "notice",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dirt:
    """What a scanner adds to a page. ``noise`` and ``bleed`` are grey levels, of 255."""

    paper: tuple[float, float, float] = (250.0, 250.0, 250.0)
    shade: float = 0.0
    noise: float = 0.0
    grain: float = 0.0
    specks: int = 0
    bleed: float = 0.0
    shadow: float = 0.0
    border: bool = False
    holes: int = 0
    quality: int = 95


@dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """The little that stands on a page: ``text`` at a place in points, so much darker than it."""

    text: str
    size: float = 9
    font: str = "helv"
    contrast: float = 200
    at: tuple[float, float] = (297, 820)
    fraction: bool = False


def blank_page(seed: int, size: tuple[int, int] = (1024, 1448)) -> Image.Image:
    """An empty page with whatever dirt the seed says."""
    rng = random.Random(f"blank {seed}")
    return draw(some_dirt(rng), None, rng, size)


def inked_page(
    seed: int, kind: str = "", size: tuple[int, int] = (1024, 1448)
) -> tuple[Image.Image, Ink, Dirt]:
    """A page with hardly anything on it: one of :data:`KINDS`, and dirt."""
    rng = random.Random(f"ink {kind} {seed}")
    dirt = some_dirt(rng)
    ink = KINDS[kind or rng.choice(list(KINDS))](rng)
    return draw(dirt, ink, rng, size), ink, dirt


def some_dirt(rng: random.Random) -> Dirt:
    """Each kind of dirt on some pages, several at once."""

    def maybe(share: float, least: float, most: float) -> float:
        return rng.uniform(least, most) if rng.random() < share else 0.0

    light = rng.uniform(222, 255)
    tint = maybe(0.3, 0, 30)
    return Dirt(
        paper=(light, light - tint / 4, light - tint),
        shade=maybe(0.5, 5, 30),
        noise=maybe(0.7, 1, 7),
        grain=rng.choice((0.0, 0.0, 0.3, 0.7)),
        specks=int(maybe(0.5, 5, 300)),
        bleed=maybe(0.3, 6, 18),
        shadow=maybe(0.3, 30, 150),
        border=rng.random() < 0.3,
        holes=rng.choice((0, 0, 0, 2, 4)),
        quality=rng.randint(35, 95),
    )


def some_line(rng: random.Random) -> Ink:
    """A short line of small type."""
    return Ink(
        text=" ".join(rng.sample(WORDS, rng.randint(2, 5))),
        size=rng.uniform(8, 11),
        font=rng.choice(("helv", "tiro", "cour")),
        contrast=rng.uniform(110, 230),
        at=(rng.uniform(60, 300), rng.uniform(50, 800)),
    )


def some_number(rng: random.Random) -> Ink:
    """A page number where page numbers stand."""
    number = str(rng.randint(1, 400))
    text = rng.choice((number, f"- {number} -", f"Page {number}", "xii"))
    at = (rng.choice((60, 290, 520)), rng.choice((32, 800, 815)))
    contrast = rng.uniform(120, 230)
    return Ink(text=text, size=rng.uniform(8, 11), font="tiro", contrast=contrast, at=at)


def some_pencil(rng: random.Random) -> Ink:
    """A line that is hardly darker than the paper."""
    line = some_line(rng)
    return Ink(text=line.text, size=rng.uniform(11, 16), contrast=rng.uniform(36, 46), at=line.at)


def some_formula(rng: random.Random) -> Ink:
    """A fraction in thin lines."""
    at = (rng.uniform(80, 400), rng.uniform(100, 750))
    size, contrast = rng.uniform(9, 12), rng.uniform(110, 230)
    text = rng.choice(("x + y", "a - b", "2k + 1"))
    return Ink(text=text, size=size, font="tiit", contrast=contrast, at=at, fraction=True)


def some_character(rng: random.Random) -> Ink:
    """One letter or digit of nine points."""
    text = rng.choice("abcdefghiklmnopqrstuvxyzABCDEFGHIKLMNOPQRSTUVWXYZ0123456789")
    at = (rng.uniform(60, 530), rng.uniform(60, 780))
    contrast = rng.uniform(120, 230)
    return Ink(text=text, size=9, font=rng.choice(("helv", "tiro")), contrast=contrast, at=at)


KINDS: dict[str, Callable[[random.Random], Ink]] = {
    "line": some_line,
    "number": some_number,
    "pencil": some_pencil,
    "formula": some_formula,
    "character": some_character,
}


def draw(dirt: Dirt, ink: Ink | None, rng: random.Random, size: tuple[int, int]) -> Image.Image:
    """A page of so many pixels; grey if the paper is."""
    arrays = np.random.default_rng(rng.getrandbits(32))
    light = np.full((size[1], size[0]), 1.0, np.float32) - _shade(dirt, rng, size) / 255
    dark = np.zeros((size[1], size[0]), np.float32)
    if ink is not None:
        dark += _coverage(ink, size) * ink.contrast
    if dirt.bleed:
        dark += _bleed(rng, size) * dirt.bleed
    grey = light - dark / 255
    page = _with_edges(dirt, rng, grey)
    _add_specks(dirt, rng, arrays, page)
    noise = _noise(dirt, arrays, page.shape)
    tinted = len(set(dirt.paper)) > 1
    bands = [page * level + noise for level in (dirt.paper if tinted else dirt.paper[:1])]
    pixels = np.stack(bands, -1).clip(0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    image = Image.fromarray(pixels if tinted else pixels[..., 0])
    image.save(buffer, "JPEG", quality=dirt.quality)
    return Image.open(buffer)


def _shade(dirt: Dirt, rng: random.Random, size: tuple[int, int]) -> Pixels:
    """Uneven light, and the dark strip where a book was not flat."""
    x, y = np.meshgrid(
        np.linspace(0, 1, size[0], dtype=np.float32), np.linspace(0, 1, size[1], dtype=np.float32)
    )
    shade: Pixels = dirt.shade * (x * rng.random() + (y - rng.random()) ** 2 * rng.random())
    if dirt.shadow:
        depth = rng.uniform(0.015, 0.08)
        side = rng.choice((x, 1 - x, y, 1 - y))
        shade += dirt.shadow * np.exp(-side / depth)
    return shade


def _coverage(ink: Ink, size: tuple[int, int]) -> Pixels:
    """How much of each pixel is covered by ink, 0 to 1."""
    with pymupdf.open() as document:
        sheet = document.new_page(width=A4[0], height=A4[1])
        (x, y), step = ink.at, ink.size * 1.25
        sheet.insert_text((x, y), ink.text, fontsize=ink.size, fontname=ink.font)
        if ink.fraction:
            sheet.draw_line((x - 2, y + 3), (x + step * 2.5, y + 3), width=0.5)
            sheet.insert_text((x + 6, y + step), "n", fontsize=ink.size, fontname=ink.font)
        zoom = pymupdf.Matrix(size[0] / A4[0], size[1] / A4[1])
        shown = sheet.get_pixmap(matrix=zoom, colorspace=pymupdf.csGRAY)
        grey = Image.frombytes("L", (shown.width, shown.height), shown.samples)
    return 1 - np.asarray(grey.resize(size), np.float32) / 255


def _bleed(rng: random.Random, size: tuple[int, int]) -> Pixels:
    """The other side's text, mirrored and blurred: 1 where it is darkest."""
    layer = Image.new("L", size, 0)
    pen = ImageDraw.Draw(layer)
    for top in range(size[1] // 12, size[1] * 11 // 12, rng.randint(22, 40)):
        text = " ".join(rng.choice(WORDS) for _ in range(14))
        pen.text((size[0] // 10, top), text, fill=255, font_size=18)
    layer = layer.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    blurred = np.asarray(layer.filter(ImageFilter.GaussianBlur(rng.uniform(1.2, 2.5))), np.float32)
    return blurred / max(1.0, float(blurred.max()))


def _with_edges(dirt: Dirt, rng: random.Random, page: Pixels) -> Pixels:
    """The page askew on the scanner's black glass, and its punched holes."""
    height, width = page.shape
    if dirt.holes:
        radius, x = rng.uniform(0.012, 0.015) * width, rng.uniform(0.045, 0.06) * width
        mask = Image.new("L", (width, height), 0)
        for number in range(dirt.holes):
            y = height * (0.5 + (number - (dirt.holes - 1) / 2) * 0.26)
            box = (x - radius, y - radius, x + radius, y + radius)
            ImageDraw.Draw(mask).ellipse(box, fill=255)
        soft = np.asarray(mask.filter(ImageFilter.GaussianBlur(0.6)), np.float32) / 255
        page = page * (1 - soft) + rng.uniform(0.1, 0.5) * soft
    image = Image.fromarray(page.astype(np.float32))
    if dirt.border:
        image = image.rotate(
            rng.uniform(-1.2, 1.2),
            Image.Resampling.BILINEAR,
            translate=(rng.randint(-12, 12), rng.randint(-12, 12)),
            fillcolor=rng.uniform(0.02, 0.3),
        )
    return np.array(image, np.float32)


def _add_specks(dirt: Dirt, rng: random.Random, arrays: np.random.Generator, page: Pixels) -> None:
    height, width = page.shape
    for _ in range(dirt.specks):
        x, y = int(arrays.integers(3, width - 3)), int(arrays.integers(3, height - 3))
        across, down = rng.choice(((1, 1), (1, 1), (2, 1), (1, 2), (2, 2), (3, 2), (2, 3)))
        page[y : y + down, x : x + across] *= rng.uniform(0.1, 0.8)


def _noise(dirt: Dirt, arrays: np.random.Generator, shape: tuple[int, ...]) -> Pixels:
    noise: Pixels = arrays.standard_normal(shape, np.float32)
    for axis in (0, 1):
        noise = noise + dirt.grain * (np.roll(noise, 1, axis) + np.roll(noise, -1, axis))
    noise *= dirt.noise / noise.std()
    return noise
