"""A picture → where it has ink: a small black-and-white picture, whatever the page's paper.

It knows paper, light, noise and scanners' black borders; it knows nothing of text or layout.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from got_loaders._image_ops import flatten
from got_loaders.layout.ink import MIN_CONTRAST, NOISE_SIGMAS

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

__all__ = ["BinaryImage", "Mask", "binarize"]

Mask = NDArray[np.bool_]

_MAX_PIXELS = 1_920_000
"""What is looked at, however large the picture: an A4 page at 140 dpi."""
_MAX_RUNS = 300_000
"""A page of dense small type has 100,000 runs of ink in its rows; more than this is a raster."""
_TILES = 48
"""Squares along each side in which the paper's colour is taken."""
_SHADE = 40
"""Grey levels by which shades of light, and tints, may differ from the light across the page."""
_MAX_NOISE = 30
"""Grey levels; what varies more is a photograph, or nothing."""
_BORDER = 8
"""A scanner's border is shallower than this part of the page, and longer than it."""


@dataclass(frozen=True, slots=True)
class BinaryImage:
    """``mask[y, x]`` is ink; a pixel of it covers ``x_scale`` by ``y_scale`` of the picture's."""

    mask: Mask
    x_scale: float
    y_scale: float


def binarize(image: Picture) -> BinaryImage:
    """The ink of ``image``, at a bounded size; specks and pictures are ink too."""
    contrast = _contrast(_reduce(flatten(image)))
    threshold = _threshold(contrast.histogram())
    mask = np.asarray(contrast) >= threshold
    mask = _halve_rasters(_clear_borders(mask)) if threshold else mask
    height, width = mask.shape
    return BinaryImage(mask, image.width / width, image.height / height)


def _reduce(image: Picture) -> Picture:
    width, height = image.size
    factor = max(1.0, math.sqrt(width * height / _MAX_PIXELS))
    if factor == 1:
        return image
    across = min(max(1, round(width / factor)), _MAX_PIXELS)
    down = min(max(1, round(height / factor)), _MAX_PIXELS // across)
    across = min(across, _MAX_PIXELS // down)
    return image.resize((across, down), Image.Resampling.BOX, reducing_gap=1.0)


def _contrast(image: Picture) -> Picture:
    """By how much each pixel differs from its paper, in the colour in which it differs most."""
    bands = image.split()
    if len(bands) == 3 and _is_nearly_gray(bands):
        bands = bands[1:2]
    differences = (ImageChops.difference(band, _paper(band)) for band in bands)
    return functools.reduce(ImageChops.lighter, differences)


def _is_nearly_gray(bands: tuple[Picture, ...]) -> bool:
    red, green, blue = bands
    pairs = ((red, green), (green, blue))
    return all(sum(ImageChops.difference(*pair).histogram()[9:]) == 0 for pair in pairs)


def _paper(band: Picture) -> Picture:
    """The band without its ink: its tiles' levels where they fit the light across the page."""
    quarter, half, three = _tiles(np.asarray(band)[::2, ::2])
    typical = _mode(half)
    levels = three if typical >= 128 else quarter  # on dark paper the ink is light
    light = _light(levels, typical)
    levels = np.where(np.abs(levels - light) <= _SHADE, levels, light)
    tiles = Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))
    return tiles.resize(band.size, Image.Resampling.BILINEAR)


def _tiles(values: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The quartiles of each tile: (3, rows, columns)."""
    sides = [max(4, math.ceil(length / _TILES)) for length in values.shape]
    excess = [(0, -length % side) for length, side in zip(values.shape, sides, strict=True)]
    padded = np.pad(values, excess, mode="edge")
    rows, columns = padded.shape[0] // sides[0], padded.shape[1] // sides[1]
    squares = padded.reshape(rows, sides[0], columns, sides[1]).swapaxes(1, 2)
    tiles = squares.reshape(rows, columns, -1)
    ranks = [tiles.shape[2] * n // 4 for n in (1, 2, 3)]
    quartiles = np.partition(tiles, ranks, axis=2)[..., ranks]
    return np.moveaxis(quartiles, 2, 0).astype(np.float64)


def _mode(levels: NDArray[np.float64]) -> float:
    counts = np.bincount(levels.astype(np.intp).ravel() >> 3, minlength=32)
    return float(np.argmax(np.convolve(counts, (1, 2, 1), "same")) * 8 + 4)


def _light(levels: NDArray[np.float64], typical: float) -> NDArray[np.float64]:
    """A smooth surface through the tiles that show paper, from ``typical`` outwards."""
    rows, columns = levels.shape
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
    basis = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1).reshape(-1, 6)
    flat = levels.ravel()
    light = np.full(flat.shape, typical)
    for tolerance in (64, 48, 32, 32):
        near = np.abs(flat - light) <= tolerance
        if np.count_nonzero(near) < 24:
            break
        weights = np.linalg.lstsq(basis[near], flat[near], rcond=None)[0]
        light = np.clip(basis @ weights, flat[near].min(), flat[near].max())
    return light.reshape(rows, columns)


def _threshold(histogram: list[int]) -> float:
    """The least contrast of ink, above the noise of the paper and a share of the darkest ink's.

    0 where most of the picture is no paper: all of it is ink then.
    """
    noise = _noise(histogram)
    if noise > _MAX_NOISE:
        return 0
    return max(MIN_CONTRAST, NOISE_SIGMAS * noise, 0.22 * _quantile(histogram, 0.99))


def _noise(histogram: list[int]) -> float:
    """The paper's deviation from its own colour, if most of the picture is paper."""
    return 1.5 * _quantile(histogram, 0.5)


def _quantile(histogram: list[int], share: float) -> float:
    return float(np.searchsorted(np.cumsum(histogram), share * sum(histogram)))


def _clear_borders(mask: Mask) -> Mask:
    """The mask without the dark rims that a scanner adds along the edges."""
    mask = mask.copy()
    for view in (mask, mask[:, ::-1], mask.T, mask.T[:, ::-1]):
        _wipe(view)
    return mask


def _wipe(view: Mask) -> None:
    """Clear the runs of ink that start at the left edge, where long stretches of it are ink."""
    rows, depth = view.shape[0], view.shape[1] // _BORDER
    if depth == 0 or not view[:, 0].any():
        return
    runs = np.logical_and.accumulate(view[:, :depth], axis=1)
    steps = np.flatnonzero(np.diff(view[:, 0].astype(np.int8), prepend=0, append=0))
    for start, end in steps.reshape(-1, 2):
        if end - start < max(16, rows // _BORDER):
            continue
        lengths = np.count_nonzero(runs[start:end], axis=1)
        width = 2 * int(np.median(lengths)) + 2  # further on it is a line that meets the border
        view[start:end, : min(width, depth)] &= ~runs[start:end, : min(width, depth)]


def _halve_rasters(mask: Mask) -> Mask:
    """The mask, halved until it has a bounded number of runs."""
    while np.count_nonzero(mask[:, 1:] != mask[:, :-1]) > 2 * _MAX_RUNS or _ends(mask) > _MAX_RUNS:
        height, width = (length + length % 2 for length in mask.shape)
        even = np.pad(mask, ((0, height - mask.shape[0]), (0, width - mask.shape[1])))
        counts = even.reshape(height // 2, 2, width // 2, 2).sum(axis=(1, 3))
        mask = counts >= 2
    return mask


def _ends(mask: Mask) -> int:
    """The number of rows that end in ink, and so of runs that no change of colour shows."""
    return int(np.count_nonzero(mask[:, -1]))
