"""Columns of text side by side: white gutters that go down along several lines."""

from __future__ import annotations

import itertools

import numpy as np

from got_loaders.layout.blobs import Indices
from got_loaders.layout.gaps import clusters, split
from got_loaders.layout.parts import FIGURE, RULE, TABLE, Parts

__all__ = ["GAP", "find_columns"]

GAP = 1.2
"""The narrowest gutter, in letter heights (half an em)."""
_NARROW = 5
"""A column is wider than so many letter heights: bullets and line numbers are none."""
_LINES = ((6, GAP), (3, 2.0), (1.6, 3.5))
"""So many lines beside each other, and the gutter in letter heights that they need."""


def find_columns(parts: Parts, indices: Indices) -> list[Indices]:
    """The columns that ``indices`` stand in, left to right; just one where there are none."""
    boxes = parts.boxes[indices]
    columns = split(indices, clusters(boxes[:, 0], boxes[:, 2], GAP * parts.letter))
    while len(columns) > 1:
        excess = [_excess(parts, *pair) for pair in itertools.pairwise(columns)]
        worst = int(np.argmin(excess))
        if excess[worst] >= 0:
            break
        columns[worst : worst + 2] = [np.concatenate(columns[worst : worst + 2])]
    return columns


def _excess(parts: Parts, left: Indices, right: Indices) -> float:
    """By how much the gutter between two columns is wider than it must be, in letter heights."""
    one, other = parts.boxes[left], parts.boxes[right]
    gap = (other[:, 0].min() - one[:, 2].max()) / parts.letter
    widths = [(box[:, 2].max() - box[:, 0].min()) / parts.letter for box in (one, other)]
    top = max(one[:, 1].min(), other[:, 1].min())
    bottom = min(one[:, 3].max(), other[:, 3].max())
    lines = (bottom - top + parts.pitch - 1.5 * parts.letter) / parts.pitch
    if min(widths) < _NARROW and not _has_zone(parts, left, right):
        return float(gap) - 100
    needed = next((needed for count, needed in _LINES if lines >= count), 100.0)
    return float(gap) - needed


def _has_zone(parts: Parts, left: Indices, right: Indices) -> bool:
    """Whether one of the columns is nothing but a picture or a table."""
    return any(
        bool(np.all(np.isin(parts.kinds[side], (FIGURE, TABLE, RULE)))) for side in (left, right)
    )
