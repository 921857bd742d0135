"""What a detector believes to see → regions that each hold their part of the page once.

Pure functions over boxes, scores and labels; knows nothing of models and pixels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from got_loaders.layout.detector.labels import region_type
from got_loaders.layout.reading_order import reading_order
from got_loaders.types import Box, Region

__all__ = ["MAX_REGIONS", "Detection", "regions_from"]

MAX_REGIONS = 200
"""The most regions of one page: the surest ones."""
MAX_CANDIDATES = 300
"""The most detections that are compared with each other."""
SAME = 0.5
"""Two boxes that share this part of their union are the same thing, seen twice."""
INSIDE = 0.8
"""A box with this part of itself in a larger one is a part of that one."""
FILLED = 0.7
"""A box of running text of which surer boxes fill this part is a bundle of them."""
WHOLE_PAGE = 0.9
"""A figure that covers this part of the page is its background if text is on it."""

_SOLID = ("table", "figure", "formula")
"""Types that are read as a whole, whatever a detector sees in them."""
_BESIDE_A_FIGURE = ("figure", "caption", "header", "footer")
"""What stands on a page that is a figure itself."""


@dataclass(frozen=True, slots=True)
class Detection:
    """One answer of a detector: where (pixels), how sure (0 to 1), and the checkpoint's label."""

    box: Box
    score: float
    label: str


class _Found(NamedTuple):
    region: Region
    score: float
    rank: int

    @property
    def area(self) -> float:
        return _area(self.region.box)


def regions_from(
    detections: Sequence[Detection], *, width: float, height: float, ordered: bool = False
) -> tuple[Region, ...]:
    """The regions of a picture of this size, clipped to it, at most :data:`MAX_REGIONS`.

    Of boxes over the same place the surest stays. What lies within a larger box goes, since that
    one is read with all that is in it; only a background picture, and a box of text which surer
    boxes share among them, give way to what they hold. ``ordered`` says that the detections come
    in reading order; otherwise the boxes tell it, headers first and footers last.
    """
    found = _surest(detections, width, height)
    found = _without_parts(_without_bundles(_without_doubles(found), width * height))
    surest = sorted(found, key=lambda one: (-one.score, one.rank))[:MAX_REGIONS]
    regions = [one.region for one in sorted(surest, key=lambda one: one.rank)]
    return tuple(regions if ordered else _in_order(regions))


def _surest(detections: Sequence[Detection], width: float, height: float) -> list[_Found]:
    """What is on the page and makes sense, the surest first."""
    found = []
    for rank, seen in enumerate(detections):
        if not all(math.isfinite(number) for number in (*seen.box, seen.score)):
            continue
        box = seen.box.clipped(width, height)
        if box is None or min(box.width, box.height) < 1:  # less than a pixel: nothing to read
            continue
        kind = region_type(seen.label, in_upper_half=box.y0 + box.y1 < height)
        found.append(_Found(Region(box=box, type=kind), seen.score, rank))
    return sorted(found, key=lambda one: (-one.score, one.rank))[:MAX_CANDIDATES]


def _without_doubles(found: list[_Found]) -> list[_Found]:
    """Non-maximum suppression, whatever the types: a place is read once."""
    kept: list[_Found] = []
    for one in found:
        if not any(_union_share(one, other) >= SAME for other in kept):
            kept.append(one)
    return kept


def _without_bundles(found: list[_Found], page: float) -> list[_Found]:
    """Without the boxes that only wrap others, which are to be read instead."""
    return [one for one in found if not _is_bundle(one, found, page)]


def _is_bundle(one: _Found, found: list[_Found], page: float) -> bool:
    inner = [other for other in found if _holds(one, other)]
    if one.region.type == "figure":
        in_front = any(other.region.type not in _BESIDE_A_FIGURE for other in inner)
        return in_front and one.area >= WHOLE_PAGE * page
    if one.region.type in _SOLID:
        return False
    surer = [other for other in inner if other.score >= one.score]
    return sum(_shared(one, other) for other in surer) >= FILLED * one.area


def _without_parts(found: list[_Found]) -> list[_Found]:
    """Without the boxes that lie in a larger one that stays."""
    kept: list[_Found] = []
    for one in sorted(found, key=lambda one: (-one.area, one.rank)):
        if not any(_holds(other, one) for other in kept):
            kept.append(one)
    return kept


def _holds(outer: _Found, inner: _Found) -> bool:
    return outer.area > inner.area and _shared(outer, inner) >= INSIDE * inner.area


def _union_share(one: _Found, other: _Found) -> float:
    shared = _shared(one, other)
    return shared / (one.area + other.area - shared)


def _shared(one: _Found, other: _Found) -> float:
    """The area that both cover."""
    a, b = one.region.box, other.region.box
    width = min(a.x1, b.x1) - max(a.x0, b.x0)
    height = min(a.y1, b.y1) - max(a.y0, b.y0)
    return width * height if width > 0 and height > 0 else 0.0


def _area(box: Box) -> float:
    return box.width * box.height


def _in_order(regions: list[Region]) -> list[Region]:
    """Headers, then the page, then footers; each in the order of reading."""
    heads = [region for region in regions if region.type == "header"]
    feet = [region for region in regions if region.type == "footer"]
    body = [region for region in regions if region.type not in ("header", "footer")]
    return [
        part[i]
        for part in (heads, body, feet)
        for i in reading_order([region.box for region in part])
    ]
