"""What is paper in a picture, and by how much ink stands out from it: one judgement for all.

Whether a page, a box or a small picture is blank, how high a region's lines are, what colour goes
on around a region, and from which contrast on a scan has components: all of it is said by these.
Paper may be of any colour and unevenly lit; nothing is known here of text, dirt or pages.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

__all__ = ["MIN_CONTRAST", "NOISE_SIGMAS", "LocalPaper", "Pixels", "local_paper", "paper_color"]

Pixels = npt.NDArray[np.uint8]

MIN_CONTRAST = 24
"""Grey levels of 255 by which ink differs from its paper at least."""
NOISE_SIGMAS = 3.5
"""Deviations of the paper's noise above which ink is."""

_CELL = 4
"""Pixels of a cell's side; the paper's colour is the median of squares of about 5 x 5 cells."""
_THIN = 12
"""Grey levels by which a cell's mean is off its median where something thin crosses it."""
_MAX_SIDE = 512
"""Pixels along a picture's side in which the colour of its edge is looked for."""


@dataclass(frozen=True, slots=True)
class LocalPaper:
    """A band without what is small on it: one pixel a cell, with a rim of one around them."""

    cells: Picture
    box: tuple[float, float, float, float]
    """The band's place in ``cells``."""

    def at(self, size: tuple[int, int]) -> Picture:
        """The paper's level at each pixel of the band, or of the band reduced to ``size``."""
        return self.cells.resize(size, Image.Resampling.BILINEAR, self.box)


def local_paper(band: Picture) -> LocalPaper:
    """The paper of a band of eight bits, as it is around each place.

    What is larger than some 20 pixels is paper itself but for its edges.
    """
    cell = min(_CELL, *band.size)
    small = _median3(_median3(_cells(band, cell))).astype(np.int16)
    box = (1.0, 1.0, 1 + band.width / cell, 1 + band.height / cell)
    if min(small.shape) < 2:
        return LocalPaper(Image.fromarray(np.pad(small, 1, mode="edge").astype(np.uint8)), box)
    rim = np.pad(small, 1, mode="reflect", reflect_type="odd").clip(0, 255)  # goes on as it does
    return LocalPaper(Image.fromarray(rim.astype(np.uint8)), box)


def paper_color(image: Picture) -> tuple[int, int, int]:
    """The colour that most of an RGB picture's edge has: the paper where things lie on it."""
    factor = max(1, math.ceil(max(image.size) / _MAX_SIDE))
    pixels = np.asarray(image)[::factor, ::factor]
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    red, green, blue = np.median(edge, axis=0).round().astype(int).tolist()
    return red, green, blue


def _cells(band: Picture, cell: int) -> Pixels:
    """The level of each square of ``cell`` pixels.

    Its mean, which noise sways least; where something thin crosses it, as lines do everywhere on
    graph paper, its median.
    """
    means: Pixels = np.asarray(band.reduce(cell))
    medians = _cell_medians(np.asarray(band), cell)
    off = np.maximum(means, medians) - np.minimum(means, medians)
    cells: Pixels = np.where(off >= _THIN, medians, means)
    return cells


def _cell_medians(pixels: Pixels, cell: int) -> Pixels:
    """Of each square of ``cell`` pixels the median of its rows' medians."""
    height, width = pixels.shape
    padded = np.pad(pixels, ((0, -height % cell), (0, -width % cell)), mode="edge")
    rows = _median([padded[:, x::cell] for x in range(cell)])
    return _median([rows[y::cell] for y in range(cell)])


def _median3(pixels: Pixels) -> Pixels:
    """The median of each pixel and its eight neighbours: of columns, then of their ranks."""
    height, width = pixels.shape
    around = np.pad(pixels, 1, mode="edge")
    low, middle, high = _ranked(*(around[row : row + height] for row in range(3)))
    shifted = [[rank[:, x : x + width] for x in range(3)] for rank in (low, middle, high)]
    ranks = [_ranked(*columns) for columns in shifted]
    return _ranked(ranks[0][2], ranks[1][1], ranks[2][0])[1]


def _median(values: list[Pixels]) -> Pixels:
    """The median, pixel by pixel, of one to four pictures."""
    if len(values) < 3:
        return _mean(values[0], values[-1])
    low, middle, high = _ranked(*values[:3])
    if len(values) == 3:
        return middle
    inner = np.maximum(low, np.minimum(middle, values[3]))
    return _mean(inner, np.minimum(high, np.maximum(middle, values[3])))


def _ranked(a: Pixels, b: Pixels, c: Pixels) -> tuple[Pixels, Pixels, Pixels]:
    low, high = np.minimum(a, b), np.maximum(a, b)
    return np.minimum(low, c), np.maximum(low, np.minimum(high, c)), np.maximum(high, c)


def _mean(a: Pixels, b: Pixels) -> Pixels:
    """The mean, rounded down, within eight bits."""
    mean: Pixels = (a >> 1) + (b >> 1) + (a & b & 1)
    return mean
