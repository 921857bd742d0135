"""Boxes on a page → the order in which people read them.

Knows rectangles only: not what stands in them, nor who found them. Left to right, top to bottom.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from got_loaders.types import Box

__all__ = ["Span", "reading_order", "split_at_gaps"]

SLACK = 0.01
"""How far boxes may reach into each other and still count as apart, per side, of the page."""
MAX_DEPTH = 32
"""After so many cuts within cuts what is left is read from top to bottom."""

Span = tuple[float, float]
_Groups = list[list[int]]


def reading_order(boxes: Sequence[Box]) -> list[int]:
    """The indices of ``boxes`` in reading order: columns one after the other, top to bottom.

    The page is cut across wherever a white band goes through; neighbouring bands stay together as
    long as one white gutter goes through all of them, and are then read column by column. So a
    block that spans the columns (a title, a wide figure) ends them, and what follows starts anew.
    The same boxes in another sequence are read in the same order.
    """
    xs = _shorten([(box.x0, box.x1) for box in boxes])
    ys = _shorten([(box.y0, box.y1) for box in boxes])
    return _order(list(range(len(boxes))), xs, ys, MAX_DEPTH)


def split_at_gaps(members: Iterable[int], span: Callable[[int], Span]) -> list[list[int]]:
    """The members in groups whose spans do not overlap; they come sorted by where these start."""
    groups: list[list[int]] = []
    reached = 0.0
    for member in members:
        start, end = span(member)
        if groups and start < reached:
            groups[-1].append(member)
            reached = max(reached, end)
        else:
            groups.append([member])
            reached = end
    return groups


def _shorten(spans: list[Span]) -> list[Span]:
    """The spans a little shortened, so that boxes which only just touch are apart."""
    if not spans:
        return []
    slack = SLACK * (max(end for _, end in spans) - min(start for start, _ in spans))
    cuts = (min(slack, (end - start) / 10) for start, end in spans)
    return [(start + cut, end - cut) for (start, end), cut in zip(spans, cuts, strict=True)]


def _order(members: list[int], xs: list[Span], ys: list[Span], depth: int) -> list[int]:
    if len(members) < 2:
        return members
    if depth == 0:
        return sorted(members, key=lambda i: (ys[i], xs[i]))
    parts = _blocks(members, xs, ys)
    if len(parts) == 1:
        parts = _split(members, xs)
    if len(parts) == 1:
        parts = _around_the_widest(members, xs, ys)
    return [i for part in parts for i in _order(part, xs, ys, depth - 1)]


def _blocks(members: list[int], xs: list[Span], ys: list[Span]) -> _Groups:
    """The bands of the page from top to bottom, those that share their columns as one.

    A band of a single column joins columns above it (one of them is longer than the others), but
    starts none: a date at the right above an address at the left is no pair of columns.
    """
    first, *others = _split(members, ys)
    blocks = [first]
    in_columns = len(_split(first, xs)) > 1
    for band in others:
        if in_columns and _continues(blocks[-1], band, xs, ys):
            blocks[-1] = blocks[-1] + band
        else:
            blocks.append(band)
            in_columns = len(_split(band, xs)) > 1
    return blocks


def _continues(block: list[int], band: list[int], xs: list[Span], ys: list[Span]) -> bool:
    """Whether the columns of ``block`` go on in ``band``, that is, a gutter goes through both.

    What is far below and much narrower than its column, as a page number is, is none of theirs.
    """
    columns = _split(block + band, xs)
    if len(columns) < 2:
        return False
    _, bottom = _extent(block, ys)
    top, end = _extent(band, ys)
    if top - bottom <= 2 * (end - top):
        return True
    return any(
        2 * _length(set(column) & set(band), xs) >= _length(column, xs) for column in columns
    )


def _extent(members: Collection[int], spans: list[Span]) -> Span:
    return min(spans[i][0] for i in members), max(spans[i][1] for i in members)


def _length(members: Collection[int], spans: list[Span]) -> float:
    start, end = _extent(members, spans) if members else (0, 0)
    return end - start


def _split(members: list[int], spans: list[Span]) -> _Groups:
    """The members in groups between which white space runs through, from low to high."""
    return split_at_gaps(sorted(members, key=spans.__getitem__), spans.__getitem__)


def _around_the_widest(members: list[int], xs: list[Span], ys: list[Span]) -> _Groups:
    """No white line goes through: what is above the widest box, that box, and what is below."""
    widest = min(members, key=lambda i: (xs[i][0] - xs[i][1], ys[i], xs[i]))
    middle = sum(ys[widest])
    others = [i for i in members if i != widest]
    above = [i for i in others if (sum(ys[i]), xs[i]) < (middle, xs[widest])]
    below = [i for i in others if (sum(ys[i]), xs[i]) >= (middle, xs[widest])]
    return [part for part in (above, [widest], below) if part]
