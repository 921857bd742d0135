"""Tells a list from a paragraph: lines begin with a narrow mark, and their text is set in line."""

from __future__ import annotations

import numpy as np

from got_loaders.layout.scan.components import Boxes
from got_loaders.layout.scan.intervals import clusters, hull, split

__all__ = ["bullets", "is_list"]

_MARK = 3.0
"""A bullet or a number is narrower than so many letter heights,"""
_GAP = 0.9
"""so far from its text,"""
_ALIGNED = 0.6
"""and its text begins so exactly below the other lines' text."""
_REACH = 4.0
"""Bullets too small for letters stand so far left of their text at most."""


def bullets(boxes: Boxes, marks: Boxes, letter: float) -> Boxes:
    """Those of the ``marks``, which are too small for letters, that may be a block's bullets."""
    x0, y0, _, y1 = hull(boxes)
    middle = (marks[:, 1] + marks[:, 3]) / 2
    beside = (marks[:, 0] > x0 - _REACH * letter) & (marks[:, 2] < x0 + _REACH * letter)
    return np.asarray(marks[beside & (middle > y0) & (middle < y1)])


def is_list(boxes: Boxes, marks: Boxes, letter: float) -> bool:
    """Whether two lines of letters or more begin with a mark, and all others with hung text."""
    height = boxes[:, 3] - boxes[:, 1]
    boxes = boxes[height > 0.5 * letter]
    if len(boxes) < 6:
        return False
    quarter = (boxes[:, 3] - boxes[:, 1]) / 4
    labels = clusters(boxes[:, 1] + quarter, boxes[:, 3] - quarter, 0)
    starts = []
    for row in split(np.arange(len(boxes)), labels):
        line = boxes[row]
        if len(line) == 1:
            continue  # an accent, or a quotation mark
        top, bottom = np.median(line[:, 1]), np.median(line[:, 3])
        middle = (marks[:, 1] + marks[:, 3]) / 2
        small = marks[(middle > top) & (middle < bottom)]
        starts.append(_start(np.concatenate([line, small]), letter))
    marked = np.array([start for start in starts if start[0] < start[1]])
    if len(marked) < 2:
        return False
    left, text = np.median(marked, axis=0)
    places = np.array(starts)
    hung = np.abs(places[:, 1] - text) < _ALIGNED * letter
    first = (places[:, 0] == places[:, 1]) | (np.abs(places[:, 0] - left) < letter)
    return bool(np.all(hung & first))


def _start(line: Boxes, letter: float) -> tuple[float, float]:
    """Where a line's mark and where its text begin; the same where it begins with a word."""
    line = line[np.argsort(line[:, 0])]
    left = float(line[0, 0])
    gaps = np.flatnonzero(line[1:, 0] - np.maximum.accumulate(line[:, 2])[:-1] > _GAP * letter)
    if not len(gaps):
        return left, left
    first = int(gaps[0])
    narrow = float(line[: first + 1, 2].max()) - left < _MARK * letter
    return (left, float(line[first + 1, 0])) if narrow else (left, left)
