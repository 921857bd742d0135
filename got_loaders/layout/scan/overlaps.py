"""Regions that lie over each other made one: each word is cut out of the page, and read, once."""

from __future__ import annotations

import numpy as np

from got_loaders.layout.scan.components import Boxes
from got_loaders.layout.scan.intervals import bounding_box, sizes
from got_loaders.types import RegionType

__all__ = ["merge_overlapping"]

_COMMON = 0.3
"""Of the smaller of two regions; less is the hulls of ragged lines, or of letters that reach into
the next line."""


def merge_overlapping(
    regions: list[tuple[Boxes, RegionType]],
) -> list[tuple[Boxes, RegionType]]:
    """The regions, in their order; of those that overlap the larger one takes the smaller one in,
    and keeps its type and its place."""
    regions = list(regions)
    hulls = np.array([bounding_box(boxes) for boxes, _ in regions]).reshape(-1, 4)
    while len(regions) > 1:
        areas = np.multiply(*sizes(hulls))
        low = np.maximum(hulls[:, None, :2], hulls[None, :, :2])
        high = np.minimum(hulls[:, None, 2:], hulls[None, :, 2:])
        common = np.maximum(high - low, 0).prod(axis=2)
        share = common / np.maximum(np.minimum(areas[:, None], areas[None]), 1)
        np.fill_diagonal(share, 0)
        a, b = divmod(int(np.argmax(share)), len(regions))
        if share[a, b] <= _COMMON:
            break
        large, small = (a, b) if areas[a] >= areas[b] else (b, a)
        regions[large] = np.concatenate([regions[large][0], regions[small][0]]), regions[large][1]
        hulls[large] = bounding_box(hulls[[large, small]])
        del regions[small]
        hulls = np.delete(hulls, small, axis=0)
    return regions
