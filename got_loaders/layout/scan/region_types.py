"""What each block of a page is: by its size, its place and its neighbours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from got_loaders.layout.scan.elements import FIGURE, TABLE, PageElements
from got_loaders.layout.scan.intervals import bounding_box, sizes
from got_loaders.layout.scan.lists import find_bullets, is_list
from got_loaders.layout.scan.text_lines import ScanBlock
from got_loaders.types import RegionType

__all__ = ["classify_regions", "is_plate"]

_TITLE = 1.25
"""Titles are larger than most of the page's letters by this factor."""
_BOLD = 1.1
"""Bold letters have more ink than others by this factor."""
_CAPTION, _NEAR = 4, 1.6
"""Lines of a caption at most, and its distance, in steps from line to line."""
_SMALLER = 0.93
"""Captions are often set in smaller type."""

_MIN_PLATE, _MAX_PLATE = 0.25, 0.9
"""Of the page's shorter side, and of the page: how large a picture is that stands there alone."""


def classify_regions(page: PageElements, blocks: list[ScanBlock]) -> list[RegionType]:
    """The type of each block, the blocks being in reading order."""
    boxes = [bounding_box(page.boxes[block.indices]) for block in blocks]
    types: list[RegionType] = [_classify(page, block) for block in blocks]
    for number, kind in enumerate(types):
        if kind in ("figure", "table"):
            for caption in (number + 1, number - 1):
                if _is_caption(page, blocks, boxes, caption, number):
                    types[caption] = "caption"
                    break
    return types


def is_plate(page: PageElements, block: ScanBlock, height: float) -> bool:
    """Whether the only block of a page so high is one large shape: a picture, with no letters.

    Where it reaches from edge to edge it may be the page itself, photographed on a dark table.
    """
    if len(block.indices) > 1:
        return False
    (sides,) = np.stack(sizes(page.boxes[block.indices]), axis=1)
    if min(sides) < _MIN_PLATE * min(page.width, height):
        return False
    return bool(np.multiply(*sides) < _MAX_PLATE * page.width * height)


def _classify(page: PageElements, block: ScanBlock) -> RegionType:
    """The type of a block by itself."""
    if block.kind == FIGURE:
        return "figure"
    if block.kind == TABLE:
        return "table"
    size = min(_relative_sizes(page, block))  # digits and capitals are tall
    if (size > _TITLE and block.lines <= 4) or _is_bold(page, block):
        return "title"
    boxes = page.boxes[block.indices]
    bullets = find_bullets(boxes, page.bullet_candidates, page.x_height)
    return "list" if is_list(boxes, bullets, block.x_height) else "text"


def _relative_sizes(page: PageElements, block: ScanBlock) -> tuple[float, float]:
    """How large a block's usual and tall letters are beside the page's."""
    return block.x_height / page.x_height, block.cap_height / page.cap_height


def _is_bold(page: PageElements, block: ScanBlock) -> bool:
    """Whether a line or two of their own have more ink than the page's letters."""
    boxes = page.boxes[block.indices]
    if block.lines > 2 or len(boxes) < 4:
        return False
    density = page.areas[block.indices] / np.multiply(*sizes(boxes))
    return bool(np.median(density) > _BOLD * page.ink_density)


def _is_caption(
    page: PageElements,
    blocks: list[ScanBlock],
    boxes: list[NDArray[np.float64]],
    number: int,
    figure: int,
) -> bool:
    """Whether a short text stands right above or below a figure, closer than to other text."""
    if not 0 <= number < len(blocks) or not 0 < blocks[number].lines <= _CAPTION:
        return False
    if blocks[number].x_height > _TITLE * page.x_height:
        return False
    gap = _gap(boxes[number], boxes[figure])
    if gap is None or gap > _NEAR * page.line_spacing:
        return False
    if max(_relative_sizes(page, blocks[number])) < _SMALLER:
        return True
    beyond = 2 * number - figure
    next_gap = _gap(boxes[number], boxes[beyond]) if 0 <= beyond < len(blocks) else None
    return gap < page.line_spacing and (next_gap is None or gap < 0.8 * next_gap)


def _gap(a: NDArray[np.float64], b: NDArray[np.float64]) -> float | None:
    """The white space between boxes above each other; None where they are beside each other."""
    across = min(a[2], b[2]) - max(a[0], b[0])
    if across < 0.4 * min(a[2] - a[0], b[2] - b[0]):
        return None
    gap = float(max(a[1] - b[3], b[1] - a[3]))
    return gap if gap > -0.02 * (b[3] - b[1]) - 3 else None
