"""How far apart the words of running text stand: in justified lines as far as columns may."""

from __future__ import annotations

import numpy as np

from got_loaders.layout.scan.components import Boxes
from got_loaders.layout.scan.intervals import line_labels, sizes

__all__ = ["word_space"]

_LONG = 0.75
"""Running text has lines that fill so much of their column,"""
_DENSE = 0.5
"""and so much of their length is letters."""
_SPACE = 0.35
"""Between words there is more white than this, in letter heights."""


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
    gaps = boxes[1:, 0] - boxes[:-1, 2]
    gaps = gaps[(np.diff(rows) == 0) & text[rows[1:]]]
    gaps = gaps[gaps > _SPACE * x_height]
    return float(np.percentile(gaps, 80)) if len(gaps) >= 8 else 0.0
