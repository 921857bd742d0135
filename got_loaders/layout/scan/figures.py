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
_NUMBER = 6.0
"""A number along an axis is narrower than this, in letter heights, and no further away."""


def attach_labels(page: PageElements, blocks: list[ScanBlock]) -> list[ScanBlock]:
    """The blocks, small text that stands beside or in a picture being part of its block."""
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
    if label.lines > _MAX_LINES:
        return False
    if label.lines == 1 and is_number_beside(page, box, picture):
        return True
    near = _NEAR * page.x_height
    if min(bottom, y1) - max(top, y0) > 0.5 * (bottom - top):
        inside = min(right, x1) - max(left, x0) > 0.9 * (right - left)
        small = right - left < _MAX_WIDTH * (x1 - x0) and left < x1 + near and right > x0 - near
        return bool(inside or small)
    marks = spans(page.boxes[label.indices], _FAR * page.x_height)
    along = left > x0 - 2 * _FAR * page.x_height and right < x1 + _FAR * page.x_height
    apart = max(top - y1, y0 - bottom)
    row = len(marks) > 2 and max(end - start for start, end in marks) < 0.25 * (x1 - x0)
    return bool(row and along and apart < page.line_spacing)
