"""Specks: what is small and lies apart from everything else. Knows pixels, and nothing of paper."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from got_loaders.layout.ink import Pixels

__all__ = ["Numbers", "boxes", "connected", "only_specks"]

Numbers = npt.NDArray[np.int64]

_STRONG = 0.4
"""Of the contrast of its thing: a paler pixel is a blurred edge, or JPEG's."""
_DUSTY, _TOGETHER = 10, 3
"""On a page with so many specks, or twice as many larger ones, a few may lie together, and be a
little larger."""
_SOLID = 0.7
"""Of its box: how much a larger speck fills; a letter fills less, or has a dot."""
_MAX_PLACES = 5000
"""More are no dirt, and would take long."""
_WIDE = 1 << 32
_STEPS = tuple(y * _WIDE + x for y in (-1, 0, 1) for x in (-1, 0, 1))


def only_specks(
    rows: Numbers, columns: Numbers, levels: Pixels, *, speck: int, dusty: bool
) -> bool:
    """Whether all these pixels are specks, each apart from the others.

    ``levels`` are their contrasts. ``speck`` is the side of the largest one in pixels; what is
    closer to each other than once or twice this is one thing, and may be a letter.
    """
    things = connected(rows // speck, columns // speck)
    if things is None:
        return False
    peaks = np.zeros(things.max() + 1, np.uint8)
    np.maximum.at(peaks, things, levels)
    strong = levels >= _STRONG * peaks[things]
    rows, columns, things = rows[strong], columns[strong], things[strong]
    parts = connected(rows, columns)
    if parts is None:
        return False
    left, top, right, bottom = boxes(rows, columns, parts)
    long, short = np.maximum(right - left, bottom - top), np.minimum(right - left, bottom - top)
    dots = (long < speck) | ((long == speck) & (short >= speck - 1))
    thing_of = np.zeros(len(long), np.int64)
    thing_of[parts] = things
    together = np.bincount(thing_of)
    alone = together[thing_of] == 1
    solid = np.bincount(parts) >= _SOLID * (right - left) * (bottom - top)
    larger = (long <= speck) | ((long == speck + 1) & solid & alone)
    if dusty or dots.sum() >= _DUSTY or larger.sum() >= 2 * _DUSTY:
        dusty, dots = True, larger
    return bool(dots.all()) and int(together.max()) <= (_TOGETHER if dusty else 1)


def connected(rows: Numbers, columns: Numbers) -> Numbers | None:
    """For each place the number of the group of neighbours that it belongs to; None: too many."""
    places, inverse = np.unique(rows * _WIDE + columns, return_inverse=True)
    if len(places) > _MAX_PLACES:
        return None
    group = dict.fromkeys(places.tolist(), -1)
    count = 0
    for place in group:
        if group[place] < 0:
            _join(group, place, count)
            count += 1
    return np.array(list(group.values()), np.int64)[inverse]


def _join(group: dict[int, int], place: int, number: int) -> None:
    group[place] = number
    reached = [place]
    while reached:
        here = reached.pop()
        for step in _STEPS:
            if group.get(here + step) == -1:
                group[here + step] = number
                reached.append(here + step)


def boxes(rows: Numbers, columns: Numbers, groups: Numbers) -> tuple[Numbers, ...]:
    """Left, top, right and bottom of each group; right and bottom are outside."""
    count = int(groups.max()) + 1
    left, top = np.full((2, count), _WIDE)
    right, bottom = np.zeros((2, count), np.int64)
    np.minimum.at(left, groups, columns)
    np.minimum.at(top, groups, rows)
    np.maximum.at(right, groups, columns + 1)
    np.maximum.at(bottom, groups, rows + 1)
    return left, top, right, bottom
