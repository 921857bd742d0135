"""A picture's labels, which stand beside it or reach into it, as part of the picture."""

from __future__ import annotations

import numpy as np

from got_loaders.layout.scan.elements import FIGURE, TEXT, PageElements
from got_loaders.layout.scan.intervals import bounding_box
from got_loaders.layout.scan.text_lines import ScanBlock

__all__ = ["attach_labels"]

_MAX_LINES, _MAX_WIDTH = 2, 0.5
"""A label has so few lines, and is narrower than this part of its picture."""
_NEAR = 1.5
"""It begins within so many letter heights of the picture."""


def attach_labels(page: PageElements, blocks: list[ScanBlock]) -> list[ScanBlock]:
    """The blocks, small text that stands beside or in a picture being part of its block."""
    boxes = [bounding_box(page.boxes[block.indices]) for block in blocks]
    owner: dict[int, int] = {}
    for picture, block in enumerate(blocks):
        if block.kind != FIGURE:
            continue
        x0, y0, x1, y1 = boxes[picture]
        near = _NEAR * page.x_height
        for number, label in enumerate(blocks):
            left, top, right, bottom = boxes[number]
            if label.kind != TEXT or label.lines > _MAX_LINES:
                continue
            inside = min(right, x1) - max(left, x0) > 0.9 * (right - left)
            beside = min(bottom, y1) - max(top, y0) > 0.5 * (bottom - top)
            small = right - left < _MAX_WIDTH * (x1 - x0) and left < x1 + near and right > x0 - near
            if beside and (inside or small):
                owner.setdefault(number, picture)
    result = []
    for number, block in enumerate(blocks):
        labels = [blocks[n].indices for n, picture in owner.items() if picture == number]
        if labels:
            result.append(ScanBlock(np.concatenate([block.indices, *labels]), FIGURE))
        elif number not in owner:
            result.append(block)
    return result
