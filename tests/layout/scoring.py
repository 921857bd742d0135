"""How well the regions that were found are the blocks that were drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from got_loaders.types import Box, Region
from tests.layout.scans import Scan

__all__ = ["Score", "overlap", "score"]


@dataclass(frozen=True, slots=True)
class Score:
    """Blocks of three lines or more: how many there are, how many were found by the hull of their
    ink and by that of their levelled rectangle (IoU of 0.8 or more), and whether all blocks that
    were found are in the order in which they are read."""

    blocks: int
    found: int
    found_rectangles: int
    ordered: bool
    missed: tuple[int, ...]


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    across = min(one.x1, other.x1) - max(one.x0, other.x0)
    down = min(one.y1, other.y1) - max(one.y0, other.y0)
    common = max(across, 0) * max(down, 0)
    return common / (one.width * one.height + other.width * other.height - common)


def score(scan: Scan, regions: Sequence[Region]) -> Score:
    """Compare the regions of a scan with its truth."""
    places = [_place(block.ink, regions) for block in scan.blocks]
    level = [_place(block.rectangle, regions) for block in scan.blocks]
    counted = [n for n, block in enumerate(scan.blocks) if block.lines >= 3]
    order = [place for place in level if place is not None]
    return Score(
        len(counted),
        sum(places[n] is not None for n in counted),
        sum(level[n] is not None for n in counted),
        order == sorted(order),
        tuple(n for n in counted if places[n] is None),
    )


def _place(box: Box, regions: Sequence[Region]) -> int | None:
    """The region that is this block."""
    overlaps = [overlap(box, region.box) for region in regions]
    best = max(overlaps, default=0.0)
    return overlaps.index(best) if best >= 0.8 else None
