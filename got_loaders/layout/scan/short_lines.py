"""Columns of text in short, ragged lines, told from a table of short cells.

Lines of text end because the next word has no room, and columns lie evenly on their page; labels
and their values do neither.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from got_loaders.layout.scan.components import Boxes, Indices
from got_loaders.layout.scan.intervals import clusters, line_labels, sizes, spans, split

__all__ = ["are_running_columns", "are_text_columns"]

_WIDTH = 8.0
"""A column of text is wider than this, in letter heights."""
_GUTTER = 0.5
"""What is further apart, in widths of the narrowest column, is labels and values."""
_SPACE = 0.35
"""Between words there is more white than this, in letter heights."""
_PITCH = 0.06
"""By so much, in steps from column to column, these may differ on an even page."""


@dataclass(frozen=True, slots=True)
class _Need:
    """What columns of text have: the words of a line, the share of lines after which the next word
    had no room, and the share of the column's width that lines fill."""

    words: float
    broken: float
    filled: float


_ANYWHERE = _Need(2.2, 0.6, 0.8)
_ON_AN_EVEN_PAGE = _Need(1.4, 0.3, 0.6)
_BETWEEN_RULES = _Need(2.2, 0.6, 0.75)
_LINES, _GUTTER_HEIGHTS = 6, 1.2
"""Columns between rules have so many lines at least, and gutters so wide, in letter heights."""
_ALL = 0.9
"""The share of the letters that stand in such columns, the rest being headings and captions."""


def are_text_columns(
    boxes: Boxes, rows: Indices, columns: Indices, x_height: float, page_width: float
) -> bool:
    """Whether all columns of aligned rows are running text, in however short lines.

    ``rows`` and ``columns`` say where each of the ``boxes`` stands.
    """
    parts = [columns == column for column in range(int(columns.max()) + 1)]
    left = np.array([boxes[part, 0].min() for part in parts])
    right = np.array([boxes[part, 2].max() for part in parts])
    width = right - left
    if width.min() < _WIDTH * x_height:
        return False
    if _is_even(left, width, x_height, page_width):
        need = _ON_AN_EVEN_PAGE
    elif (left[1:] - right[:-1]).max() < _GUTTER * width.min():
        need = _ANYWHERE
    else:
        return False
    return all(_is_running(boxes[part], rows[part], x_height, need) for part in parts)


def are_running_columns(letters: Boxes, x_height: float) -> bool:
    """Whether nearly all letters stand in one column of running text, or in several."""
    height = sizes(letters)[1]
    letters = letters[(height > 0.5 * x_height) & (height < 3 * x_height)]
    if len(letters) < 10 * _LINES:
        return False
    running = 0
    labels = clusters(letters[:, 0], letters[:, 2], _GUTTER_HEIGHTS * x_height)
    for column in split(np.arange(len(letters)), labels):
        boxes = letters[column]
        rows = line_labels(boxes)
        wide = np.ptp(boxes[:, (0, 2)]) > _WIDTH * x_height
        if wide and rows.max() >= _LINES - 1 and _is_running(boxes, rows, x_height, _BETWEEN_RULES):
            running += len(boxes)
    return running > _ALL * len(letters)


def _is_even(left: Boxes, width: Boxes, x_height: float, page_width: float) -> bool:
    """Whether columns of one width, with gutters and margins of one width, would have these."""
    steps = np.diff(left)
    full = page_width - left[0] - left[-1]
    gutter = steps.mean() - full
    return bool(
        np.ptp(steps) < _PITCH * steps.mean()
        and gutter > x_height
        and width.max() < (1 + _PITCH) * full
        and width.min() > 2 / 3 * full
    )


def _is_running(boxes: Boxes, rows: Indices, x_height: float, need: _Need) -> bool:
    """Whether these lines of one column are broken where they are full."""
    lines = [boxes[row] for row in split(np.arange(len(boxes)), rows)]
    words = [spans(line, _SPACE * x_height) for line in lines if len(line)]
    if len(words) < 2 or np.mean([len(line) for line in words]) < need.words:
        return False
    full = np.ptp(boxes[:, (0, 2)])
    ends = np.array([line[-1][1] - line[0][0] for line in words])
    firsts = np.array([line[0][1] - line[0][0] for line in words])
    broken = np.mean(ends[:-1] + firsts[1:] + _SPACE * x_height > full)
    return bool(broken >= need.broken and ends.mean() >= need.filled * full)
