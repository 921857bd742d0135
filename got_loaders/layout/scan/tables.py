"""Tells a table from columns of text: short cells in aligned rows, no column filled with lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from got_loaders.layout.scan.components import Boxes, Indices
from got_loaders.layout.scan.intervals import clusters, line_labels, sizes
from got_loaders.layout.scan.short_lines import are_text_columns

__all__ = ["is_table"]

_GAPS = {2: 3.0, 3: 2.0}
"""The least gap between columns, in letter heights, where so few rows have it; words in justified
lines stand so far apart, but not all below each other."""
_GAP = 1.2
"""The same where more rows have it."""
_WORDS = 1.4
"""Columns are further apart than words by this factor."""
_MARK = 0.6
"""What is narrower, alone in its row, is a stop or a speck."""
_FEW = 5
"""So few lines of text may have gaps below each other by chance."""
_WIDE, _WIDEST = 12, 22
"""A column narrower than the one, in letter heights, holds no running text; some columns of a table
may look as if they did, but none that is wider than the other."""
_FULL = 0.72
"""Lines of running text fill this share of their column's width; most cells do not."""


def is_table(boxes: Boxes, x_height: float, space: float = 0.0, page_width: float = np.inf) -> bool:
    """Whether the letters in ``boxes`` stand in rows and columns of cells.

    ``space`` is between words of the text around them; on a page of ``page_width`` short lines
    may be columns of text.
    """
    height = sizes(boxes)[1]
    boxes = boxes[(height > 0.5 * x_height) & (height < 4 * x_height)]
    if len(boxes) < 4:
        return False
    x_height = max(x_height, float(np.median(sizes(boxes)[1])))
    rows = line_labels(boxes)
    count = int(rows.max()) + 1
    gap = _GAPS.get(count, _GAP) * x_height
    columns = clusters(boxes[:, 0], boxes[:, 2], gap)
    if not columns.max() or count < 2:
        return False
    left, right = _cells(boxes, rows, columns)
    whole = (right - left).max(axis=1) > _MARK * x_height
    left, right = left[whole], right[whole]
    count = len(left)
    if count < 2:
        return False
    filled = right > left
    if np.mean(filled.sum(axis=1) >= 2) < (0.6 if count > 3 else 1) or not _level(
        boxes, rows, x_height
    ):
        return False
    if not filled.any(axis=0).all():
        return False
    between = (left.min(axis=0)[1:] - right.max(axis=0)[:-1]).min()
    around = space if count <= _FEW else 0.0
    if between < _WORDS * max(around, _word_gap(boxes, rows, columns, x_height)):
        return False
    if not _are_cells(left, right, filled, x_height):
        return False
    return not are_text_columns(boxes, rows, columns, x_height, page_width)


def _word_gap(boxes: Boxes, rows: Indices, columns: Indices, x_height: float) -> float:
    """The usual space between words of the same cell; 0 where there are few such spaces."""
    order = np.lexsort((boxes[:, 0], columns, rows))
    same = (np.diff(rows[order]) == 0) & (np.diff(columns[order]) == 0)
    gaps = (boxes[order[1:], 0] - boxes[order[:-1], 2])[same]
    gaps = gaps[gaps > 0.4 * x_height]
    return float(np.percentile(gaps, 75)) if len(gaps) > 3 else 0.0


def _cells(boxes: Boxes, rows: Indices, columns: Indices) -> tuple[Boxes, Boxes]:
    """The left and right ends of the ink in each row of each column."""
    shape = int(rows.max()) + 1, int(columns.max()) + 1
    left, right = np.full(shape, np.inf), np.full(shape, -np.inf)
    np.minimum.at(left, (rows, columns), boxes[:, 0])
    np.maximum.at(right, (rows, columns), boxes[:, 2])
    return left, right


def _level(boxes: Boxes, rows: Indices, x_height: float) -> bool:
    """Whether the rows are single lines, not columns whose lines stand between each other's."""
    count = int(rows.max()) + 1
    top, bottom = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(top, rows, boxes[:, 1])
    np.maximum.at(bottom, rows, boxes[:, 3])
    return bool(np.median(bottom - top) < 3 * x_height)


def _are_cells(left: Boxes, right: Boxes, filled: NDArray[np.bool_], x_height: float) -> bool:
    """Whether no column is running text; two columns need more to tell than three."""
    ends = np.max(right, axis=0), np.min(left, axis=0)
    width = ends[0] - ends[1]
    if len(width) == 2 and (width[0] < 2.5 * x_height or len(left) < 3):
        return False
    texts = []
    for column in range(len(width)):
        cells = (right - left)[filled[:, column], column]
        full = len(cells) >= 3 and np.mean(cells > _FULL * width[column]) >= 0.5
        texts.append(width[column] / x_height if full else 0.0)
    running = sum(text > _WIDE for text in texts)
    return max(texts) < _WIDEST and running < max(2, len(texts) / 2)
