"""The whitespace method: a page's picture → its regions in reading order, without a model."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from got_loaders.layout import MAX_REGIONS
from got_loaders.layout.scan.binarize import BinaryImage, binarize
from got_loaders.layout.scan.components import Boxes, Indices, find_components
from got_loaders.layout.scan.elements import TEXT, PageElements, find_elements
from got_loaders.layout.scan.figures import attach_labels, is_number_beside
from got_loaders.layout.scan.headers_footers import running_footers, running_headers
from got_loaders.layout.scan.intervals import bounding_box
from got_loaders.layout.scan.letter_size import find_x_height
from got_loaders.layout.scan.lists import find_bullets
from got_loaders.layout.scan.overlaps import merge_overlapping
from got_loaders.layout.scan.punctuation import attach_punctuation
from got_loaders.layout.scan.region_types import classify_regions, is_plate
from got_loaders.layout.scan.remaining_ink import find_remaining, place_in_order
from got_loaders.layout.scan.skew import find_skew
from got_loaders.layout.scan.text_lines import ScanBlock
from got_loaders.layout.scan.xy_cut import split_into_bands, xy_cut
from got_loaders.types import Box, Region, RegionType

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

__all__ = ["find_regions"]

_Regions = list[tuple[Boxes, RegionType]]


def find_regions(image: Picture) -> tuple[Region, ...]:
    """The regions of a page's picture, in the order in which they are read; blocks.

    A region's box is in pixels of ``image``: the upright hull of the deskewed rectangle around its
    ink, within the picture. A page that falls into more than ``MAX_REGIONS`` is no page of text: it
    is taken as one region. An empty page has none.
    """
    binary = binarize(image)
    components = find_components(binary.mask)
    upright = components.boxes()
    if not len(upright):
        return ()
    x_height = find_x_height(upright, max(binary.mask.shape))
    skew = find_skew(upright, x_height)
    page = find_elements(components, components.boxes(skew), x_height, skew, binary.mask.shape[1])
    if not len(page.boxes):
        return ()
    regions = []
    for boxes, kind in _regions(page, *binary.mask.shape):
        box = _upright_box(boxes, skew, binary).clipped(*image.size)
        if box is not None:
            regions.append(Region(box=box, type=kind, skew=round(skew, 3)))
    return tuple(regions)


def _regions(page: PageElements, height: float, width: float) -> _Regions:
    """The boxes of the elements of each region, and its type."""
    rows = split_into_bands(page, np.arange(len(page.boxes)))
    first = running_headers(page, rows, height)
    last = len(rows) - running_footers(page, rows[first:], height)
    middle = rows[first:last]
    blocks = xy_cut(page, np.concatenate(middle)) if middle else []
    if len(blocks) + first + len(rows) - last > MAX_REGIONS:
        return [(page.boxes, "text")]
    blocks = attach_labels(page, blocks)
    types = classify_regions(page, blocks)
    if len(blocks) == 1 and types == ["text"] and is_plate(page, blocks[0], height):
        types = ["figure"]
    regions: _Regions = [
        *_margin(page, rows[:first], "header"),
        *((_boxes(page, block, kind), kind) for block, kind in zip(blocks, types, strict=True)),
        *_margin(page, rows[last:], "footer"),
    ]
    claimed = [*(block.indices for block in blocks), *rows[:first], *rows[last:]]
    is_claimed = np.zeros(len(page.boxes), np.bool_)
    for indices in claimed:
        is_claimed[indices] = True
    side = min(height, width)
    remaining = find_remaining(page, is_claimed, [boxes for boxes, _ in regions], side)
    if len(regions) + len(remaining) > MAX_REGIONS:  # before they are compared with one another
        return [(page.boxes, "text")]
    _add_remaining(page, regions, remaining)
    return merge_overlapping(regions)


def _add_remaining(page: PageElements, regions: _Regions, remaining: list[Boxes]) -> None:
    """Put what no region holds among the regions, where it is read."""
    for boxes in remaining:
        box, others = bounding_box(boxes), [bounding_box(other) for other, _ in regions]
        for number, (other, kind) in enumerate(regions):
            if kind == "figure" and is_number_beside(page, box, others[number]):
                regions[number] = np.concatenate([other, boxes]), kind
                break
        else:
            regions.insert(place_in_order(box, others), (boxes, "text"))


def _boxes(page: PageElements, block: ScanBlock, kind: RegionType) -> Boxes:
    """The boxes of what a block is made of, small bullets of a list and full stops included."""
    boxes = page.boxes[block.indices]
    if kind in ("figure", "table"):
        return boxes
    if kind == "list":
        boxes = np.concatenate([boxes, find_bullets(boxes, page.bullet_candidates, page.x_height)])
    x_height = page.local_x_height(block.indices)
    return attach_punctuation(boxes, page.punctuation_candidates, x_height)


def _margin(page: PageElements, rows: list[Indices], kind: RegionType) -> _Regions:
    """Running headers or footers, a line each."""
    text = [page.boxes[row[page.kinds[row] == TEXT]] for row in rows]
    stops, x_height = page.punctuation_candidates, page.x_height
    return [(attach_punctuation(boxes, stops, x_height), kind) for boxes in text if len(boxes)]


def _upright_box(boxes: Boxes, skew: float, binary: BinaryImage) -> Box:
    """The upright hull, in the picture, of the rectangle around boxes on the deskewed page."""
    x0, y0, x1, y1 = bounding_box(boxes).tolist()
    cos, sin = math.cos(math.radians(skew)), math.sin(math.radians(skew))
    corners = [(x0, y0), (x1, y0), (x0, y1), (x1, y1)]
    across = [x * cos - y * sin for x, y in corners]
    down = [x * sin + y * cos for x, y in corners]
    box = Box(min(across), min(down), max(across), max(down))
    return box.scaled(binary.x_scale, binary.y_scale)
