"""What each block of a page is: by its size, its place and its neighbours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from got_loaders.layout.scan.elements import FIGURE, TABLE, Parts
from got_loaders.layout.scan.intervals import hull
from got_loaders.layout.scan.lists import bullets, is_list
from got_loaders.layout.scan.text_lines import Block
from got_loaders.types import RegionType

__all__ = ["region_types"]

_TITLE = 1.25
"""Titles are larger than most of the page's letters by this factor."""
_BOLD = 1.1
"""Bold letters have more ink than others by this factor."""
_CAPTION, _NEAR = 4, 1.6
"""Lines of a caption at most, and its distance, in steps from line to line."""
_SMALLER = 0.93
"""Captions are often set in smaller type."""


def region_types(parts: Parts, blocks: list[Block]) -> list[RegionType]:
    """The type of each block, the blocks being in reading order."""
    boxes = [hull(parts.boxes[block.indices]) for block in blocks]
    types: list[RegionType] = [_alone(parts, block) for block in blocks]
    for number, kind in enumerate(types):
        if kind in ("figure", "table"):
            for note in (number + 1, number - 1):
                if _is_caption(parts, blocks, boxes, note, number):
                    types[note] = "caption"
                    break
    return types


def _alone(parts: Parts, block: Block) -> RegionType:
    if block.kind == FIGURE:
        return "figure"
    if block.kind == TABLE:
        return "table"
    size = min(block.small / parts.letter, block.tall / parts.tall)  # figures and capitals are tall
    if size > _TITLE and block.lines <= 4:
        return "title"
    if _is_bold(parts, block):
        return "title"
    boxes = parts.boxes[block.indices]
    marks = bullets(boxes, parts.marks, parts.letter)
    return "list" if is_list(boxes, marks, block.small) else "text"


def _is_bold(parts: Parts, block: Block) -> bool:
    """Whether a line or two of their own have more ink than the page's letters."""
    boxes = parts.boxes[block.indices]
    if block.lines > 2 or len(boxes) < 4:
        return False
    surface = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return bool(np.median(parts.areas[block.indices] / surface) > _BOLD * parts.weight)


def _is_caption(
    parts: Parts, blocks: list[Block], boxes: list[NDArray[np.float64]], note: int, thing: int
) -> bool:
    """Whether a short text stands right above or below the thing, closer than to other text."""
    if not 0 <= note < len(blocks) or not 0 < blocks[note].lines <= _CAPTION:
        return False
    if blocks[note].small > _TITLE * parts.letter:
        return False
    gap = _gap(boxes[note], boxes[thing])
    if gap is None or gap > _NEAR * parts.pitch:
        return False
    if max(blocks[note].small / parts.letter, blocks[note].tall / parts.tall) < _SMALLER:
        return True
    beyond = 2 * note - thing
    other = _gap(boxes[note], boxes[beyond]) if 0 <= beyond < len(blocks) else None
    return gap < parts.pitch and (other is None or gap < 0.8 * other)


def _gap(one: NDArray[np.float64], other: NDArray[np.float64]) -> float | None:
    """The white space between boxes above each other; None where they are beside each other."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    if across < 0.4 * min(one[2] - one[0], other[2] - other[0]):
        return None
    gap = float(max(one[1] - other[3], other[1] - one[3]))
    return gap if gap > -0.02 * (other[3] - other[1]) - 3 else None
