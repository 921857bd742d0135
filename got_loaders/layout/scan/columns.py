"""Columns of text side by side: white gutters that go down along several lines."""

from __future__ import annotations

import itertools

import numpy as np

from got_loaders.layout.scan.components import Indices
from got_loaders.layout.scan.elements import TEXT, Parts
from got_loaders.layout.scan.intervals import clusters, split

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


def find_columns(parts: Parts, indices: Indices, space: float) -> list[Indices]:
    """The columns that ``indices`` stand in, left to right; just one where there are none."""
    boxes, gap = parts.boxes[indices], GAP * parts.local_letter(indices)
    columns = split(indices, clusters(boxes[:, 0], boxes[:, 2], gap))
    while len(columns) > 1:
        excess = [_excess(parts, *pair, space) for pair in itertools.pairwise(columns)]
        worst = int(np.argmin(excess))
        if excess[worst] >= 0:
            break
        columns[worst : worst + 2] = [np.concatenate(columns[worst : worst + 2])]
    return columns


def _excess(parts: Parts, left: Indices, right: Indices, space: float) -> float:
    """By how much the gutter between two columns is wider than it must be, in letter heights."""
    one, other = parts.boxes[left], parts.boxes[right]
    gap = (other[:, 0].min() - one[:, 2].max()) / parts.letter
    widths = [(box[:, 2].max() - box[:, 0].min()) / parts.letter for box in (one, other)]
    top = max(one[:, 1].min(), other[:, 1].min())
    bottom = min(one[:, 3].max(), other[:, 3].max())
    lines = (bottom - top + parts.pitch - 1.5 * parts.letter) / parts.pitch
    narrow = left if widths[0] < widths[1] else right
    if min(widths) < _NARROW and not (_has_zone(parts, narrow) or is_sidebar(parts, narrow)):
        return float(gap) - 100
    least, words = next((need for count, *need in _LINES if lines >= count), (100.0, 0.0))
    needed = max(least, words * space / parts.letter)
    return float(gap) - needed


def is_sidebar(parts: Parts, indices: Indices) -> bool:
    """Whether this is a line that runs up or down the page: letters one above the other."""
    boxes, letter = parts.boxes[indices], parts.letter
    if np.ptp(boxes[:, (0, 2)]) > _NARROW * letter or np.ptp(boxes[:, (1, 3)]) < 12 * letter:
        return False
    places = split(np.arange(len(boxes)), clusters(boxes[:, 1], boxes[:, 3], 0))
    gaps = [boxes[two, 1].min() - boxes[one, 3].max() for one, two in itertools.pairwise(places)]
    return len(places) >= 6 and float(np.median(gaps)) < _TIGHT * letter


def _has_zone(parts: Parts, indices: Indices) -> bool:
    """Whether this is nothing but pictures, tables and rules."""
    return bool(np.all(parts.kinds[indices] != TEXT))
