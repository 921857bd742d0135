"""What each block of a page is: by its size, its place and its neighbours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from got_loaders.layout.gaps import hull
from got_loaders.layout.lines import Block
from got_loaders.layout.parts import FIGURE, TABLE, Parts
from got_loaders.types import RegionType

__all__ = ["region_types"]

_TITLE = 1.25
"""Titles are larger than most of the page's letters by this factor."""
_NEAR = 1.6
"""A caption begins within so many steps of a line from what it describes."""
_CAPTION_LINES = 5


def region_types(parts: Parts, blocks: list[Block]) -> list[RegionType]:
    """The type of each block, the blocks being in reading order."""
    boxes = [hull(parts.boxes[block.indices]) for block in blocks]
    types: list[RegionType] = [_alone(parts, block) for block in blocks]
    for number, kind in enumerate(types):
        beside = [n for n in (number + 1, number - 1) if 0 <= n < len(blocks)]
        if kind in ("figure", "table"):
            texts = [n for n in beside if types[n] == "text"]
            notes = [n for n in texts if _describes(parts, blocks[n], boxes[n], boxes[number])]
            for note in notes[:1]:
                types[note] = "caption"
    return types


def _alone(parts: Parts, block: Block) -> RegionType:
    if block.kind == FIGURE:
        return "figure"
    if block.kind == TABLE:
        return "table"
    if block.size > _TITLE * parts.letter and block.lines <= 4:
        return "title"
    return "text"


def _describes(
    parts: Parts, block: Block, text: NDArray[np.float64], thing: NDArray[np.float64]
) -> bool:
    """Whether a short text stands right above or below the thing, and not beside it."""
    gap = max(text[1] - thing[3], thing[1] - text[3])
    across = min(text[2], thing[2]) - max(text[0], thing[0])
    near = 0 <= gap + parts.letter < (_NEAR + 1) * parts.pitch
    return near and across > 0.5 * (text[2] - text[0]) and block.lines <= _CAPTION_LINES
