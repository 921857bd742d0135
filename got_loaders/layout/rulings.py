"""Tables by their rules: grids that hang together, and rules of one width above each other."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from got_loaders.layout.blobs import Blobs, Boxes
from got_loaders.layout.gaps import clusters, hull
from got_loaders.layout.tables import is_table

__all__ = ["framing", "ruled_zones"]

_RULES = 40
"""Rules of one width that are looked at together; a page of more is no table."""

Framing = Literal["table", "figure"]


def framing(
    blobs: Blobs, patch: int, box: NDArray[np.float64], letters: Boxes, letter: float, skew: float
) -> Framing | None:
    """Whether a large patch is a table's grid or a picture; None: a mere frame around text."""
    width, height = box[2] - box[0], box[3] - box[1]
    runs = blobs.runs(patch)
    x0, x1, y = blobs.x0[runs], blobs.x1[runs], blobs.y[runs] + 0.5
    if (x1 - x0).sum() > 0.35 * width * height:
        return "figure"
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
    order = np.argsort(rules[:, 1])
    rest = [rules[number] for number in order]
    while len(rest) > 1:
        first = rest.pop(0)
        like = [rule for rule in rest if np.abs(rule - first)[[0, 2]].max() < 2 * letter]
        for last in reversed(like[:_RULES]):
            zone = hull(np.stack([first, last]))
            inside = _within(letters, zone)
            if len(inside) >= 4 and is_table(inside, letter):
                zones.append(zone)
                rest = [rule for rule in rest if rule[1] > last[1]]
                break
    return zones


def _lines(place: NDArray[np.float64], length: NDArray[np.float64], full: float) -> int:
    """How many lines of nearly full length the runs at ``place`` make."""
    bins = np.maximum(place, 0).astype(np.intp)
    cover = np.convolve(np.bincount(bins, weights=length), np.ones(3), "same")
    lines = np.flatnonzero(cover > 0.7 * full).astype(np.float64)
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
