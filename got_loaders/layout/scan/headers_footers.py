"""Running headers and footers: single lines near a page's edge, apart from what it is about."""

from __future__ import annotations

import numpy as np

from got_loaders.layout.scan.components import Indices
from got_loaders.layout.scan.elements import RULE, TEXT, PageElements
from got_loaders.layout.scan.intervals import bounding_box, sizes, spans

__all__ = ["running_footers", "running_headers"]

_EDGE, _PARTED, _NUMBER = 0.1, 0.16, 0.25
"""The share of the page's height, at either end, in which they stand; those in two parts; those
that are a page number alone."""
_APART = 1.2
"""White space between them and the page's text, in steps from line to line."""
_TALL = 1.3
"""Larger type than this, in the page's, is a title."""


def running_headers(page: PageElements, rows: list[Indices], page_height: float) -> int:
    """How many of the first bands are a running header, with the rule below it."""
    return _count(page, rows, 0, page_height)


def running_footers(page: PageElements, rows: list[Indices], page_height: float) -> int:
    """How many of the last bands are a running footer, with the rule above it."""
    return _count(page, rows[::-1], page_height, page_height)


def _count(page: PageElements, rows: list[Indices], edge: float, page_height: float) -> int:
    """How many bands, from the page's edge inwards, are a single line and then a rule."""
    for number, row in enumerate(rows[:2]):
        if np.all(page.kinds[row] == RULE):
            continue  # a rule at the very edge
        if not _is_line(page, row, edge, page_height):
            return 0
        after = number + 1
        has_rule = bool(np.any(page.kinds[row] == RULE))
        ruled = not has_rule and after < len(rows) and bool(np.all(page.kinds[rows[after]] == RULE))
        if after + ruled >= len(rows):
            return 0  # nothing else is on the page
        return after + ruled if ruled or has_rule or _is_apart(page, row, rows[after]) else 0
    return 0


def _is_line(page: PageElements, row: Indices, edge: float, page_height: float) -> bool:
    boxes = page.boxes[row[page.kinds[row] == TEXT]]
    if not len(boxes) or np.any(page.kinds[row] > RULE):
        return False
    box, height = bounding_box(boxes), float(np.median(sizes(boxes)[1]))
    if box[3] - box[1] > 3.5 * height or height > max(_TALL * page.x_height, 1.1 * page.cap_height):
        return False
    depth = _PARTED if len(spans(boxes, 3 * page.x_height)) > 1 else _EDGE
    depth = _NUMBER if box[2] - box[0] < 4 * page.x_height else depth
    return bool(abs((box[1] + box[3]) / 2 - edge) < depth * page_height)


def _is_apart(page: PageElements, row: Indices, text: Indices) -> bool:
    a, b = bounding_box(page.boxes[row]), bounding_box(page.boxes[text])
    return bool(max(b[1] - a[3], a[1] - b[3]) > _APART * page.line_spacing)
