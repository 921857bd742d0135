"""Tells a blank page by its picture: the model invents text on pages that have none.

It errs on the side of ink: a page is blank only where nothing stands out from its paper but what
scanners add. Paper may be of any colour, unevenly lit, noisy, folded, with the other side shining
through; dirt is small and apart from everything else; black borders and punched holes lie at the
edges. Whatever is larger, or not where such things are, is ink: a stain or a hair, too. It looks
at the picture alone; what a document says about its page is not known here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops

from got_loaders._image_ops import is_gray
from got_loaders.layout.blank.borders import Flags, border_mask, punch_holes
from got_loaders.layout.blank.specks import Numbers, Pixels, only_specks

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

__all__ = ["is_blank"]


@dataclass(frozen=True, slots=True)
class _Sensitivity:
    """What counts as ink: so many grey levels of 255, and so many times the paper's own noise."""

    contrast: int
    noise_sigmas: float


_FINE = _Sensitivity(24, 3.5)
_COARSE = _Sensitivity(16, 5.0)
"""At half the size, where there is less noise, for faint things; a shine-through is fainter."""

_MIN_INK_PIXELS = 5
"""So many in a square of 8 x 8 are worth a look. A hyphen of 9 points on an A4 page that is
squeezed into 1024 pixels has just these. Where pixels stand out all over the page, it must be more
than come together by chance."""
_MAX_SHARE = 0.04
"""A larger share of the page is no dirt."""
_PAPER_CELL = 4
"""The paper's colour is the median of squares of about 5 x 5 cells of so many pixels."""
_MAX_SIDE = 8192
"""Pixels of a side; a page as the model sees it has far fewer."""
_DUSTY = 30
"""So many pixels that stand out alone make a dusty page."""


def is_blank(image: Picture) -> bool:
    """Whether ``image`` shows nothing but paper. Some 10 ms for a page of 1024 x 1448 pixels."""
    image = _reduce(image)
    gray = image.convert("L")
    hidden = border_mask(np.asarray(gray))
    if _has_ink(gray, hidden, _FINE, _COARSE):
        return False
    if image.mode in ("1", "L"):
        return True
    step = min(2, *image.size)
    half = image.convert("RGB").reduce(step)
    if is_gray(half):
        return True
    return not any(_has_ink(band, hidden[::step, ::step], _COARSE) for band in half.split())


def _reduce(image: Picture) -> Picture:
    """The picture of a page that is thin beyond use, no longer than a page would be."""
    across, down = (math.ceil(side / _MAX_SIDE) for side in image.size)
    return image if across == down == 1 else image.reduce((across, down))


def _has_ink(band: Picture, hidden: Flags, *sensitivities: _Sensitivity) -> bool:
    """Whether the band, or it at half its size, shows ink beside what is ``hidden``.

    Punch holes are found at the fine sensitivity, and hidden from then on.
    """
    paper, cell = _paper(band)
    for halves, sensitivity in enumerate(sensitivities, 1):
        step = min(halves, *band.size)  # a strip of one pixel is not halved
        reduced = band.reduce(step)
        box = (1, 1, 1 + band.width / cell, 1 + band.height / cell)
        background = paper.resize(reduced.size, Image.Resampling.BILINEAR, box)
        difference = np.array(ImageChops.difference(reduced, background))
        if sensitivity is _FINE:
            hidden |= punch_holes(np.asarray(band), difference)
        difference[hidden[::step, ::step]] = 0
        if _shows_ink(difference, sensitivity):
            return True
    return False


def _paper(band: Picture) -> tuple[Picture, int]:
    """The band without what is small on it, one pixel a cell, and a rim of one; the cell's side."""
    cell = min(_PAPER_CELL, *band.size)
    small = _median3(_median3(np.asarray(band.reduce(cell)))).astype(np.int16)
    if min(small.shape) < 2:
        return Image.fromarray(np.pad(small, 1, mode="edge").astype(np.uint8)), cell
    rim = np.pad(small, 1, mode="reflect", reflect_type="odd").clip(0, 255)  # goes on as it does
    return Image.fromarray(rim.astype(np.uint8)), cell


def _median3(pixels: Pixels) -> Pixels:
    """The median of each pixel and its eight neighbours: of columns, then of their ranks."""
    height, width = pixels.shape
    around = np.pad(pixels, 1, mode="edge")
    low, middle, high = _ranked(*(around[row : row + height] for row in range(3)))
    shifted = [[rank[:, x : x + width] for x in range(3)] for rank in (low, middle, high)]
    ranks = [_ranked(*columns) for columns in shifted]
    return _ranked(ranks[0][2], ranks[1][1], ranks[2][0])[1]


def _ranked(a: Pixels, b: Pixels, c: Pixels) -> tuple[Pixels, Pixels, Pixels]:
    low, high = np.minimum(a, b), np.maximum(a, b)
    return np.minimum(low, c), np.maximum(low, np.minimum(high, c)), np.maximum(high, c)


def _shows_ink(difference: Pixels, sensitivity: _Sensitivity) -> bool:
    """Whether there is more than noise and dirt in the ``difference`` from the paper."""
    threshold = int(
        np.ceil(max(sensitivity.contrast, sensitivity.noise_sigmas * _noise(difference)))
    )
    places = np.flatnonzero(difference >= threshold)
    if len(places) > _MAX_SHARE * difference.size:
        return True
    rows, columns = np.divmod(places, difference.shape[1])
    dense = _dense(rows, columns, difference.shape)
    dusty = len(places) - int(dense.sum()) >= _DUSTY
    rows, columns = rows[dense], columns[dense]
    return bool(len(rows)) and not only_specks(rows, columns, difference, dusty)


def _noise(difference: Pixels) -> float:
    """The standard deviation of what is no ink: 1.48 times the median, between its two levels."""
    counts = np.cumsum(np.bincount(difference[::2, ::2].ravel(), minlength=256))
    half = counts[-1] / 2
    median = int(np.searchsorted(counts, half))
    below = counts[median - 1] if median else 0
    return float(max(0.0, median - 0.5 + (half - below) / (counts[median] - below))) * 1.4826


def _dense(rows: Numbers, columns: Numbers, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """For each pixel whether it lies in a square of 8 x 8 with enough others."""
    down, across = shape[0] // 4 + 3, shape[1] // 4 + 3
    cells = (rows // 4 + 1) * across + columns // 4 + 1
    counts = np.bincount(cells, minlength=down * across).reshape(down, across)
    usual = 64 * len(rows) / (shape[0] * shape[1])
    threshold = int(_MIN_INK_PIXELS - 1 + usual + 5 * usual**0.5)
    squares = counts[:-1, :-1] + counts[1:, :-1] + counts[:-1, 1:] + counts[1:, 1:]
    full = squares >= max(_MIN_INK_PIXELS, threshold)
    dense = np.zeros(counts.shape, np.bool_)
    for y, x in ((0, 0), (0, 1), (1, 0), (1, 1)):
        dense[y : y + down - 1, x : x + across - 1] |= full
    result: npt.NDArray[np.bool_] = dense.ravel()[cells]
    return result
