"""Running heads and feet: single lines near a page's edge, apart from what it is about."""

from __future__ import annotations

import numpy as np

from got_loaders.layout.scan.components import Indices
from got_loaders.layout.scan.elements import RULE, TEXT, Parts
from got_loaders.layout.scan.intervals import hull, spans

__all__ = ["feet", "heads"]

_EDGE, _PARTED, _NUMBER = 0.1, 0.16, 0.25
"""The share of the page's height, at either end, in which they stand; those in two parts; those
that are a page number alone."""
_APART = 1.2
"""White space between them and the page's text, in steps from line to line."""
_TALL = 1.3
"""Larger type than this, in the page's, is a title."""


def heads(parts: Parts, rows: list[Indices], top: float, bottom: float) -> int:
    """How many of the first bands are a running head, with the rule below it.

    ``top`` and ``bottom`` are the page's edges.
    """
    return _count(parts, rows, top, bottom - top)


def feet(parts: Parts, rows: list[Indices], top: float, bottom: float) -> int:
    """How many of the last bands are a running foot, with the rule above it."""
    return _count(parts, rows[::-1], bottom, bottom - top)


def _count(parts: Parts, rows: list[Indices], edge: float, height: float) -> int:
    """How many bands, from the page's edge inwards, are a single line and then a rule."""
    for number, row in enumerate(rows[:2]):
        if np.all(parts.kinds[row] == RULE):
            continue  # a rule at the very edge
        if not _is_line(parts, row, edge, height):
            return 0
        after = number + 1
        own = bool(np.any(parts.kinds[row] == RULE))
        ruled = not own and after < len(rows) and bool(np.all(parts.kinds[rows[after]] == RULE))
        if after + ruled >= len(rows):
            return 0  # nothing else is on the page
        return after + ruled if ruled or own or _gap(parts, row, rows[after]) else 0
    return 0


def _is_line(parts: Parts, row: Indices, edge: float, page: float) -> bool:
    boxes = parts.boxes[row[parts.kinds[row] == TEXT]]
    if not len(boxes) or np.any(parts.kinds[row] > RULE):
        return False
    box, height = hull(boxes), float(np.median(boxes[:, 3] - boxes[:, 1]))
    if box[3] - box[1] > 3.5 * height or height > max(_TALL * parts.letter, 1.1 * parts.tall):
        return False
    deep = _PARTED if len(spans(boxes, 3 * parts.letter)) > 1 else _EDGE
    deep = _NUMBER if box[2] - box[0] < 4 * parts.letter else deep
    return bool(abs((box[1] + box[3]) / 2 - edge) < deep * page)


def _gap(parts: Parts, row: Indices, other: Indices) -> bool:
    one, two = hull(parts.boxes[row]), hull(parts.boxes[other])
    return bool(max(two[1] - one[3], one[1] - two[3]) > _APART * parts.pitch)
