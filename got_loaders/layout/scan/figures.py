"""Puts a picture's labels, which stand beside it or reach into it, back to the picture."""

from __future__ import annotations

import numpy as np

from got_loaders.layout.scan.elements import FIGURE, TEXT, Parts
from got_loaders.layout.scan.intervals import hull
from got_loaders.layout.scan.text_lines import Block

__all__ = ["with_labels"]

_LINES, _WIDTH = 2, 0.5
"""A label has so few lines, and is narrower than this part of its picture."""
_NEAR = 1.5
"""It begins within so many letter heights of the picture."""


def with_labels(parts: Parts, blocks: list[Block]) -> list[Block]:
    """The blocks, small text that stands beside or in a picture being part of its block."""
    boxes = [hull(parts.boxes[block.indices]) for block in blocks]
    owner: dict[int, int] = {}
    for picture, block in enumerate(blocks):
        if block.kind != FIGURE:
            continue
        x0, y0, x1, y1 = boxes[picture]
        near = _NEAR * parts.letter
        for number, other in enumerate(blocks):
            left, top, right, bottom = boxes[number]
            if other.kind != TEXT or other.lines > _LINES:
                continue
            inside = min(right, x1) - max(left, x0) > 0.9 * (right - left)
            beside = min(bottom, y1) - max(top, y0) > 0.5 * (bottom - top)
            small = right - left < _WIDTH * (x1 - x0) and left < x1 + near and right > x0 - near
            if beside and (inside or small):
                owner.setdefault(number, picture)
    result = []
    for number, block in enumerate(blocks):
        mine = [blocks[n].indices for n, picture in owner.items() if picture == number]
        if mine:
            result.append(Block(np.concatenate([block.indices, *mine]), FIGURE))
        elif number not in owner:
            result.append(block)
    return result
