"""Ink that no region holds: small type beside large, a lone page number. It becomes regions, too.

What is left is dirt where it is smaller than letters can be, or alone among other dirt.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from got_loaders.layout.scan.binarize import Mask
from got_loaders.layout.scan.components import Boxes
from got_loaders.layout.scan.elements import RULE, PageElements
from got_loaders.layout.scan.intervals import bounding_box, centers, sizes
from got_loaders.layout.scan.letter_size import MIN_X_HEIGHT, in_rows
from got_loaders.layout.scan.ruling_lines import group_neighbors

__all__ = ["find_remaining", "place_in_order"]

_Box = NDArray[np.float64]

_WORD = 3
"""Letters beside each other that are no dirt."""
_ALONE = 0.007
"""Of the page's shorter side: what is as high as this is a letter of 6 points or more, also where
it stands alone,"""
_DUSTY = 10
"""unless there are more such than these."""
_APART = 1.5
"""In letter heights, across and down: what is closer belongs together."""
_MAX_MARKS = 20_000
"""More are a raster."""


def find_remaining(
    page: PageElements, is_claimed: Mask, regions: Sequence[Boxes], side: float
) -> list[Boxes]:
    """The boxes of what stands in none of the ``regions``, in groups.

    ``is_claimed`` says which of the page's elements regions are made of; ``side`` is the page's
    shorter one. All in pixels of the deskewed page.
    """
    is_free = (page.kinds != RULE) & ~is_claimed
    ink = _outside(np.concatenate([page.boxes[is_free], page.marks]), regions, page.x_height)
    ink = ink[sizes(ink)[1] >= MIN_X_HEIGHT - 1]
    if not 0 < len(ink) <= _MAX_MARKS:
        return []
    is_letter, height = in_rows(ink), sizes(ink)[1]
    is_alone = ~is_letter & (height >= _ALONE * side)
    if np.count_nonzero(is_alone) > _DUSTY:
        is_alone[:] = False
    ink = ink[is_letter | is_alone]
    if not len(ink):
        return []
    reach = _APART * float(np.median(sizes(ink)[1]))
    groups = group_neighbors(ink, np.arange(len(ink)), reach)
    return [ink[group] for group in groups if _is_type(ink[group], side)]


def _outside(boxes: Boxes, regions: Sequence[Boxes], x_height: float) -> Boxes:
    """Those of the boxes whose middles lie in no region, and not close beside one."""
    x, y = centers(boxes)
    is_free: Mask = np.ones(len(boxes), np.bool_)
    for region in regions:
        x0, y0, x1, y1 = bounding_box(region) + x_height * np.array([-0.5, -0.5, 0.5, 0.5])
        is_free &= (x < x0) | (x > x1) | (y < y0) | (y > y1)
    return boxes[is_free]


def _is_type(boxes: Boxes, side: float) -> bool:
    height = sizes(boxes)[1]
    return len(boxes) >= _WORD or bool(height.max() >= _ALONE * side)


def place_in_order(box: _Box, others: Sequence[_Box]) -> int:
    """Before which of the ``others``, boxes in reading order, one more is read.

    After the nearest one above it, else before the nearest below it, else by its height.
    """
    middle = (box[1] + box[3]) / 2
    above: tuple[float, int] | None = None
    below: tuple[float, int] | None = None
    for number, other in enumerate(others):
        if min(box[2], other[2]) <= max(box[0], other[0]):
            continue
        gap = middle - (other[1] + other[3]) / 2
        if gap >= 0 and (above is None or gap <= above[0]):
            above = float(gap), number
        if gap < 0 and (below is None or -gap < below[0]):
            below = float(-gap), number
    if above is not None:
        return above[1] + 1
    if below is not None:
        return below[1]
    return sum(bool((other[1] + other[3]) / 2 < middle) for other in others)
