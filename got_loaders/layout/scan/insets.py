"""Larger type that the columns of a page flow around: a quotation, pulled out of the text."""

from __future__ import annotations

import numpy as np

from got_loaders.layout.scan.binarize import Mask
from got_loaders.layout.scan.columns import find_columns
from got_loaders.layout.scan.components import Boxes, Indices
from got_loaders.layout.scan.elements import RULE, TEXT, PageElements
from got_loaders.layout.scan.intervals import bounding_box, centers, line_labels, sizes, split
from got_loaders.layout.scan.ruling_lines import group_neighbors

__all__ = ["cut_around_inset"]

_LARGER = 1.2
"""Its letters are larger than the page's, by this factor."""
_REACH = 1.1
"""Its words and lines are no further apart, in its letters' heights."""
_LETTERS, _LINES = 12, 2
"""It has so many letters and lines at least."""
_WHITE = 0.8
"""Beside it is so much white, in letter heights,"""
_BESIDE = 3
"""and so many lines of text, on both sides of it, at least."""


def cut_around_inset(page: PageElements, indices: Indices, space: float) -> list[Indices]:
    """The columns around an inset, each cut above and below it, and then the inset; else none.

    ``space`` is between words.
    """
    for inset in _insets(page, indices):
        columns = find_columns(page, np.setdiff1d(indices, inset), space)
        if len(columns) > 1:
            top, bottom = bounding_box(page.boxes[inset])[[1, 3]]
            parts = [part for column in columns for part in _cut(page, column, top, bottom)]
            return [*parts, inset]
    return []


def _cut(page: PageElements, column: Indices, top: float, bottom: float) -> list[Indices]:
    """A column's lines above, beside and below an inset."""
    parts: list[list[Indices]] = [[], [], []]
    for line in split(column, line_labels(page.boxes[column], 2 * page.x_height)):
        y = float(np.median(centers(page.boxes[line])[1]))
        parts[int(y >= top) + int(y > bottom)].append(line)
    return [np.concatenate(part) for part in parts if part]


def _insets(page: PageElements, indices: Indices) -> list[Indices]:
    """The groups of larger type that have white and running lines on both sides."""
    text = indices[page.kinds[indices] == TEXT]
    groups = group_neighbors(page.boxes, text, _WHITE * page.x_height)
    large = [group for group in groups if _is_large(page, group)]
    if not large:
        return []
    letters = np.concatenate(large)
    size = float(np.median(sizes(page.boxes[letters])[1]))
    rules = indices[page.kinds[indices] == RULE]
    found = []
    for group in group_neighbors(page.boxes, letters, _REACH * size):
        box = bounding_box(page.boxes[group])
        inset = text[_within(page.boxes[text], box, size / 3)]
        if _is_set_in(page, text, inset):
            found.append(np.concatenate([inset, rules[_within(page.boxes[rules], box, 2 * size)]]))
    return found


def _is_large(page: PageElements, group: Indices) -> bool:
    """Whether letters next to each other are larger than the page's."""
    return float(np.median(sizes(page.boxes[group])[1])) > _LARGER * page.x_height


def _within(boxes: Boxes, box: Boxes, margin: float) -> Mask:
    x, y = centers(boxes)
    within = (x > box[0] - 3 * margin) & (x < box[2] + 3 * margin)
    within &= (y > box[1] - margin) & (y < box[3] + margin)
    return np.asarray(within, np.bool_)


def _is_set_in(page: PageElements, text: Indices, inset: Indices) -> bool:
    """Whether an inset is several lines of larger type, with white around it, and then text."""
    boxes = page.boxes[inset]
    height = sizes(boxes)[1]
    if len(inset) < _LETTERS or np.median(height) < _LARGER * page.x_height:
        return False
    if int(line_labels(boxes).max()) < _LINES - 1:
        return False
    x0, y0, x1, y1 = bounding_box(boxes)
    others = page.boxes[np.setdiff1d(text, inset)]
    y = centers(others)[1]
    level = others[(y > y0) & (y < y1)]
    left, right = level[level[:, 0] < x0], level[level[:, 0] >= x0]
    white = _WHITE * page.x_height
    if not len(left) or not len(right):
        return False
    if left[:, 2].max() > x0 - white or right[:, 0].min() < x1 + white:
        return False
    return all(int(line_labels(side).max()) >= _BESIDE - 1 for side in (left, right))
