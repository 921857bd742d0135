"""Whether a block is a list: its lines begin with a narrow mark, and their text is set in line."""

from __future__ import annotations

import numpy as np

from got_loaders.layout.scan.components import Boxes
from got_loaders.layout.scan.intervals import bounding_box, centers, line_labels, sizes, split

__all__ = ["find_bullets", "is_list"]

_MARK = 3.0
"""A bullet or a number is narrower than so many letter heights,"""
_GAP = 0.9
"""so far from its text,"""
_ALIGNED = 0.6
"""and its text begins so exactly below the other lines' text."""
_REACH = 4.0
"""Bullets too small for letters stand so far left of their text at most."""


def find_bullets(boxes: Boxes, candidates: Boxes, x_height: float) -> Boxes:
    """Those of the ``candidates``, too small for letters, that may be a block's bullets."""
    x0, y0, _, y1 = bounding_box(boxes)
    reach, middle = _REACH * x_height, centers(candidates)[1]
    beside = (candidates[:, 0] > x0 - reach) & (candidates[:, 2] < x0 + reach)
    return np.asarray(candidates[beside & (middle > y0) & (middle < y1)])


def is_list(boxes: Boxes, bullets: Boxes, x_height: float) -> bool:
    """Whether two lines of letters or more begin with a mark, and all others with hung text."""
    boxes = boxes[sizes(boxes)[1] > 0.5 * x_height]
    if len(boxes) < 6:
        return False
    starts = []
    middle = centers(bullets)[1]
    for row in split(np.arange(len(boxes)), line_labels(boxes)):
        line = boxes[row]
        if len(line) == 1:
            continue  # an accent, or a quotation mark
        top, bottom = np.median(line[:, 1]), np.median(line[:, 3])
        level = bullets[(middle > top) & (middle < bottom)]
        starts.append(_start(np.concatenate([line, level]), x_height))
    marked = np.array([start for start in starts if start[0] < start[1]])
    if len(marked) < 2:
        return False
    left, text = np.median(marked, axis=0)
    firsts, texts = np.array(starts).T
    hung = np.abs(texts - text) < _ALIGNED * x_height
    return bool(np.all(hung & ((firsts == texts) | (np.abs(firsts - left) < x_height))))


def _start(line: Boxes, x_height: float) -> tuple[float, float]:
    """Where a line's mark and where its text begin; the same where it begins with a word."""
    line = line[np.argsort(line[:, 0])]
    left = float(line[0, 0])
    gaps = np.flatnonzero(line[1:, 0] - np.maximum.accumulate(line[:, 2])[:-1] > _GAP * x_height)
    if not len(gaps):
        return left, left
    first = int(gaps[0])
    narrow = float(line[: first + 1, 2].max()) - left < _MARK * x_height
    return (left, float(line[first + 1, 0])) if narrow else (left, left)
