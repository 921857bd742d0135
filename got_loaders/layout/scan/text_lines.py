"""Lines of one column, and the paragraphs that they make: by white space and size of type."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from got_loaders.layout.scan.binarize import Mask
from got_loaders.layout.scan.components import Boxes, Indices
from got_loaders.layout.scan.elements import TEXT, PageElements
from got_loaders.layout.scan.intervals import (
    bounding_box,
    centers,
    clusters,
    line_labels,
    sizes,
    split,
)

__all__ = ["ScanBlock", "find_paragraphs"]

_BLANK = 1.3
"""Lines further apart than so many usual steps have white space between them."""
_LARGER = 1.2
"""Type larger by this factor is another paragraph's, if there is some more space as well;"""
_WIDER = 1.08
"""this much;"""
_MUCH_LARGER = 1.5
"""and type larger by this is another's in any case."""
_WITHIN = 0.35
"""Between the parts of a letter there is less white space, in letter heights."""
_AROUND = 6
"""Steps to either side that tell the usual one."""


@dataclass(frozen=True, slots=True, eq=False)
class ScanBlock:
    """Elements of the page that are read as one.

    ``lines``, ``x_height`` and ``cap_height`` (the heights of usual and of tall letters) are 0
    where it is no text.
    """

    indices: Indices
    kind: int
    lines: int = 0
    x_height: float = 0.0
    cap_height: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    indices: Indices
    baseline: float
    x_height: float
    cap_height: float


def find_paragraphs(page: PageElements, indices: Indices) -> list[ScanBlock]:
    """The blocks of text of one column, from top to bottom."""
    lines = _lines(page, indices)
    if not lines:
        return []
    steps = np.diff([line.baseline for line in lines])
    cuts = np.flatnonzero(_is_break(page, lines, steps)) + 1
    ends = [0, *cuts.tolist(), len(lines)]
    return [_block(lines[a:b]) for a, b in itertools.pairwise(ends)]


def _block(lines: list[_Line]) -> ScanBlock:
    indices = np.concatenate([line.indices for line in lines])
    x_height = float(np.median([line.x_height for line in lines]))
    cap_height = float(np.median([line.cap_height for line in lines]))
    return ScanBlock(indices, TEXT, len(lines), x_height, cap_height)


def _lines(page: PageElements, indices: Indices) -> list[_Line]:
    """The lines of a column; a mark or two that stand alone are none."""
    if not len(indices):
        return []
    boxes = page.boxes[indices]
    strips = split(indices, clusters(boxes[:, 1], boxes[:, 3], _WITHIN * page.x_height))
    lines = [line for strip in strips for line in _strip(page, strip)]
    real = [line for line in lines if not _is_speck(page.boxes[line.indices], page.x_height)]
    return real or lines


def _is_speck(boxes: Boxes, x_height: float) -> bool:
    return len(boxes) <= 2 and bool(np.max(sizes(boxes)) < 0.9 * x_height)


def _strip(page: PageElements, indices: Indices) -> list[_Line]:
    """The lines of a strip that white space parts from others, by the middles of its letters;
    marks and joined letters go to the nearest."""
    boxes = page.boxes[indices]
    height = sizes(boxes)[1]
    usual = height > 0.5 * page.x_height
    if usual.any():
        typical = float(np.median(height[usual]))
        usual = (height > 0.5 * typical) & (height < 2.4 * typical)
    else:
        usual[:], typical = True, float(np.median(height))
    rows = split(np.flatnonzero(usual), line_labels(boxes[usual]))
    hulls = np.stack([bounding_box(boxes[row]) for row in rows])
    real = np.array([not _is_mark(boxes[row], hulls, n, typical) for n, row in enumerate(rows)])
    real |= not real.any()
    rows = [row for row, is_real in zip(rows, real, strict=True) if is_real]
    rest = np.setdiff1d(np.arange(len(boxes)), np.concatenate(rows))
    nearest = _nearest(boxes[rest], hulls[real], typical)
    return [
        _line(indices[np.concatenate([row, rest[nearest == number]])], boxes[row])
        for number, row in enumerate(rows)
    ]


def _is_mark(boxes: Boxes, lines: Boxes, number: int, x_height: float) -> bool:
    """Whether what looks like a line is none: the dots of larger type, or a mark or two, small or
    between other lines."""
    top, bottom = lines[number, 1], lines[number, 3]
    common = np.minimum(lines[:, 3], bottom) - np.maximum(lines[:, 1], top)
    larger = sizes(lines)[1] > 1.5 * (bottom - top)
    if np.any(larger & (common > 0.75 * (bottom - top))):
        return True
    if len(boxes) > 2:
        return False
    near = np.abs(centers(lines)[1] - (top + bottom) / 2) < 1.3 * x_height
    return bool(np.count_nonzero(near) > 1) or _is_speck(boxes, x_height)  # itself is near, too


def _nearest(boxes: Boxes, lines: Boxes, x_height: float) -> Indices:
    """For each box the number of the line that it is next to; -1: it is a speck, far from any."""
    if not len(boxes):
        return np.zeros(0, np.intp)
    middle = centers(boxes)[1][:, None]
    down = np.maximum(np.maximum(lines[:, 1] - middle, middle - lines[:, 3]), 0)
    across = np.maximum(lines[:, 0] - boxes[:, 2:3], boxes[:, 0:1] - lines[:, 2])
    distance = np.maximum(down, across)
    is_lost = (distance.min(axis=1) > x_height) & (np.maximum(*sizes(boxes)) < 0.9 * x_height)
    return np.asarray(np.where(is_lost, -1, distance.argmin(axis=1)))


def _line(indices: Indices, letters: Boxes) -> _Line:
    x_height, cap_height = np.percentile(sizes(letters)[1], (50, 85))
    return _Line(indices, float(np.median(letters[:, 3])), float(x_height), float(cap_height))


def _is_break(page: PageElements, lines: list[_Line], steps: NDArray[np.float64]) -> Mask:
    """For each step from line to line whether another paragraph begins."""
    heights = np.array([(line.x_height, line.cap_height) for line in lines])
    ratio = heights[1:] / heights[:-1]
    change = np.maximum(ratio.min(axis=1), (1 / ratio).min(axis=1))
    resized = change > _LARGER
    usual = np.array(
        [_usual_step(page, steps, resized, heights[n, 0], n) for n in range(len(steps))]
    )
    wide = steps > _BLANK * usual
    return np.asarray(wide | (resized & (steps > _WIDER * usual)) | (change > _MUCH_LARGER))


def _usual_step(
    page: PageElements, steps: NDArray[np.float64], resized: Mask, x_height: float, number: int
) -> float:
    """The step between lines of one paragraph of this type: of its neighbours, or the page's."""
    start, end = number, number + 1
    while start and not resized[start - 1] and number - start < _AROUND:
        start -= 1
    while end < len(steps) and not resized[end] and end - number <= _AROUND:
        end += 1
    around = steps[start:end]
    if len(around) >= 3:
        return float(np.percentile(around, 25))
    scaled = page.line_spacing * max(1.0, x_height / page.x_height)
    return float(min(around.min(), scaled))
