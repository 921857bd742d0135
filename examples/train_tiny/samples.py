"""A sample: a page in a mode, as images, token ids, and where each token is read.

Knows the processor's resizing and tiling, which it repeats; knows no tensors.
"""

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image
from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import get_optimal_tiled_canvas

from .layouts import MOST_LINES, Generator, Layout
from .pages import NEWLINE, Piece, Spot
from .scans import scanned
from .tokenizer import (
    FIRST_IMAGE_TOKEN,
    IMAGE_SIDE,
    TOKENS_PER_IMAGE,
    TOKENS_PER_SIDE,
    Query,
    prompt_ids,
    to_ids,
)

Mode = Literal["plain", "doc", "format", "blocks", "box", "color", "crop", "multi"]
MODES: tuple[Mode, ...] = ("plain", "doc", "format", "blocks", "box", "color", "crop", "multi")
ZOOMS = (1.0, 1.0, 0.87, 1.2, 1.5, 1.72, 1.72, 1.72, 1.72, 1.72)
"""Pixels per point of the rendering that is then resized: 1.72 is the library's for A4."""
SCAN_ZOOMS = (1.0, 1.0, 1.2, 1.4)
SCANNED_SHARE = 0.15
LETTER_SHARE = 0.25
"""Pages of mode "format" that have nothing to mark up, so that not every line is a heading."""
CROPS = 2
"""Tiles of a page in mode "crop", the thumbnail not counted: pages twice as long as wide."""
TOKEN_SIDE = IMAGE_SIDE // TOKENS_PER_SIDE
NOWHERE = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One thing to learn from.

    `tiles`: uint8 (images, 512, 512, 3). `sources`: position in the sequence of the visual token
    that holds each token of the answer, or -1. `glyphs`: rows of (image, row 0–63, half column
    0–127, token id). `labelled`: the images whose characters are all in `glyphs`.
    """

    mode: Mode
    query: Query
    layouts: tuple[Layout, ...]
    images: tuple[Image.Image, ...]
    tiles: npt.NDArray[np.uint8]
    prompt: list[int]
    answer: list[int]
    sources: list[int]
    glyphs: list[tuple[int, int, int, int]]
    labelled: tuple[int, ...]

    @property
    def text(self) -> str:
        """What a perfect reading gives."""
        return "\n".join(layout.text for layout in self.layouts)


@dataclass(frozen=True, slots=True)
class View:
    """How one page reaches the model: its skew (degrees) and the grid of tiles it is cut into."""

    layout: Layout
    columns: int
    rows: int
    first_image: int
    skew: float = 0.0

    def locate(self, spot: Spot) -> tuple[int, float, float] | None:
        """The image that shows a point of the page, and the pixel there."""
        page = self.layout.page
        x, y = _rotated(spot, page.width / 2, page.height / 2, self.skew)
        x, y = x / page.width * self.columns, y / page.height * self.rows
        if not (0 <= x < self.columns and 0 <= y < self.rows):
            return None
        image = self.first_image + int(y) * self.columns + int(x)
        return image, x % 1 * IMAGE_SIDE, y % 1 * IMAGE_SIDE


def make_sample(
    rng: random.Random, mode: Mode, *, lines: int = MOST_LINES, held_out: bool = False
) -> Sample:
    """A fresh page (two in mode "multi") to be read in this mode."""
    layouts, query = _layouts(Generator(rng, lines, held_out), mode)
    is_scan = rng.random() < SCANNED_SHARE
    zoom = rng.choice(SCAN_ZOOMS if is_scan else ZOOMS)
    white = None if rng.random() < 0.9 else (rng.uniform(0.9, 1),) * 3
    images = [layout.page.render(zoom, white) for layout in layouts]
    skews = [0.0] * len(images)
    if is_scan:
        scans = [scanned(rng, image, color=mode == "color") for image in images]
        images, skews = [image for image, _ in scans], [skew for _, skew in scans]
    return assemble(mode, query, layouts, images, skews)


def assemble(
    mode: Mode,
    query: Query,
    layouts: Iterable[Layout],
    images: Iterable[Image.Image],
    skews: Iterable[float],
) -> Sample:
    """Rendered pages and what to read from them, as the model is to learn it."""
    layouts, images = tuple(layouts), tuple(images)
    tiles: list[npt.NDArray[np.uint8]] = []
    views: list[View] = []
    for layout, image, skew in zip(layouts, images, skews, strict=True):
        columns, rows = _grid(image) if query.crop_to_patches else (1, 1)
        views.append(View(layout, columns, rows, len(tiles), skew))
        tiles += _tiles(image, columns, rows)
    answer, sources = _answer(views)
    glyphs = [glyph for view in views for glyph in _glyphs(view)]
    return Sample(
        mode=mode,
        query=query,
        layouts=layouts,
        images=images,
        tiles=np.stack(tiles),
        prompt=prompt_ids(len(tiles), query),
        answer=answer,
        sources=sources,
        glyphs=glyphs,
        labelled=tuple(v.first_image + i for v in views for i in range(v.columns * v.rows)),
    )


def _layouts(pages: Generator, mode: Mode) -> tuple[list[Layout], Query]:
    match mode:
        case "plain":
            return [pages.plain()], Query()
        case "doc":
            return [pages.document(marked_up=False)], Query()
        case "format":
            bare = pages.rng.random() < LETTER_SHARE
            layout = pages.letter() if bare else pages.document(marked_up=True)
            return [layout], Query(format=True)
        case "blocks":
            return [pages.blocks()], Query()
        case "box":
            layout = pages.boxed()
            return [layout], Query(box=_thousandths(layout))
        case "color":
            layout = pages.framed()
            return [layout], Query(color=layout.color)
        case "crop":
            layout = pages.wide() if pages.rng.random() < 0.7 else pages.tall()
            return [layout], Query(crop_to_patches=True)
        case "multi":
            short = Generator(pages.rng, min(pages.lines, 5), pages.held_out)
            make = (short.plain, short.plain, short.plain, lambda: short.document(marked_up=False))
            return [pages.rng.choice(make)() for _ in range(2)], Query(multi_page=True)


def _thousandths(layout: Layout) -> tuple[int, int, int, int]:
    page, box = layout.page, layout.box
    assert box is not None
    across, down = 1000 / page.width, 1000 / page.height
    return (int(box.x0 * across), int(box.y0 * down), int(box.x1 * across), int(box.y1 * down))


def _grid(image: Image.Image) -> tuple[int, int]:
    """Columns and rows of the tiles that the processor cuts when it is asked for two."""
    side = (IMAGE_SIDE, IMAGE_SIDE)
    columns, rows = get_optimal_tiled_canvas((image.height, image.width), side, CROPS, CROPS)
    return columns, rows


def _tiles(image: Image.Image, columns: int, rows: int) -> list[npt.NDArray[np.uint8]]:
    """Tiles row by row, then a thumbnail of the whole page if there are several."""
    canvas = _resized(image, columns * IMAGE_SIDE, rows * IMAGE_SIDE)
    tiles = [
        canvas[y : y + IMAGE_SIDE, x : x + IMAGE_SIDE]
        for y in range(0, rows * IMAGE_SIDE, IMAGE_SIDE)
        for x in range(0, columns * IMAGE_SIDE, IMAGE_SIDE)
    ]
    return tiles if len(tiles) == 1 else [*tiles, _resized(image, IMAGE_SIDE, IMAGE_SIDE)]


def _resized(image: Image.Image, width: int, height: int) -> npt.NDArray[np.uint8]:
    resized = image.resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(resized.convert("RGB"), np.uint8)


def _answer(views: list[View]) -> tuple[list[int], list[int]]:
    """Token ids of the pages' texts and the end, and the visual token that holds each."""
    tokens: list[str] = []
    sources: list[int] = []
    for index, view in enumerate(views):
        pieces = [NEWLINE, *view.layout.pieces] if index else view.layout.pieces
        tokens += [piece.token for piece in pieces]
        sources += [_source(view, piece) for piece in pieces]
    for index in reversed(range(len(tokens) - 1)):
        # A line break looks ahead to where the next line starts.
        if tokens[index] == "\n" and sources[index] == NOWHERE:
            sources[index] = sources[index + 1]
    return to_ids([*tokens, "<|im_end|>"]), [*sources, NOWHERE]


def _source(view: View, piece: Piece) -> int:
    place = view.locate(piece.spot) if piece.spot else None
    if place is None:
        return NOWHERE
    image, x, y = place
    token = int(y // TOKEN_SIDE) * TOKENS_PER_SIDE + int(x // TOKEN_SIDE)
    return FIRST_IMAGE_TOKEN + image * TOKENS_PER_IMAGE + token


def _glyphs(view: View) -> list[tuple[int, int, int, int]]:
    places = [(char, view.locate(spot)) for char, spot in view.layout.page.glyphs]
    return [
        (place[0], int(place[2] // 8), int(place[1] // 4), to_ids([char])[0])
        for char, place in places
        if place
    ]


def _rotated(spot: Spot, center_x: float, center_y: float, degrees: float) -> Spot:
    """The point after Pillow's `rotate`: counterclockwise, with y downward."""
    if not degrees:
        return spot
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    x, y = spot[0] - center_x, spot[1] - center_y
    return center_x + cos * x + sin * y, center_y - sin * x + cos * y
