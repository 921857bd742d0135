"""What the components of ink on a page are: letters, rules, pictures, ruled tables, or dust.

It looks at the components' sizes and at what they enclose; the order of reading is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from got_loaders.layout.scan.bars import find_bars
from got_loaders.layout.scan.binarize import Mask
from got_loaders.layout.scan.components import Boxes, Components, Indices
from got_loaders.layout.scan.intervals import bounding_box, centers, sizes
from got_loaders.layout.scan.ruling_lines import (
    booktabs_tables,
    classify_frame,
    find_rules,
    group_neighbors,
)

__all__ = ["FIGURE", "RULE", "TABLE", "TEXT", "PageElements", "find_elements"]

TEXT, RULE, FIGURE, TABLE = range(4)

_MIN_BARS = 8
"""A bar code has more of them."""
_MAX_HEADLINE_LETTERS = 400
"""Components that may be letters of headlines; a page of more large ones has none."""


@dataclass(frozen=True, slots=True)
class PageElements:
    """What a page's layout is made of: ``boxes`` on the deskewed page, and their ``kinds``.

    ``width`` is the page's; all lengths are in pixels of the page as it was binarized.

    ``x_height`` is the usual height of a letter (of most small ones, without its stem),
    ``cap_height`` that of tall ones, ``line_spacing`` the usual distance from line to line.
    ``areas`` are pixels of ink, and ``ink_density`` is the usual share of ink in a letter's box.
    ``marks`` are components too small for letters of this height, or alone: dirt, or smaller type;
    ``bullet_candidates`` and ``punctuation_candidates`` are those that may be such.
    """

    width: float
    boxes: Boxes
    kinds: NDArray[np.int8]
    areas: NDArray[np.float64]
    x_height: float
    line_spacing: float
    cap_height: float
    ink_density: float
    bullet_candidates: Boxes
    punctuation_candidates: Boxes
    marks: Boxes

    def local_x_height(self, indices: Indices) -> float:
        """The height of a letter among some elements, where it is larger than usual."""
        boxes = self.boxes[indices[self.kinds[indices] == TEXT]]
        local = float(np.median(sizes(boxes)[1])) if len(boxes) else 0.0
        return max(self.x_height, local)


def find_elements(
    components: Components, boxes: Boxes, x_height: float, skew: float, page_width: float
) -> PageElements:
    """Sort the components; ``boxes`` are theirs on the deskewed page, so wide."""
    areas, (width, height) = components.areas, sizes(boxes)
    short, long = np.minimum(width, height), np.maximum(width, height)
    dust = _is_dust(boxes, areas, x_height)
    clean = np.flatnonzero(~dust)
    is_rule, rules = find_rules(boxes, clean, x_height)
    is_wall = (height > 4 * x_height) & (width < np.maximum(0.7 * x_height, height / 6))
    large = (short > 2.5 * x_height) & (long > 6 * x_height)
    is_letter = ~is_rule & ~is_wall & ~large
    is_letter[_headline_letters(boxes, np.flatnonzero(large | (is_wall & ~is_rule)))] = True
    large, is_wall = large & ~is_letter, is_wall & ~is_letter
    letter = clean[is_letter[clean]]
    letters = boxes[letter]
    solid = areas > 0.35 * width * height
    zones = [(box, FIGURE) for box in boxes[clean[(large & solid)[clean]]]]
    drawn = clean[((large & ~solid) | is_rule | is_wall)[clean]]
    for group in group_neighbors(boxes, drawn, x_height):
        kind = classify_frame(components, group, boxes, letters, x_height, skew)
        drawing = large[group].any() or kind == "table" or _is_bar_code(boxes[group], areas[group])
        if kind is not None and drawing:
            zones.append((bounding_box(boxes[group]), TABLE if kind == "table" else FIGURE))
    zones += [(bounding_box(bars), FIGURE) for bars in find_bars(boxes, areas, x_height)]
    zones += [(zone, TABLE) for zone in booktabs_tables(rules, letters, x_height)]
    merged, zone_kinds = _merge(zones, x_height)
    small = np.concatenate([letters, rules])
    merged, inside = _absorb(merged, small, x_height)
    kinds = np.repeat((TEXT, RULE), (len(letters), len(rules)))
    ink = np.concatenate([areas[letter], np.zeros(len(rules))])
    densities = areas[letter] / (width * height)[letter]
    return PageElements(
        width=page_width,
        boxes=np.concatenate([small[~inside], merged]),
        kinds=np.concatenate([kinds[~inside], zone_kinds]).astype(np.int8),
        areas=np.concatenate([ink[~inside], np.zeros(len(merged))]),
        x_height=x_height,
        line_spacing=_line_spacing(letters, x_height),
        cap_height=_cap_height(letters, x_height),
        ink_density=float(np.median(densities)) if len(densities) else 1.0,
        bullet_candidates=boxes[dust & (short > 0.35 * x_height)],
        punctuation_candidates=boxes[dust & (long > 0.15 * x_height) & (areas >= 3)],
        marks=boxes[dust & (areas >= 4)],
    )


def _is_dust(boxes: Boxes, areas: NDArray[np.float64], x_height: float) -> Mask:
    """Which components are no letters: too small (the dots of an i go with them), or lonely."""
    size = np.maximum(*sizes(boxes))
    marks = (size < 0.5 * x_height) | (areas < 4)
    if marks.all():
        return np.asarray(marks)
    cells = np.floor((boxes[:, :2] + boxes[:, 2:]) / (3 * x_height)).astype(np.intp)
    cells -= cells.min(axis=0) - 1
    counts = np.zeros(cells.max(axis=0) + 2, np.intp)
    np.add.at(counts, tuple(cells[~marks].T), 1)
    counts[1:-1] += counts[:-2] + counts[2:]
    around = counts.copy()
    around[:, 1:-1] += counts[:, :-2] + counts[:, 2:]
    lonely = (size < x_height) & (around[tuple(cells.T)] <= 1)
    return np.asarray(marks | lonely)


def _headline_letters(boxes: Boxes, large: Indices) -> Indices:
    """Those of the large components that stand in a row of others of their height."""
    width, height = sizes(boxes)
    middle = centers(boxes)[1]
    letters = []
    for number in large[:_MAX_HEADLINE_LETTERS]:
        size = height[number]
        if width[number] > 3 * size:
            continue
        gap = np.maximum(boxes[:, 0] - boxes[number, 2], boxes[number, 0] - boxes[:, 2])
        level = np.abs(middle - middle[number]) < 0.4 * size
        like = level & (height > 0.5 * size) & (height < 1.6 * size) & (gap < 2 * size)
        like &= width < 3 * size
        wide = like & (width > size / 4)  # unlike bars
        if np.count_nonzero(like) >= 4 and np.count_nonzero(wide) >= 3:  # itself and three others
            letters.append(number)
    return np.array(letters, np.intp)


def _is_bar_code(boxes: Boxes, areas: NDArray[np.float64]) -> bool:
    """Whether these are many bars beside each other, with a good part of their ground inked."""
    width, height = sizes(bounding_box(boxes)[None])
    return len(boxes) >= _MIN_BARS and bool(areas.sum() > 0.2 * width[0] * height[0])


def _merge(
    zones: list[tuple[NDArray[np.float64], int]], x_height: float
) -> tuple[Boxes, NDArray[np.int8]]:
    """Zones that overlap, or nearly touch, made one; a table where the largest of them is one."""
    boxes = np.array([zone for zone, _ in zones]).reshape(-1, 4)
    kinds = np.array([kind for _, kind in zones], np.int8)
    while len(boxes) > 1:
        groups = group_neighbors(boxes, np.arange(len(boxes)), x_height)
        if len(groups) == len(boxes):
            break
        areas = np.multiply(*sizes(boxes))
        kinds = np.array([kinds[group[np.argmax(areas[group])]] for group in groups], np.int8)
        boxes = np.stack([bounding_box(boxes[group]) for group in groups])
    return boxes, kinds


def _absorb(zones: Boxes, boxes: Boxes, x_height: float) -> tuple[Boxes, Mask]:
    """The zones, grown by what stands in them, and which of the boxes do."""
    inside = np.zeros(len(boxes), np.bool_)
    x, y = centers(boxes)
    grown = zones.copy()
    for number, (x0, y0, x1, y1) in enumerate(zones):
        within = (x > x0 - x_height / 2) & (x < x1 + x_height / 2)
        within &= (y > y0 - x_height / 2) & (y < y1 + x_height / 2)
        inside |= within
        grown[number] = bounding_box(np.concatenate([zones[number : number + 1], boxes[within]]))
    return grown, inside


def _cap_height(letters: Boxes, x_height: float) -> float:
    height = sizes(letters)[1]
    height = height[(height > 0.7 * x_height) & (height < 2.2 * x_height)]
    return float(np.percentile(height, 85)) if len(height) else 1.4 * x_height


def _line_spacing(letters: Boxes, x_height: float) -> float:
    """The usual distance between the baselines of letters that stand below each other."""
    width, height = sizes(letters)
    like = letters[(height > 0.7 * x_height) & (height < 2.2 * x_height) & (width < 8 * x_height)]
    column = np.floor((like[:, 0] + like[:, 2]) / (4 * x_height))
    order = np.lexsort((like[:, 3], column))
    steps = np.diff(like[order, 3])[np.diff(column[order]) == 0] / x_height
    steps = steps[(steps > 1.2) & (steps < 6)]
    if len(steps) < 20:
        return 2.3 * x_height
    counts = np.convolve(np.bincount((steps * 10).astype(np.intp)), (1, 2, 3, 2, 1), "same")
    return (float(np.argmax(counts)) + 0.5) / 10 * x_height
