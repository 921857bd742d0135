"""Groups the columns of vertical writing, which is read from right to left. Pure geometry.

Turned by a quarter, columns are lines and the tiers of a page are columns, so that the order is
that of any other page.
"""

from __future__ import annotations

from collections.abc import Sequence

from got_loaders.pages.text_layer.reading_order import reading_order
from got_loaders.pages.text_layer.words import Line
from got_loaders.types import Box

_MAX_GAP = 2.5
"""Font sizes between the columns of a paragraph, of which half is common."""


def is_vertical_page(lines: Sequence[Line]) -> bool:
    """Whether most letters of a page stand under each other."""
    vertical = sum(len(line.text) for line in lines if line.vertical)
    return 2 * vertical > sum(len(line.text) for line in lines)


def column_groups(lines: Sequence[Line], max_groups: int) -> list[list[Line]]:
    """Vertical lines in the order of reading, those that stand beside each other together."""
    boxes = [line.box for line in lines]
    ordered = [lines[n] for n in reading_order([_turned(box) for box in boxes])]
    groups: list[list[Line]] = []
    for line in ordered:
        if groups and (len(groups) >= max_groups or _is_beside(groups[-1][-1], line)):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _turned(box: Box) -> Box:
    return Box(box.y0, -box.x1, box.y1, -box.x0)


def _is_beside(right: Line, left: Line) -> bool:
    """Whether a column follows another one in its paragraph, or goes on below it."""
    a, b = right.box, left.box
    size = max(right.size, left.size)
    if min(right.size, left.size) < 0.8 * size:
        return False
    overlap = min(a.y1, b.y1) - max(a.y0, b.y0)
    below = min(a.x1, b.x1) - max(a.x0, b.x0) > 0.5 * min(a.width, b.width)
    if below:
        return -size < b.y0 - a.y1 < _MAX_GAP * size
    return overlap > 0 and -size < a.x0 - b.x1 < _MAX_GAP * size
