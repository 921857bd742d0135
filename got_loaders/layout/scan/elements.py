"""What the patches of ink on a page are: letters, rules, pictures, ruled tables, or dust.

It looks at the patches' sizes and at what they enclose; the order of reading is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from got_loaders.layout.scan.binarize import Mask
from got_loaders.layout.scan.components import Blobs, Boxes, Indices
from got_loaders.layout.scan.intervals import hull
from got_loaders.layout.scan.ruling_lines import find_rules, framing, neighbours, ruled_zones

__all__ = ["FIGURE", "RULE", "TABLE", "TEXT", "Parts", "find_parts", "letter_height"]

TEXT, RULE, FIGURE, TABLE = range(4)

_LEAST_LETTER = 4.0
"""Pixels: smaller than this nothing can be read."""

_HEADLINES = 400
"""Patches that may be letters of headlines; a page of more large ones has none."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a page that layout is made of: ``boxes`` on the levelled page, and ``kinds``.

    ``letter`` is the usual height of a letter (of most small ones, without its stem), ``tall`` that
    of tall ones, ``pitch`` the usual distance from line to line. ``areas`` are pixels of ink, and
    ``weight`` is the usual share of ink in a letter's box. ``marks`` are patches too small for
    letters, but large enough for bullets; ``stops`` those that may be full stops or commas.
    """

    boxes: Boxes
    kinds: NDArray[np.int8]
    areas: NDArray[np.float64]
    letter: float
    pitch: float
    tall: float
    weight: float
    marks: Boxes
    stops: Boxes

    def local_letter(self, indices: Indices) -> float:
        """The height of a letter among some parts, where it is larger than usual."""
        boxes = self.boxes[indices[self.kinds[indices] == TEXT]]
        local = float(np.median(boxes[:, 3] - boxes[:, 1])) if len(boxes) else 0.0
        return max(self.letter, local)


def letter_height(boxes: Boxes) -> float:
    """The height of the letters that fill most of the page's lines."""
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    like = (height >= 3) & (width <= 10 * height) & (width >= 2)
    if not like.any():
        return _LEAST_LETTER
    height, width = height[like], np.minimum(width[like], 4 * height[like])
    order = np.argsort(height)
    total = np.cumsum(width[order])
    return max(_LEAST_LETTER, float(height[order[np.searchsorted(total, total[-1] / 2)]]))


def find_parts(blobs: Blobs, boxes: Boxes, letter: float, skew: float) -> Parts:
    """Sort the patches; ``boxes`` are theirs on the levelled page."""
    areas = blobs.areas
    dust = _dust(boxes, areas, letter)
    kept = np.flatnonzero(~dust)
    width, height = _sizes(boxes)
    rules, lines = find_rules(boxes, kept, letter)
    walls = (height > 4 * letter) & (width < 0.7 * letter)
    large = (np.minimum(width, height) > 2.5 * letter) & (np.maximum(width, height) > 6 * letter)
    is_letter = ~rules & ~walls & ~large
    is_letter[_huge_letters(boxes, np.flatnonzero(large))] = True
    large &= ~is_letter
    letters = boxes[kept[is_letter[kept]]]
    solid = areas > 0.35 * width * height
    pictures = kept[(large & solid)[kept]]
    zones = [(box, FIGURE) for box in boxes[pictures]]
    drawn = kept[((large & ~solid) | rules | walls)[kept]]
    for patches in neighbours(boxes, drawn, letter):
        kind = framing(blobs, patches, boxes, letters, letter, skew)
        if kind is not None and (large[patches].any() or kind == "table"):
            zones.append((hull(boxes[patches]), TABLE if kind == "table" else FIGURE))
    zones += [(zone, TABLE) for zone in ruled_zones(lines, letters, letter)]
    merged, kinds = _merged(zones, letter)
    rest = kept[is_letter[kept]]
    small = np.concatenate([boxes[rest], lines])
    merged, inside = _absorbed(merged, small, letter)
    sorts = np.repeat((TEXT, RULE), (len(rest), len(lines)))
    inks = np.concatenate([areas[rest], np.zeros(len(lines))])
    weights = areas[rest] / (width * height)[rest]
    return Parts(
        np.concatenate([small[~inside], merged]),
        np.concatenate([sorts[~inside], kinds]).astype(np.int8),
        np.concatenate([inks[~inside], np.zeros(len(merged))]),
        letter,
        _pitch(letters, letter),
        _tall(letters, letter),
        float(np.median(weights)) if len(weights) else 1.0,
        boxes[dust & (np.minimum(width, height) > 0.35 * letter)],
        boxes[dust & (np.maximum(width, height) > 0.15 * letter) & (areas >= 3)],
    )


def _sizes(boxes: Boxes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]


def _dust(boxes: Boxes, areas: NDArray[np.float64], letter: float) -> Mask:
    """Patches that are no letters: marks too small (the dots of an i go with it), lonely specks."""
    size = np.maximum(*_sizes(boxes))
    marks = (size < 0.5 * letter) | (areas < 4)
    if marks.all():
        return np.asarray(marks)
    cells = np.floor((boxes[:, :2] + boxes[:, 2:]) / (3 * letter)).astype(np.intp)
    cells -= cells.min(axis=0) - 1
    counts = np.zeros(cells.max(axis=0) + 2, np.intp)
    np.add.at(counts, tuple(cells[~marks].T), 1)
    counts[1:-1] += counts[:-2] + counts[2:]
    around = counts.copy()
    around[:, 1:-1] += counts[:, :-2] + counts[:, 2:]
    lonely = (size < letter) & (around[tuple(cells.T)] <= 1)
    return np.asarray(marks | lonely)


def _huge_letters(boxes: Boxes, large: Indices) -> Indices:
    """Those of the large patches that stand in a row of patches of their height: a headline."""
    width, height = _sizes(boxes)
    found = []
    for patch in large[:_HEADLINES]:
        size, middle = height[patch], (boxes[patch, 1] + boxes[patch, 3]) / 2
        if width[patch] > 3 * size:
            continue
        gap = np.maximum(boxes[:, 0] - boxes[patch, 2], boxes[patch, 0] - boxes[:, 2])
        level = np.abs((boxes[:, 1] + boxes[:, 3]) / 2 - middle) < 0.4 * size
        like = level & (height > 0.5 * size) & (height < 1.6 * size) & (gap < 2 * size)
        if np.count_nonzero(like & (width < 3 * size)) >= 4:  # itself and three others
            found.append(patch)
    return np.array(found, np.intp)


def _merged(
    zones: list[tuple[NDArray[np.float64], int]], letter: float
) -> tuple[Boxes, NDArray[np.int8]]:
    """Zones that overlap, or nearly touch, made one; a table where the largest of them is one."""
    boxes = np.array([zone for zone, _ in zones]).reshape(-1, 4)
    kinds = np.array([kind for _, kind in zones], np.int8)
    while len(boxes) > 1:
        groups = neighbours(boxes, np.arange(len(boxes)), letter)
        if len(groups) == len(boxes):
            break
        width, height = _sizes(boxes)
        kinds = np.array([kinds[g[np.argmax((width * height)[g])]] for g in groups], np.int8)
        boxes = np.stack([hull(boxes[group]) for group in groups])
    return boxes, kinds


def _absorbed(zones: Boxes, boxes: Boxes, letter: float) -> tuple[Boxes, Mask]:
    """The zones, grown by what stands in them, and which of the boxes do."""
    inside = np.zeros(len(boxes), np.bool_)
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    grown = zones.copy()
    for number, (x0, y0, x1, y1) in enumerate(zones):
        within = (x > x0 - letter / 2) & (x < x1 + letter / 2)
        within &= (y > y0 - letter / 2) & (y < y1 + letter / 2)
        inside |= within
        grown[number] = hull(np.concatenate([zones[number : number + 1], boxes[within]]))
    return grown, inside


def _tall(letters: Boxes, letter: float) -> float:
    height = letters[:, 3] - letters[:, 1]
    height = height[(height > 0.7 * letter) & (height < 2.2 * letter)]
    return float(np.percentile(height, 85)) if len(height) else 1.4 * letter


def _pitch(letters: Boxes, letter: float) -> float:
    """The usual distance between the feet of letters that stand below each other."""
    width, height = _sizes(letters)
    like = letters[(height > 0.7 * letter) & (height < 2.2 * letter) & (width < 8 * letter)]
    column = np.floor((like[:, 0] + like[:, 2]) / (4 * letter))
    order = np.lexsort((like[:, 3], column))
    steps = np.diff(like[order, 3])[np.diff(column[order]) == 0] / letter
    steps = steps[(steps > 1.2) & (steps < 6)]
    if len(steps) < 20:
        return 2.3 * letter
    counts = np.convolve(np.bincount((steps * 10).astype(np.intp)), (1, 2, 3, 2, 1), "same")
    return (float(np.argmax(counts)) + 0.5) / 10 * letter
