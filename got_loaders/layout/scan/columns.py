"""Columns of text side by side: white gutters that go down along several lines."""

from __future__ import annotations

import itertools

import numpy as np

from got_loaders.layout.scan.components import Indices
from got_loaders.layout.scan.elements import TEXT, PageElements
from got_loaders.layout.scan.intervals import bounding_box, clusters, split

__all__ = ["GAP", "find_columns", "is_sidebar"]

GAP = 1.2
"""The narrowest gutter, in letter heights (half an em)."""
_NARROW = 5
"""A column is wider than so many letter heights: bullets and line numbers are none."""
_TIGHT = 0.45
"""Letters of a word stand closer than this, in letter heights; lines do not."""
_LINES = ((8, GAP, 0.0), (5, 1.5, 1.2), (3, 2.0, 1.6), (1.6, 3.5, 2.5))
"""So many lines beside each other, and the gutter that they need: in letter heights, and in spaces
between words, since in few lines such spaces may be below each other by chance."""


def find_columns(page: PageElements, indices: Indices, space: float) -> list[Indices]:
    """The columns that ``indices`` stand in, left to right; just one where there are none."""
    boxes, gap = page.boxes[indices], GAP * page.local_x_height(indices)
    columns = split(indices, clusters(boxes[:, 0], boxes[:, 2], gap))
    while len(columns) > 1:
        excess = [_excess(page, *pair, space) for pair in itertools.pairwise(columns)]
        worst = int(np.argmin(excess))
        if excess[worst] >= 0:
            break
        columns[worst : worst + 2] = [np.concatenate(columns[worst : worst + 2])]
    return columns


def _excess(page: PageElements, left: Indices, right: Indices, space: float) -> float:
    """By how much the gutter between two columns is wider than it must be, in letter heights."""
    a, b = bounding_box(page.boxes[left]), bounding_box(page.boxes[right])
    gap = (b[0] - a[2]) / page.x_height
    widths = [(box[2] - box[0]) / page.x_height for box in (a, b)]
    top, bottom = max(a[1], b[1]), min(a[3], b[3])
    lines = (bottom - top + page.line_spacing - 1.5 * page.x_height) / page.line_spacing
    narrow = left if widths[0] < widths[1] else right
    if min(widths) < _NARROW and not (_is_textless(page, narrow) or is_sidebar(page, narrow)):
        return float(gap) - 100
    min_gap, words = next((need for count, *need in _LINES if lines >= count), (100.0, 0.0))
    return float(gap) - max(min_gap, words * space / page.x_height)


def is_sidebar(page: PageElements, indices: Indices) -> bool:
    """Whether this is a line that runs up or down the page: letters one above the other."""
    boxes, x_height = page.boxes[indices], page.x_height
    if np.ptp(boxes[:, (0, 2)]) > _NARROW * x_height or np.ptp(boxes[:, (1, 3)]) < 12 * x_height:
        return False
    places = split(np.arange(len(boxes)), clusters(boxes[:, 1], boxes[:, 3], 0))
    gaps = [boxes[b, 1].min() - boxes[a, 3].max() for a, b in itertools.pairwise(places)]
    return len(places) >= 6 and float(np.median(gaps)) < _TIGHT * x_height


def _is_textless(page: PageElements, indices: Indices) -> bool:
    """Whether this is nothing but pictures, tables and rules."""
    return bool(np.all(page.kinds[indices] != TEXT))
