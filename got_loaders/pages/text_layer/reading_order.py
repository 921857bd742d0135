"""The order in which the boxes of a page's own text are read. Pure geometry.

A page is cut where nothing stands: into columns first, where that is possible, else into stripes.
Stripes that have the same columns stay together, so that a column is read to its end. The boxes
hug their letters to the point; those that :mod:`got_loaders.layout.reading_order` puts in order,
cutting into stripes first, are a detector's and reach into each other.
"""

from __future__ import annotations

from collections.abc import Sequence

from got_loaders.layout.reading_order import Span, split_at_gaps
from got_loaders.types import Box

_SLACK = 2.0
"""Points by which neighbours may overlap, and by which columns must be apart at least."""

_MAX_DEPTH = 50


def reading_order(boxes: Sequence[Box], *, right_to_left: bool = False) -> list[int]:
    """The indices of ``boxes`` in the order of reading."""
    return _order(boxes, list(range(len(boxes))), right_to_left, _MAX_DEPTH)


def _order(boxes: Sequence[Box], members: list[int], leftwards: bool, depth: int) -> list[int]:
    if len(members) < 2:
        return members
    columns = _columns(boxes, members)
    if leftwards:
        columns.reverse()
    groups = columns if len(columns) > 1 else _stripes(boxes, members)
    if len(groups) == 1 or not depth:
        return sorted(members, key=lambda i: (round(boxes[i].y0), boxes[i].x0))
    return [i for group in groups for i in _order(boxes, group, leftwards, depth - 1)]


def _stripes(boxes: Sequence[Box], members: list[int]) -> list[list[int]]:
    """Groups from top to bottom; neighbours that share a gap between columns are one group."""
    groups: list[list[int]] = []
    in_columns = False
    by_top = sorted(members, key=lambda i: boxes[i].y0)
    for stripe in split_at_gaps(by_top, lambda i: (boxes[i].y0, boxes[i].y1)):
        has_columns = len(_columns(boxes, stripe)) > 1
        together = [*groups[-1], *stripe] if groups and (in_columns or has_columns) else []
        if together and len(_columns(boxes, together)) > 1:
            groups[-1], in_columns = together, True
        else:
            groups.append(stripe)
            in_columns = has_columns
    return groups


def _columns(boxes: Sequence[Box], members: list[int]) -> list[list[int]]:
    """Groups from left to right; one only, unless some of them stand beside each other."""
    by_left = sorted(members, key=lambda i: boxes[i].x0)
    groups = split_at_gaps(by_left, lambda i: _shorten(boxes[i]))
    return groups if _beside(boxes, groups) else [members]


def _shorten(box: Box) -> Span:
    """A box from left to right, a little smaller than it is, so that touching ones are apart."""
    slack = min(_SLACK, box.width / 4) / 2
    return box.x0 + slack, box.x1 - slack


def _beside(boxes: Sequence[Box], groups: list[list[int]]) -> bool:
    """Whether boxes of two groups share a height; else the groups are steps of a stair."""
    owner = {i: n for n, group in enumerate(groups) for i in group}
    ends: dict[int, float] = {}
    for i in sorted(owner, key=lambda i: boxes[i].y0):
        if any(end > boxes[i].y0 for group, end in ends.items() if group != owner[i]):
            return True
        ends[owner[i]] = max(ends.get(owner[i], boxes[i].y1), boxes[i].y1)
    return False
