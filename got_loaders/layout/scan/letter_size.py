"""How large a page's letters are, whatever frames, photos and bar codes stand among them."""

from __future__ import annotations

import numpy as np

from got_loaders.layout.scan.binarize import Mask
from got_loaders.layout.scan.components import Boxes, Indices
from got_loaders.layout.scan.intervals import centers, sizes

__all__ = ["MIN_X_HEIGHT", "find_x_height", "in_rows"]

MIN_X_HEIGHT = 4.0
"""Pixels: smaller than this nothing can be read."""

_MAX_HEIGHT = 0.05
"""Of the page's longer side: what is taller is a picture, or one of a few very large letters."""
_THIN = 8.0
"""What is taller than so many of its widths is a bar or a rule; only an l may be as thin."""
_FEW = 3
"""Components that tell a size."""


def find_x_height(boxes: Boxes, side: float) -> float:
    """The height of the letters that fill most of the page's lines, in pixels.

    Letters stand beside others of their size, and are small beside the page, whose longer side is
    ``side``. Where there are no such ones, what is most like them tells.
    """
    width, height = sizes(boxes)
    like = (height >= 3) & (width <= 10 * height) & (width >= 2)
    if not like.any():
        return MIN_X_HEIGHT
    small, rows = height <= _MAX_HEIGHT * side, np.zeros(len(boxes), np.bool_)
    letters = np.flatnonzero(like & (height <= _THIN * width))
    rows[letters] = in_rows(boxes[letters])
    for chosen in (rows & small, rows, like & small, like):
        if np.count_nonzero(chosen) >= _FEW:
            like = chosen
            break
    height, width = height[like], np.minimum(width[like], 4 * height[like])
    order = np.argsort(height)
    total = np.cumsum(width[order])
    return max(MIN_X_HEIGHT, float(height[order[np.searchsorted(total, total[-1] / 2)]]))


def in_rows(boxes: Boxes) -> Mask:
    """Which boxes have another of about their height beside them, a letter's width or two away."""
    found = np.zeros(len(boxes), np.bool_)
    if not len(boxes):
        return found
    height = sizes(boxes)[1]
    least, largest = max(1.0, float(height.min())), float(height.max())
    while least <= largest:
        group = np.flatnonzero((height >= least) & (height < 2 * least))
        found[group] |= _beside(boxes[group], least)
        least *= 2**0.5
    return found


def _beside(boxes: Boxes, cell: float) -> Mask:
    """Which boxes end where another begins, or the other way round, by cells of a grid."""
    if len(boxes) < 2:
        return np.zeros(len(boxes), np.bool_)
    low = boxes[:, :2].min(axis=0)
    row = ((centers(boxes)[1] - low[1]) / cell).astype(np.intp) + 1
    start, end = (((boxes[:, n] - low[0]) / cell).astype(np.intp) + 1 for n in (0, 2))
    shape = int(row.max()) + 2, int(end.max()) + 2
    own = end - start <= 1
    starts, ends = (_around(row, column, shape) for column in (start, end))
    found: Mask = (starts[row, end] > own) | (ends[row, start] > own)
    return found


def _around(row: Indices, column: Indices, shape: tuple[int, int]) -> Indices:
    """How many places lie in each cell of a grid and the eight around it."""
    counts = np.bincount(row * shape[1] + column, minlength=shape[0] * shape[1]).reshape(shape)
    down = counts.copy()
    down[1:] += counts[:-1]
    down[:-1] += counts[1:]
    around = down.copy()
    around[:, 1:] += down[:, :-1]
    around[:, :-1] += down[:, 1:]
    return around
