"""Pieces of pages for tests of blankness: boxes round text and beside it, crops, graph paper.

Boxes are in pixels of their page, which is as large as the model sees it. The same seed gives the
same pieces.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from got_loaders.types import Box
from tests.layout.blank.blank_pages import WORDS
from tests.pages.making import pymupdf

Color = tuple[float, float, float]
Piece = tuple[str, Image.Image, Box]

WHITE, BLACK = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)
FONTS = ("helv", "hebo", "tiro", "tibo", "cour")
COLORS: tuple[tuple[Color, Color], ...] = (
    (WHITE, BLACK),
    (WHITE, (0.4, 0.4, 0.4)),
    (BLACK, WHITE),
    ((0.12, 0.12, 0.14), (0.85, 0.85, 0.8)),
    ((1.0, 0.95, 0.6), (0.7, 0.0, 0.0)),
    ((0.9, 0.9, 0.9), (0.0, 0.0, 0.5)),
    ((0.1, 0.2, 0.5), (1.0, 1.0, 0.4)),
)
"""Paper and ink, light and dark pages."""
SIZES = (6, 8, 10, 12, 16, 24, 48)
"""Points."""
TEXTS = (
    "Hello world",
    "Total 985 USD",
    "1. CALL TO ORDER",
    "i",
    "A",
    "M",
    "W",
    "8",
    "x",
    "WWWW",
    "Il1",
    "fi",
)
DPIS = (72, 96, 110, 150, 200, 300)
VIEW = 1024
"""Pixels: the model sees a page with at least so many to a side."""


def text_boxes(count: int) -> Iterator[Piece]:
    """Words and lines on pages of many colours and sizes of type, some of them on bars of ink."""
    rng = random.Random(11)
    pages = [(*colors, size, bars) for size in SIZES for colors in COLORS for bars in (False, True)]
    each = math.ceil(count / len(pages))
    left = count
    for paper, ink, size, bars in pages:
        with pymupdf.open() as document:
            page = document.new_page(width=595, height=842)
            page.draw_rect(page.rect, color=paper, fill=paper)
            boxes = list(_set_lines(page, paper, ink, size, bars, rng))
            picture, scale = shown(page)
        for box in rng.sample(boxes, min(each, len(boxes), left)):
            left -= 1
            yield f"{size} pt, {ink} on {paper}, bars={bars}", picture, box.scaled(scale, scale)


def _set_lines(
    page: Any, paper: Color, ink: Color, size: int, bars: bool, rng: random.Random
) -> Iterator[Box]:
    """Fill the page with lines; of each the box, and one of a word on it."""
    name = rng.choice(FONTS)
    font, top = pymupdf.Font(name), 60.0
    while top < 800:
        words = [rng.choice((*WORDS, "TOTAL", "1,234.56", "ill")) for _ in range(rng.randint(1, 5))]
        x, width = 40 + rng.random() * 40, font.text_length(" ".join(words), size)
        if x + width < 580:
            line = Box(x, top - 0.73 * size, x + width, top + 0.22 * size)
            if bars:
                page.draw_rect(pymupdf.Rect(line), color=ink, fill=ink, width=2)
            color = paper if bars else ink
            page.insert_text((x, top), " ".join(words), fontsize=size, fontname=name, color=color)
            number = rng.randrange(len(words))
            start = x + font.text_length("".join(f"{word} " for word in words[:number]), size)
            end = start + font.text_length(words[number], size)
            yield line
            yield Box(start, line.y0, end, line.y1)
        top += max(1.6 * size, 80)


def corpus_boxes(folder: Path, count: int) -> Iterator[Piece]:
    """Words and lines of real PDFs, as far as they can be seen."""
    rng = random.Random(5)
    for path in sorted(folder.glob("*.pdf")):
        with pymupdf.open(path) as document:
            if document.needs_pass:
                document.authenticate("openpassword")
            for page in list(document)[:5]:
                picture, scale = shown(page)
                boxes = list(_words_and_lines(page))
                for box in rng.sample(boxes, min(len(boxes), count)):
                    if _is_seen(page, box):
                        yield f"{path.name}, page {page.number}", picture, box.scaled(scale, scale)


def _words_and_lines(page: Any) -> Iterator[Box]:
    lines: dict[tuple[int, int], Any] = {}
    for *corners, text, block, line, _ in page.get_text("words"):
        rect = pymupdf.Rect(corners) * page.rotation_matrix & page.rect
        if text.strip() and rect.width > 1.5 and rect.height > 1.5:
            lines[block, line] = rect | lines.get((block, line), rect)
            yield Box(*rect)
    yield from (Box(*rect) for rect in lines.values())


def _is_seen(page: Any, box: Box) -> bool:
    shown = page.get_pixmap(dpi=150, clip=box, colorspace=pymupdf.csGRAY)
    levels = np.frombuffer(shown.samples, np.uint8)
    return len(levels) > 0 and int(np.ptp(np.quantile(levels, (0.005, 0.995)))) > 60


def shown(page: Any) -> tuple[Image.Image, float]:
    """The page as the model sees it, and its pixels per point."""
    scale = max(VIEW / page.rect.width, VIEW / page.rect.height)
    if max(page.rect) * scale > 4 * VIEW:  # of extreme shape: as large as it is rendered
        scale = 2.5 * VIEW / max(page.rect)
    pixels = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csRGB)
    return Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples), scale


def crops(texts: tuple[str, ...], fonts: tuple[str, ...], dpis: tuple[int, ...]) -> Iterator[
    tuple[str, Image.Image]
]:  # fmt: skip
    """Text of 12 points as small pictures, cut off at its ink and two pixels beside it."""
    for font in fonts:
        for text in texts:
            for dpi in dpis:
                with pymupdf.open() as document:
                    page = document.new_page(width=300, height=60)
                    page.insert_text((20, 30), text, fontsize=12, fontname=font)
                    pixels = page.get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY)
                image = Image.frombytes("L", (pixels.width, pixels.height), pixels.samples)
                left, top, right, bottom = ImageOps.invert(image).getbbox() or (0, 0, 1, 1)
                for rim in (0, 2):
                    box = (left - rim, top - rim, right + rim, bottom + rim)
                    yield f"{text} in {font} at {dpi} dpi, {rim} pixels round it", image.crop(box)


def empty_boxes(page: Image.Image, count: int, seed: int) -> Iterator[Box]:
    """Boxes of all sizes on a page."""
    rng = random.Random(seed)
    for _ in range(count):
        width, height = rng.choice(((40, 20), (300, 30), (500, 300), (900, 600)))
        x, y = rng.randint(0, page.width - width), rng.randint(0, page.height - height)
        yield Box(x, y, x + width, y + height)


def graph_paper(
    step: float, width: float, color: Color, *, dots: bool = False, down: bool = True
) -> Image.Image:
    """A sheet with lines, or dots, of so many points' width at every ``step`` points."""
    scale = VIEW / 595
    rows, columns = (_lines(side, step * scale, width * scale) for side in (1449, VIEW))
    covered = (
        rows[:, None] * columns[None] if dots else np.broadcast_to(rows[:, None], (1449, VIEW))
    )
    if not dots and down:
        covered = 1 - (1 - covered) * (1 - columns[None])
    return _inked(covered, WHITE, color)


def with_text(sheet: Image.Image, text: str, color: Color, *, points: float = 12) -> Image.Image:
    """The sheet with a line of text on it."""
    mask = Image.new("L", sheet.size, 0)
    ImageDraw.Draw(mask).text((300, 700), text, fill=255, font_size=points * VIEW / 595)
    level = tuple(round(255 * share) for share in color)
    return Image.composite(Image.new("RGB", sheet.size, level), sheet, mask)


def _lines(side: int, step: float, width: float) -> np.typing.NDArray[np.float64]:
    """How much of each pixel lines cover."""
    inside: np.typing.NDArray[np.bool_] = np.arange(side * 8) / 8 % step < width
    covered: np.typing.NDArray[np.float64] = inside.reshape(side, 8).mean(axis=1)
    return covered


def _inked(covered: np.typing.NDArray[np.float64], paper: Color, ink: Color) -> Image.Image:
    share = covered[..., None]
    pixels = 255 * (np.array(paper) * (1 - share) + np.array(ink) * share)
    return Image.fromarray(pixels.round().astype(np.uint8))
