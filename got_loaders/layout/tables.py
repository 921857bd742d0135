"""Tells a table from columns of text: short cells in aligned rows, no column filled with lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from got_loaders.layout.blobs import Boxes, Indices
from got_loaders.layout.gaps import clusters

__all__ = ["is_table"]

_GAP = 1.2
"""Between columns, in letter heights; spaces between words are narrower in one row at least."""
_WIDE = 12
"""A column narrower than so many letter heights holds no running text."""
_FULL = 0.72
"""Lines of running text fill this share of their column's width; most cells do not."""


def is_table(boxes: Boxes, letter: float) -> bool:
    """Whether the letters in ``boxes`` stand in rows and columns of cells."""
    height = boxes[:, 3] - boxes[:, 1]
    boxes = boxes[(height > 0.5 * letter) & (height < 4 * letter)]
    if len(boxes) < 4:
        return False
    columns = clusters(boxes[:, 0], boxes[:, 2], _GAP * letter)
    quarter = (boxes[:, 3] - boxes[:, 1]) / 4
    rows = clusters(boxes[:, 1] + quarter, boxes[:, 3] - quarter, 0)
    if not columns.max() or not rows.max():
        return False
    left, right = _cells(boxes, rows, columns)
    filled = right > left
    if np.mean(filled.sum(axis=1) >= 2) < 0.6 or not _level(boxes, rows, letter):
        return False
    return _are_cells(left, right, filled, letter)


def _cells(boxes: Boxes, rows: Indices, columns: Indices) -> tuple[Boxes, Boxes]:
    """The left and right ends of the ink in each row of each column."""
    shape = int(rows.max()) + 1, int(columns.max()) + 1
    left, right = np.full(shape, np.inf), np.full(shape, -np.inf)
    np.minimum.at(left, (rows, columns), boxes[:, 0])
    np.maximum.at(right, (rows, columns), boxes[:, 2])
    return left, right


def _level(boxes: Boxes, rows: Indices, letter: float) -> bool:
    """Whether the rows are single lines, not columns whose lines stand between each other's."""
    count = int(rows.max()) + 1
    top, bottom = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(top, rows, boxes[:, 1])
    np.maximum.at(bottom, rows, boxes[:, 3])
    return bool(np.median(bottom - top) < 3 * letter)


def _are_cells(left: Boxes, right: Boxes, filled: NDArray[np.bool_], letter: float) -> bool:
    """Whether no column is running text; two columns need more to tell than three."""
    ends = np.max(right, axis=0), np.min(left, axis=0)
    width = ends[0] - ends[1]
    if len(width) == 2 and (width[0] < 2.5 * letter or len(left) < 3):
        return False
    for column in range(len(width)):
        cells = (right - left)[filled[:, column], column]
        text = width[column] > _WIDE * letter and np.median(cells) > _FULL * width[column]
        if text and len(cells) >= 3:
            return False
    return True
