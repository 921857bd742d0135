"""A picture's labels, which stand beside it or reach into it, as part of the picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from got_loaders.layout.scan.elements import FIGURE, TEXT, PageElements
from got_loaders.layout.scan.intervals import bounding_box, spans
from got_loaders.layout.scan.text_lines import ScanBlock

__all__ = ["attach_labels", "is_number_beside"]

_MAX_LINES, _MAX_WIDTH = 2, 0.5
"""A label has so few lines, and is narrower than this part of its picture."""
_NEAR, _FAR = 1.5, 4.0
"""It begins within so many letter heights of the picture; the marks below an axis are so far
apart."""
_SPARSE = 1.4
"""Lines of a column of labels stand further apart than the page's, by this factor."""
_MAX_ROUNDS = 3
"""Labels beside labels beside labels."""
_NUMBER = 6.0
"""A number along an axis is narrower than this, in letter heights, and no further away."""


def attach_labels(page: PageElements, blocks: list[ScanBlock]) -> list[ScanBlock]:
    """The blocks, small text that stands beside or in a picture being part of its block.

    A picture reaches as far as its labels, and so to those beside them.
    """
    for _ in range(_MAX_ROUNDS):
        more = _attach(page, blocks)
        if len(more) == len(blocks):
            break
        blocks = more
    return blocks


def _attach(page: PageElements, blocks: list[ScanBlock]) -> list[ScanBlock]:
    boxes = [bounding_box(page.boxes[block.indices]) for block in blocks]
    owner: dict[int, int] = {}
    for picture, block in enumerate(blocks):
        if block.kind != FIGURE:
            continue
        for number, label in enumerate(blocks):
            if label.kind == TEXT and _is_label(page, label, boxes[number], boxes[picture]):
                owner.setdefault(number, picture)
    result = []
    for number, block in enumerate(blocks):
        labels = [blocks[n].indices for n, picture in owner.items() if picture == number]
        if labels:
            result.append(ScanBlock(np.concatenate([block.indices, *labels]), FIGURE))
        elif number not in owner:
            result.append(block)
    return result


def is_number_beside(
    page: PageElements, box: NDArray[np.float64], picture: NDArray[np.float64]
) -> bool:
    """Whether so small a box stands beside a picture as a number does along an axis."""
    near, (x0, y0, x1, y1), (left, top, right, bottom) = _NUMBER * page.x_height, picture, box
    beside = min(bottom, y1) - max(top, y0) > 0.5 * (bottom - top)
    return bool(beside and right - left < near and left < x1 + near and right > x0 - near)


def _is_label(
    page: PageElements, label: ScanBlock, box: NDArray[np.float64], picture: NDArray[np.float64]
) -> bool:
    """Whether a text stands in or close beside a picture, or is a row of marks along its edge."""
    (x0, y0, x1, y1), (left, top, right, bottom) = picture, box
    near, far = _NEAR * page.x_height, _FAR * page.x_height
    if label.lines > _MAX_LINES:
        sparse = bottom - top > _SPARSE * (label.lines - 1) * page.line_spacing
        narrow = right - left < _MAX_WIDTH * (x1 - x0) and top > y0 - near and bottom < y1 + near
        beside = x0 - far < right < x0 + near or x1 - near < left < x1 + far
        return bool(sparse and narrow and beside)
    if label.lines == 1 and is_number_beside(page, box, picture):
        return True
    if min(bottom, y1) - max(top, y0) > 0.5 * (bottom - top):
        inside = min(right, x1) - max(left, x0) > 0.9 * (right - left)
        small = right - left < _MAX_WIDTH * (x1 - x0) and left < x1 + near and right > x0 - near
        return bool(inside or small)
    marks = spans(page.boxes[label.indices], far)
    along = left > x0 - 2 * far and right < x1 + far
    apart = max(top - y1, y0 - bottom)
    row = len(marks) > 2 and max(end - start for start, end in marks) < 0.25 * (x1 - x0)
    return bool(row and along and apart < page.line_spacing)
