"""Tables by their rules: grids that hang together, and rules of one width above each other."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from got_loaders.layout.scan.components import Blobs, Boxes, Indices, find_blobs
from got_loaders.layout.scan.intervals import clusters, hull, split
from got_loaders.layout.scan.tables import is_table

__all__ = ["find_rules", "framing", "neighbours", "ruled_zones"]

_RULES = 60
"""Rules that are looked at; a page of more is no table."""

_LINE = 0.55
"""The part of a line that is ink; faint rules are broken."""

Framing = Literal["table", "figure"]


def find_rules(boxes: Boxes, kept: Indices, letter: float) -> tuple[NDArray[np.bool_], Boxes]:
    """Which of the ``kept`` patches are level rules, or pieces of one; and the whole rules."""
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    flat = (height < 0.4 * letter) & (width > np.maximum(1.2 * letter, 4 * height))
    flat |= (height < 0.7 * letter) & (width > 5 * letter)
    flat |= (height < 1.5 * letter) & (width > np.maximum(8 * letter, 20 * height))
    found = np.zeros(len(boxes), np.bool_)
    pieces = kept[flat[kept]]
    rules: list[NDArray[np.float64]] = []
    if len(pieces):
        middle = (boxes[pieces, 1] + boxes[pieces, 3]) / 2
        for level in split(pieces, clusters(middle, middle, 0.35 * letter)):
            ends = clusters(boxes[level, 0], boxes[level, 2], 3 * letter)
            for line in split(level, ends):
                rule = hull(boxes[line])
                if rule[2] - rule[0] > 5 * letter and rule[3] - rule[1] < 1.5 * letter:
                    rules.append(rule)
                    found[line] = True
    return found, np.array(rules).reshape(-1, 4)


def neighbours(boxes: Boxes, chosen: Indices, letter: float) -> list[Indices]:
    """The chosen boxes in groups that overlap or nearly touch: that are one patch on a grid."""
    if not len(chosen):
        return []
    few = boxes[chosen]
    cells = np.floor((few - np.tile(few[:, :2].min(axis=0), 2)) / letter).astype(np.intp)
    grid = np.zeros((int(cells[:, 3].max()) + 1, int(cells[:, 2].max()) + 1), np.bool_)
    for x0, y0, x1, y1 in cells:
        grid[y0 : y1 + 1, x0 : x1 + 1] = True
    labels = np.zeros(len(chosen), np.intp)
    for number, (x0, y0, x1, y1) in enumerate(find_blobs(grid).boxes().astype(np.intp)):
        inside = (cells[:, 0] >= x0) & (cells[:, 2] < x1)
        labels[inside & (cells[:, 1] >= y0) & (cells[:, 3] < y1)] = number
    return split(chosen, labels)


def framing(
    blobs: Blobs, patches: Indices, boxes: Boxes, letters: Boxes, letter: float, skew: float
) -> Framing | None:
    """Whether large patches are a table's grid or a picture; None: a mere frame around text."""
    box = hull(boxes[patches])
    width, height = box[2] - box[0], box[3] - box[1]
    ends = blobs.ends
    runs = np.concatenate([np.arange(ends[p], ends[p + 1]) for p in patches])
    x0, x1, y = blobs.x0[runs], blobs.x1[runs], blobs.y[runs] + 0.5
    cos, sin = math.cos(math.radians(skew)), math.sin(math.radians(skew))
    middle = (x0 + x1) / 2
    across, down = middle * cos + y * sin - box[0], y * cos - middle * sin - box[1]
    level = _lines(down, (x1 - x0).astype(np.float64), width)
    thin = x1 - x0 <= max(3.0, 0.7 * letter)
    upright = _lines(across[thin], np.ones(np.count_nonzero(thin)), height)
    inside = _within(letters, box)
    if level >= 2 and upright >= 2 and level + upright >= 5 and len(inside) >= 4:
        return "table"
    if level >= 2 and upright >= 2 and _is_writing(inside, letter):
        return None
    return "figure"


def ruled_zones(rules: Boxes, letters: Boxes, letter: float) -> list[NDArray[np.float64]]:
    """The boxes of tables that stand between rules of one width."""
    zones: list[NDArray[np.float64]] = []
    rest = list(rules[np.argsort(rules[:, 1])][:_RULES])
    while len(rest) > 1:
        first = rest.pop(0)
        like = [rule for rule in rest if np.abs(rule - first)[[0, 2]].max() < 2 * letter]
        zone = None
        for last in (*like[-1:], *like[:3]):  # all that there are, or the nearest ones
            zone = _zone(first, last, letters, letter)
            if zone is not None:
                break
        if zone is None:
            continue
        for last in like:
            if last[3] > zone[3]:
                more = _zone(first, last, letters, letter)
                zone = zone if more is None else more
        zones.append(zone)
        rest = [rule for rule in rest if rule[1] >= zone[3]]
    return zones


def _zone(
    first: NDArray[np.float64], last: NDArray[np.float64], letters: Boxes, letter: float
) -> NDArray[np.float64] | None:
    """The box from one rule to another, where a table stands there."""
    zone = hull(np.stack([first, last]))
    inside = _within(letters, zone)
    return zone if len(inside) >= 4 and is_table(inside, letter) else None


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
    x, y = (letters[:, 0] + letters[:, 2]) / 2, (letters[:, 1] + letters[:, 3]) / 2
    within: Boxes = letters[(x > box[0]) & (x < box[2]) & (y > box[1]) & (y < box[3])]
    return within


def _is_writing(letters: Boxes, letter: float) -> bool:
    """Whether most of the patches are of a letter's size, and there are some words of them."""
    height = letters[:, 3] - letters[:, 1]
    like = (height > 0.6 * letter) & (height < 3 * letter)
    return bool(np.count_nonzero(like) >= max(10, 0.6 * len(letters)))
