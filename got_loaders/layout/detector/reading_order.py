"""Boxes on a page → the order in which people read them.

Knows rectangles only: not what stands in them, nor who found them. Left to right, top to bottom.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from got_loaders.types import Box

__all__ = ["reading_order"]

SLACK = 0.01
"""How far boxes may reach into each other and still count as apart, per side, of the whole."""
MAX_DEPTH = 32
"""After so many cuts within cuts what is left is read from top to bottom."""

_Span = tuple[float, float]
_Cuts = list[list[int]]


def reading_order(boxes: Sequence[Box]) -> list[int]:
    """The indices of ``boxes`` in reading order: columns one after the other, top to bottom.

    The page is cut across wherever a white band goes through; neighbouring bands stay together as
    long as one white gutter goes through all of them, and are then read column by column. So a
    block that spans the columns (a title, a wide figure) ends them, and what follows starts anew.
    The same boxes in another sequence are read in the same order.
    """
    xs = _spans([(box.x0, box.x1) for box in boxes])
    ys = _spans([(box.y0, box.y1) for box in boxes])
    return _ordered(list(range(len(boxes))), xs, ys, MAX_DEPTH)


def _spans(sides: list[_Span]) -> list[_Span]:
    """The sides a little shortened, so that boxes which only just touch are apart."""
    if not sides:
        return []
    slack = SLACK * (max(end for _, end in sides) - min(start for start, _ in sides))
    cuts = (min(slack, (end - start) / 10) for start, end in sides)
    return [(start + cut, end - cut) for (start, end), cut in zip(sides, cuts, strict=True)]


def _ordered(members: list[int], xs: list[_Span], ys: list[_Span], depth: int) -> list[int]:
    if len(members) < 2:
        return members
    if depth == 0:
        return sorted(members, key=lambda i: (ys[i], xs[i]))
    parts = _blocks(members, xs, ys)
    if len(parts) == 1:
        parts = _runs(members, xs)
    if len(parts) == 1:
        parts = _around_the_widest(members, xs, ys)
    return [i for part in parts for i in _ordered(part, xs, ys, depth - 1)]


def _blocks(members: list[int], xs: list[_Span], ys: list[_Span]) -> _Cuts:
    """The bands of the page from top to bottom, those that share their columns as one.

    A band of a single column joins columns above it (one of them is longer than the others), but
    starts none: a date at the right above an address at the left is no pair of columns.
    """
    first, *others = _runs(members, ys)
    blocks = [first]
    in_columns = len(_runs(first, xs)) > 1
    for band in others:
        if in_columns and _goes_on(blocks[-1], band, xs, ys):
            blocks[-1] = blocks[-1] + band
        else:
            blocks.append(band)
            in_columns = len(_runs(band, xs)) > 1
    return blocks


def _goes_on(block: list[int], band: list[int], xs: list[_Span], ys: list[_Span]) -> bool:
    """Whether the columns of ``block`` go on in ``band``, that is, a gutter goes through both.

    What is far below and much narrower than its column, as a page number is, is none of theirs.
    """
    columns = _runs(block + band, xs)
    if len(columns) < 2:
        return False
    _, bottom = _hull(block, ys)
    top, end = _hull(band, ys)
    if top - bottom <= 2 * (end - top):
        return True
    return any(
        2 * _length(set(column) & set(band), xs) >= _length(column, xs) for column in columns
    )


def _hull(members: Collection[int], spans: list[_Span]) -> _Span:
    return min(spans[i][0] for i in members), max(spans[i][1] for i in members)


def _length(members: Collection[int], spans: list[_Span]) -> float:
    start, end = _hull(members, spans) if members else (0, 0)
    return end - start


def _runs(members: list[int], spans: list[_Span]) -> _Cuts:
    """The members in groups that nothing white runs between, from low to high."""
    runs: _Cuts = []
    reached = 0.0
    for i in sorted(members, key=lambda i: spans[i]):
        start, end = spans[i]
        if runs and start < reached:
            runs[-1].append(i)
            reached = max(reached, end)
        else:
            runs.append([i])
            reached = end
    return runs


def _around_the_widest(members: list[int], xs: list[_Span], ys: list[_Span]) -> _Cuts:
    """No white line goes through: what is above the widest box, that box, and what is below."""
    widest = min(members, key=lambda i: (xs[i][0] - xs[i][1], ys[i], xs[i]))
    middle = sum(ys[widest])
    others = [i for i in members if i != widest]
    above = [i for i in others if (sum(ys[i]), xs[i]) < (middle, xs[widest])]
    below = [i for i in others if (sum(ys[i]), xs[i]) >= (middle, xs[widest])]
    return [part for part in (above, [widest], below) if part]
