"""An object detector's boxes → regions that each hold their part of the page once.

Pure functions over boxes, scores and labels; knows nothing of models and pixels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from got_loaders.layout import MAX_REGIONS
from got_loaders.layout.detector.labels import region_type
from got_loaders.layout.reading_order import reading_order
from got_loaders.types import Box, Region

__all__ = ["Detection", "regions_from"]

MAX_CANDIDATES = 300
"""Detections that are compared with each other at most."""
NMS_IOU = 0.5
"""Two boxes that share this part of their union are the same thing, seen twice."""
CONTAINED = 0.8
"""A box with this part of itself in a larger one is a part of that one."""
FILLED = 0.7
"""A box of running text of which surer boxes fill this part only wraps them."""
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


class _Candidate(NamedTuple):
    """A detection that may become a region; ``rank`` is its place among the detector's answers."""

    region: Region
    score: float
    rank: int

    @property
    def area(self) -> float:
        return self.region.box.area

    def shared_area(self, other: _Candidate) -> float:
        return self.region.box.intersection_area(other.region.box)

    def iou(self, other: _Candidate) -> float:
        shared = self.shared_area(other)
        return shared / (self.area + other.area - shared)

    def contains(self, other: _Candidate) -> bool:
        return self.area > other.area and self.shared_area(other) >= CONTAINED * other.area


def regions_from(
    detections: Sequence[Detection], *, width: float, height: float, ordered: bool = False
) -> tuple[Region, ...]:
    """The regions of a picture of this size, clipped to it, the surest :data:`MAX_REGIONS`.

    Of boxes over the same place the surest stays. What lies within a larger box goes, since that
    one is read with all that is in it; only a background picture, and a box of text which surer
    boxes share among them, give way to what they hold. ``ordered`` says that the detections come
    in reading order; otherwise the boxes tell it, headers first and footers last.
    """
    candidates = _nms(_candidates(detections, width, height))
    candidates = _drop_contained(_drop_wrappers(candidates, width * height))
    surest = sorted(candidates, key=_surest_first)[:MAX_REGIONS]
    regions = [candidate.region for candidate in sorted(surest, key=lambda c: c.rank)]
    return tuple(regions if ordered else _sort(regions))


def _candidates(detections: Sequence[Detection], width: float, height: float) -> list[_Candidate]:
    """What is on the page and makes sense, the surest first."""
    candidates = []
    for rank, detection in enumerate(detections):
        if not all(math.isfinite(number) for number in (*detection.box, detection.score)):
            continue
        box = detection.box.clipped(width, height)
        if box is None or min(box.width, box.height) < 1:  # less than a pixel: nothing to read
            continue
        kind = region_type(detection.label, in_upper_half=box.y0 + box.y1 < height)
        candidates.append(_Candidate(Region(box=box, type=kind), detection.score, rank))
    return sorted(candidates, key=_surest_first)[:MAX_CANDIDATES]


def _surest_first(candidate: _Candidate) -> tuple[float, int]:
    return -candidate.score, candidate.rank


def _nms(candidates: list[_Candidate]) -> list[_Candidate]:
    """Non-maximum suppression, whatever the types: a place is read once."""
    survivors: list[_Candidate] = []
    for candidate in candidates:
        if all(candidate.iou(surer) < NMS_IOU for surer in survivors):
            survivors.append(candidate)
    return survivors


def _drop_wrappers(candidates: list[_Candidate], page: float) -> list[_Candidate]:
    """Without the boxes that only wrap others, which are to be read instead."""
    return [candidate for candidate in candidates if not _is_wrapper(candidate, candidates, page)]


def _is_wrapper(outer: _Candidate, candidates: list[_Candidate], page: float) -> bool:
    inner = [candidate for candidate in candidates if outer.contains(candidate)]
    if outer.region.type == "figure":
        in_front = any(candidate.region.type not in _BESIDE_A_FIGURE for candidate in inner)
        return in_front and outer.area >= WHOLE_PAGE * page
    if outer.region.type in _SOLID:
        return False
    surer = [candidate for candidate in inner if candidate.score >= outer.score]
    return sum(outer.shared_area(candidate) for candidate in surer) >= FILLED * outer.area


def _drop_contained(candidates: list[_Candidate]) -> list[_Candidate]:
    """Without the boxes that lie in a larger one that stays."""
    outermost: list[_Candidate] = []
    for candidate in sorted(candidates, key=lambda c: (-c.area, c.rank)):
        if not any(larger.contains(candidate) for larger in outermost):
            outermost.append(candidate)
    return outermost


def _sort(regions: list[Region]) -> list[Region]:
    """Headers, then the page, then footers; each in the order of reading."""
    headers = [region for region in regions if region.type == "header"]
    footers = [region for region in regions if region.type == "footer"]
    body = [region for region in regions if region.type not in ("header", "footer")]
    return [
        part[i]
        for part in (headers, body, footers)
        for i in reading_order([region.box for region in part])
    ]
