"""How far apart the words of running text stand: in justified lines as far as columns may."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from got_loaders.layout.scan.binarize import Mask
from got_loaders.layout.scan.components import Boxes, Indices
from got_loaders.layout.scan.intervals import line_labels, sizes

__all__ = ["word_space"]

_LONG = 0.75
"""Running text has lines that fill so much of their column,"""
_DENSE = 0.5
"""and so much of their length is letters."""
_SPACE = 0.35
"""Between words there is more white than this, in letter heights."""
_GUTTER = 1.2
"""White that goes down through three lines, and is wider than this, parts columns, not words."""


def word_space(boxes: Boxes, x_height: float) -> float:
    """The space that one in five words of a column's running text has after it, or more.

    0 where there is too little running text.
    """
    height = sizes(boxes)[1]
    boxes = boxes[(height > 0.5 * x_height) & (height < 4 * x_height)]
    if len(boxes) < 10:
        return 0.0
    rows = line_labels(boxes)
    order = np.lexsort((boxes[:, 0], rows))
    boxes, rows = boxes[order], rows[order]
    first = np.flatnonzero(np.diff(rows, prepend=-1))
    length = np.maximum.reduceat(boxes[:, 2], first) - np.minimum.reduceat(boxes[:, 0], first)
    letters = np.add.reduceat(sizes(boxes)[0], first)
    text = (length > _LONG * length.max()) & (letters > _DENSE * length)
    left, right = boxes[:-1, 2], boxes[1:, 0]
    spaces = np.flatnonzero((np.diff(rows) == 0) & (right - left > _SPACE * x_height))
    left, right, row = left[spaces], right[spaces], rows[spaces]
    words = text[row] & ~_in_gutters(left, right, row, _GUTTER * x_height)
    gaps = (right - left)[words]
    return float(np.percentile(gaps, 80)) if len(gaps) >= 8 else 0.0


def _in_gutters(
    left: NDArray[np.float64], right: NDArray[np.float64], row: Indices, width: float
) -> Mask:
    """Which spaces of a page's rows have spaces of the next two rows below them, or above."""
    found = np.zeros(len(row), np.bool_)
    if not len(row):
        return found
    page = float(right.max()) + width
    numbers = np.arange(len(row))
    below = np.searchsorted(row * page + right, (row + 1) * page + left + width, "left")
    inside = np.minimum(below, len(row) - 1)
    start, end = np.maximum(left, left[inside]), np.minimum(right, right[inside])
    fits = (below < len(row)) & (row[inside] == row + 1) & (end - start >= width)
    then = inside[inside]
    through = np.minimum(end, right[then]) - np.maximum(start, left[then]) >= width
    for chain in (numbers, inside, then):
        found[chain[fits & fits[inside] & through]] = True
    return found
