"""Tables by their ruling lines: connected grids, and rules of one width above each other."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from got_loaders.layout.scan.binarize import Mask
from got_loaders.layout.scan.components import Boxes, Components, Indices, find_components
from got_loaders.layout.scan.intervals import bounding_box, centers, clusters, sizes, split
from got_loaders.layout.scan.short_lines import are_running_columns
from got_loaders.layout.scan.tables import is_table

__all__ = ["booktabs_tables", "classify_frame", "find_rules", "group_neighbors"]

_MAX_RULES = 60
"""Rules that are looked at; a page of more is no table."""

_LINE = 0.55
"""The part of a line that is ink; faint rules are broken."""

_THIN = 0.06
"""Of the ground that they enclose rules ink no more than this; photos and bars do."""
_FEW_LEVELS = 3
"""Columns of running text have no more level rules: above, below, and under a heading."""

FrameType = Literal["table", "figure"]


def find_rules(boxes: Boxes, clean: Indices, x_height: float) -> tuple[Mask, Boxes]:
    """Which of the ``clean`` components are level rules, or pieces of one; and the whole rules."""
    width, height = sizes(boxes)
    flat = (height < 0.4 * x_height) & (width > np.maximum(1.2 * x_height, 4 * height))
    flat |= (height < 0.7 * x_height) & (width > 5 * x_height)
    flat |= (height < 1.5 * x_height) & (width > np.maximum(8 * x_height, 20 * height))
    is_rule = np.zeros(len(boxes), np.bool_)
    pieces = clean[flat[clean]]
    rules: list[NDArray[np.float64]] = []
    if len(pieces):
        middle = centers(boxes[pieces])[1]
        for level in split(pieces, clusters(middle, middle, 0.35 * x_height)):
            ends = clusters(boxes[level, 0], boxes[level, 2], 3 * x_height)
            for line in split(level, ends):
                rule = bounding_box(boxes[line])
                if rule[2] - rule[0] > 5 * x_height and rule[3] - rule[1] < 1.5 * x_height:
                    rules.append(rule)
                    is_rule[line] = True
    return is_rule, np.array(rules).reshape(-1, 4)


def group_neighbors(boxes: Boxes, indices: Indices, x_height: float) -> list[Indices]:
    """Some boxes in groups that overlap or nearly touch: that are one component on a grid."""
    if not len(indices):
        return []
    boxes = boxes[indices]
    cells = np.floor((boxes - np.tile(boxes[:, :2].min(axis=0), 2)) / x_height).astype(np.intp)
    grid = np.zeros((int(cells[:, 3].max()) + 1, int(cells[:, 2].max()) + 1), np.bool_)
    for x0, y0, x1, y1 in cells:
        grid[y0 : y1 + 1, x0 : x1 + 1] = True
    labels = np.zeros(len(indices), np.intp)
    for number, (x0, y0, x1, y1) in enumerate(find_components(grid).boxes().astype(np.intp)):
        inside = (cells[:, 0] >= x0) & (cells[:, 2] < x1)
        labels[inside & (cells[:, 1] >= y0) & (cells[:, 3] < y1)] = number
    return split(indices, labels)


def classify_frame(
    components: Components,
    group: Indices,
    boxes: Boxes,
    letters: Boxes,
    x_height: float,
    skew: float,
) -> FrameType | None:
    """Whether large components are a table's grid or a picture; None: a frame around text, or the
    rules between its columns."""
    box = bounding_box(boxes[group])
    width, height = box[2] - box[0], box[3] - box[1]
    ends = components.ends
    runs = np.concatenate([np.arange(ends[p], ends[p + 1]) for p in group])
    x0, x1, y = components.x0[runs], components.x1[runs], components.y[runs] + 0.5
    cos, sin = math.cos(math.radians(skew)), math.sin(math.radians(skew))
    middle = (x0 + x1) / 2
    across, down = middle * cos + y * sin - box[0], y * cos - middle * sin - box[1]
    level = _lines(down, (x1 - x0).astype(np.float64), width)
    thin = x1 - x0 <= max(3.0, 0.7 * x_height)
    upright = _lines(across[thin], np.ones(np.count_nonzero(thin)), height)
    inside = _within(letters, box)
    is_thin = components.areas[group].sum() < _THIN * width * height
    if is_thin and level <= _FEW_LEVELS and are_running_columns(inside, x_height):
        return None
    if level >= 2 and upright >= 2 and level + upright >= 5 and len(inside) >= 4:
        return "table"
    if level >= 2 and upright >= 2 and _is_writing(inside, x_height):
        return None
    return "figure"


def booktabs_tables(rules: Boxes, letters: Boxes, x_height: float) -> list[NDArray[np.float64]]:
    """The boxes of tables that stand between rules of one width, as LaTeX's booktabs has them."""
    zones: list[NDArray[np.float64]] = []
    rest = list(rules[np.argsort(rules[:, 1])][:_MAX_RULES])
    while len(rest) > 1:
        first = rest.pop(0)
        like = [rule for rule in rest if np.abs(rule - first)[[0, 2]].max() < 2 * x_height]
        zone = None
        for last in (*like[-1:], *like[:3]):  # all that there are, or the nearest ones
            zone = _zone(first, last, letters, x_height)
            if zone is not None:
                break
        if zone is None:
            continue
        for last in like:
            if last[3] > zone[3]:
                more = _zone(first, last, letters, x_height)
                zone = zone if more is None else more
        zones.append(zone)
        rest = [rule for rule in rest if rule[1] >= zone[3]]
    return zones


def _zone(
    first: NDArray[np.float64], last: NDArray[np.float64], letters: Boxes, x_height: float
) -> NDArray[np.float64] | None:
    """The box from one rule to another, where a table stands there."""
    zone = bounding_box(np.stack([first, last]))
    inside = _within(letters, zone)
    return zone if len(inside) >= 4 and is_table(inside, x_height) else None


def _lines(place: NDArray[np.float64], length: NDArray[np.float64], full: float) -> int:
    """How many lines of nearly full length the runs at ``place`` make."""
    if not len(place):
        return 0
    bins = np.maximum(place, 0).astype(np.intp)
    cover = np.convolve(np.bincount(bins, weights=length), np.ones(3), "same")
    lines = np.flatnonzero(cover > _LINE * full).astype(np.float64)
    if not len(lines):
        return 0
    return int(clusters(lines, lines, 3).max()) + 1


def _within(letters: Boxes, box: NDArray[np.float64]) -> Boxes:
    x, y = centers(letters)
    within: Boxes = letters[(x > box[0]) & (x < box[2]) & (y > box[1]) & (y < box[3])]
    return within


def _is_writing(letters: Boxes, x_height: float) -> bool:
    """Whether most of the components are of a letter's size, and there are some words of them."""
    height = sizes(letters)[1]
    like = (height > 0.6 * x_height) & (height < 3 * x_height)
    return bool(np.count_nonzero(like) >= max(10, 0.6 * len(letters)))
