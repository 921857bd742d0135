"""The whitespace method: a page's picture → its regions in reading order, without a model."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from got_loaders.layout import MAX_REGIONS
from got_loaders.layout.scan.binarize import Ink, find_ink
from got_loaders.layout.scan.components import Boxes, Indices, find_blobs
from got_loaders.layout.scan.elements import TEXT, Parts, find_parts, letter_height
from got_loaders.layout.scan.figures import with_labels
from got_loaders.layout.scan.headers_footers import feet, heads
from got_loaders.layout.scan.intervals import hull
from got_loaders.layout.scan.lists import bullets
from got_loaders.layout.scan.punctuation import with_stops
from got_loaders.layout.scan.region_types import region_types
from got_loaders.layout.scan.skew import find_skew
from got_loaders.layout.scan.text_lines import Block
from got_loaders.layout.scan.xy_cut import bands, cut
from got_loaders.types import Box, Region, RegionType

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

__all__ = ["find_regions"]


def find_regions(image: Picture) -> tuple[Region, ...]:
    """The regions of a page's picture, in the order in which they are read; blocks.

    A region's box is in pixels of ``image``: the upright hull of the levelled rectangle around its
    ink, within the picture. A page that falls into more than ``MAX_REGIONS`` is no page of text: it
    is taken as one region. An empty page has none.
    """
    ink = find_ink(image)
    blobs = find_blobs(ink.mask)
    upright = blobs.boxes()
    if not len(upright):
        return ()
    letter = letter_height(upright)
    skew = find_skew(upright, letter)
    parts = find_parts(blobs, blobs.boxes(skew), letter, skew)
    if not len(parts.boxes):
        return ()
    found = _found(parts, ink.mask.shape[0])
    shown = ((_shown(boxes, skew, ink), kind) for boxes, kind in found)
    clipped = ((box.clipped(*image.size), kind) for box, kind in shown)
    return tuple(
        Region(box=box, type=kind, skew=round(skew, 3)) for box, kind in clipped if box is not None
    )


def _found(parts: Parts, height: float) -> list[tuple[Boxes, RegionType]]:
    """The boxes of the parts of each region, and its type."""
    rows = bands(parts, np.arange(len(parts.boxes)))
    first = heads(parts, rows, 0, height)
    last = len(rows) - feet(parts, rows[first:], 0, height)
    middle = rows[first:last]
    blocks = cut(parts, np.concatenate(middle)) if middle else []
    if len(blocks) + first + len(rows) - last > MAX_REGIONS:
        return [(parts.boxes, "text")]
    blocks = with_labels(parts, blocks)
    types = region_types(parts, blocks)
    return [
        *_margin(parts, rows[:first], "header"),
        *((_boxes(parts, block, kind), kind) for block, kind in zip(blocks, types, strict=True)),
        *_margin(parts, rows[last:], "footer"),
    ]


def _boxes(parts: Parts, block: Block, kind: RegionType) -> Boxes:
    """The boxes of what a block is made of, small bullets of a list and full stops included."""
    boxes = parts.boxes[block.indices]
    if kind in ("figure", "table"):
        return boxes
    if kind == "list":
        boxes = np.concatenate([boxes, bullets(boxes, parts.marks, parts.letter)])
    return with_stops(boxes, parts.stops, parts.local_letter(block.indices))


def _margin(parts: Parts, rows: list[Indices], kind: RegionType) -> list[tuple[Boxes, RegionType]]:
    text = [row[parts.kinds[row] == TEXT] for row in rows]
    letter = parts.letter
    return [(with_stops(parts.boxes[row], parts.stops, letter), kind) for row in text if len(row)]


def _shown(boxes: Boxes, skew: float, ink: Ink) -> Box:
    """The upright hull, in the picture, of the rectangle around boxes on the levelled page."""
    x0, y0, x1, y1 = hull(boxes).tolist()
    cos, sin = math.cos(math.radians(skew)), math.sin(math.radians(skew))
    corners = [(x0, y0), (x1, y0), (x0, y1), (x1, y1)]
    across = [x * cos - y * sin for x, y in corners]
    down = [x * sin + y * cos for x, y in corners]
    box = Box(min(across), min(down), max(across), max(down))
    return box.scaled(ink.x_scale, ink.y_scale)
