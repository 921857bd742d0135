"""Tells a list from a paragraph: lines begin with a narrow mark, and their text is set in line."""

from __future__ import annotations

import numpy as np

from got_loaders.layout.blobs import Boxes
from got_loaders.layout.gaps import clusters, split

__all__ = ["is_list"]

_MARK = 3.0
"""A bullet or a number is narrower than so many letter heights,"""
_GAP = 0.9
"""so far from its text,"""
_ALIGNED = 0.6
"""and its text begins so exactly below the other lines' text."""


def is_list(boxes: Boxes, letter: float) -> bool:
    """Whether at least two lines of letters begin with a mark, and all others with hung text."""
    height = boxes[:, 3] - boxes[:, 1]
    boxes = boxes[height > 0.35 * letter]
    if len(boxes) < 6:
        return False
    quarter = (boxes[:, 3] - boxes[:, 1]) / 4
    rows = split(np.arange(len(boxes)), clusters(boxes[:, 1] + quarter, boxes[:, 3] - quarter, 0))
    starts = [_starts(boxes[row], letter) for row in rows]
    marked = [start for start in starts if start is not None]
    if len(marked) < 2:
        return False
    left, text = np.median(np.array(marked), axis=0)
    for row, start in zip(rows, starts, strict=True):
        at = float(boxes[row, 0].min())
        if start is None and abs(at - text) > _ALIGNED * letter:
            return False
        if start is not None and max(abs(start[0] - left), abs(start[1] - text)) > letter:
            return False
    return True


def _starts(line: Boxes, letter: float) -> tuple[float, float] | None:
    """Where a line's mark and where its text begin; None where it begins with a word."""
    line = line[np.argsort(line[:, 0])]
    gaps = np.flatnonzero(line[1:, 0] - np.maximum.accumulate(line[:, 2])[:-1] > _GAP * letter)
    if not len(gaps):
        return None
    first = int(gaps[0])
    left, right = float(line[0, 0]), float(line[: first + 1, 2].max())
    return (left, float(line[first + 1, 0])) if right - left < _MARK * letter else None
