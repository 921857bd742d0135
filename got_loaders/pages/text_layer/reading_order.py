"""The order in which the boxes of a page are read. Pure geometry.

A page is cut where nothing stands: into columns first, where that is possible, else into stripes.
Stripes that have the same columns stay together, so that a column is read to its end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from got_loaders.types import Box

_SLACK = 2.0
"""Points by which neighbours may overlap, and by which columns must be apart at least."""

_MAX_DEPTH = 50


def reading_order(boxes: Sequence[Box], *, right_to_left: bool = False) -> list[int]:
    """The indices of ``boxes`` in the order of reading."""
    return _ordered(boxes, list(range(len(boxes))), right_to_left, _MAX_DEPTH)


def _ordered(boxes: Sequence[Box], part: list[int], leftwards: bool, depth: int) -> list[int]:
    if len(part) < 2:
        return part
    columns = _columns(boxes, part)
    if leftwards:
        columns.reverse()
    groups = columns if len(columns) > 1 else _stripes(boxes, part)
    if len(groups) == 1 or not depth:
        return sorted(part, key=lambda i: (round(boxes[i].y0), boxes[i].x0))
    return [i for group in groups for i in _ordered(boxes, group, leftwards, depth - 1)]


def _stripes(boxes: Sequence[Box], part: list[int]) -> list[list[int]]:
    """Groups from top to bottom; neighbours that share a gap between columns are one group."""
    groups: list[list[int]] = []
    gaps: list[list[tuple[float, float]]] = []
    for stripe in _cut(part, lambda i: (boxes[i].y0, boxes[i].y1), 0.0):
        mine = _gaps(boxes, stripe)
        if groups:
            joined = groups[-1] + stripe
            common = _gaps(boxes, joined)
            if common and (mine or gaps[-1]):
                groups[-1], gaps[-1] = joined, common
                continue
        groups.append(stripe)
        gaps.append(mine)
    return groups


def _gaps(boxes: Sequence[Box], part: list[int]) -> list[tuple[float, float]]:
    columns = _columns(boxes, part)
    edges = [(min(boxes[i].x0 for i in c), max(boxes[i].x1 for i in c)) for c in columns]
    return [(left[1], right[0]) for left, right in pairwise(edges)]


def _columns(boxes: Sequence[Box], part: list[int]) -> list[list[int]]:
    """Groups from left to right; one only, unless some of them stand beside each other."""
    groups = _cut(part, lambda i: (boxes[i].x0, boxes[i].x1), _SLACK)
    return groups if _beside(boxes, groups) else [part]


def _beside(boxes: Sequence[Box], groups: list[list[int]]) -> bool:
    """Whether boxes of two groups share a height; else the groups are steps of a stair."""
    owner = {i: n for n, group in enumerate(groups) for i in group}
    ends: dict[int, float] = {}
    for i in sorted(owner, key=lambda i: boxes[i].y0):
        if any(end > boxes[i].y0 for group, end in ends.items() if group != owner[i]):
            return True
        ends[owner[i]] = max(ends.get(owner[i], boxes[i].y1), boxes[i].y1)
    return False


def _cut(
    part: list[int], extent: Callable[[int], tuple[float, float]], slack: float
) -> list[list[int]]:
    """``part`` in groups whose extents do not overlap, in ascending order.

    Each extent counts as a little smaller than it is, by at most a quarter, so that boxes which
    only just touch are apart.
    """
    groups: list[list[int]] = []
    end = 0.0
    for index in sorted(part, key=lambda i: extent(i)[0]):
        start, stop = extent(index)
        shrink = min(slack, (stop - start) / 4) / 2
        if not groups or start + shrink >= end:
            groups.append([index])
            end = stop - shrink
        else:
            groups[-1].append(index)
            end = max(end, stop - shrink)
    return groups
