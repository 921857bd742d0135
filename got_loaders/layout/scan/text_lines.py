"""Lines of one column, and the paragraphs that they make: by white space and size of type."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from got_loaders.layout.scan.components import Boxes, Indices
from got_loaders.layout.scan.elements import TEXT, Parts
from got_loaders.layout.scan.intervals import clusters, hull, split

__all__ = ["Block", "paragraphs"]

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
class Block:
    """Parts of the page that are read as one. ``lines``, ``small`` and ``tall`` (the heights of
    usual and of tall letters) are 0 where it is no text."""

    indices: Indices
    kind: int
    lines: int = 0
    small: float = 0.0
    tall: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    indices: Indices
    foot: float
    small: float
    tall: float


def paragraphs(parts: Parts, indices: Indices) -> list[Block]:
    """The blocks of text of one column, from top to bottom."""
    lines = _lines(parts, indices)
    if not lines:
        return []
    steps = np.diff([line.foot for line in lines])
    cuts = np.flatnonzero(_parted(parts, lines, steps)) + 1
    ends = [0, *cuts.tolist(), len(lines)]
    return [_block(lines[a:b]) for a, b in itertools.pairwise(ends)]


def _block(lines: list[_Line]) -> Block:
    indices = np.concatenate([line.indices for line in lines])
    small = float(np.median([line.small for line in lines]))
    tall = float(np.median([line.tall for line in lines]))
    return Block(indices, TEXT, len(lines), small, tall)


def _lines(parts: Parts, indices: Indices) -> list[_Line]:
    """The lines of a column; a mark or two that stand alone are none."""
    if not len(indices):
        return []
    boxes = parts.boxes[indices]
    strips = split(indices, clusters(boxes[:, 1], boxes[:, 3], _WITHIN * parts.letter))
    lines = [line for strip in strips for line in _strip(parts, strip)]
    real = [line for line in lines if not _is_speck(parts.boxes[line.indices], parts.letter)]
    return real or lines


def _is_speck(boxes: Boxes, letter: float) -> bool:
    sizes = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    return len(boxes) <= 2 and bool(sizes.max() < 0.9 * letter)


def _strip(parts: Parts, indices: Indices) -> list[_Line]:
    """The lines of a strip that white space parts from others, by the middles of its letters;
    marks and joined letters go to the nearest."""
    boxes = parts.boxes[indices]
    height = boxes[:, 3] - boxes[:, 1]
    usual = height > 0.5 * parts.letter
    if usual.any():
        typical = float(np.median(height[usual]))
        usual = (height > 0.5 * typical) & (height < 2.4 * typical)
    else:
        usual[:], typical = True, float(np.median(height))
    core = boxes[usual]
    quarter = height[usual] / 4
    labels = clusters(core[:, 1] + quarter, core[:, 3] - quarter, 0)
    rows = split(np.flatnonzero(usual), labels)
    hulls = np.stack([hull(boxes[row]) for row in rows])
    real = [
        row for n, row in enumerate(rows) if not _is_mark(boxes[row], hulls, n, typical)
    ] or rows
    rest = np.setdiff1d(np.arange(len(boxes)), np.concatenate(real))
    near = _nearest(boxes[rest], [hull(boxes[row]) for row in real], typical)
    return [
        _line(indices[np.concatenate([row, rest[near == number]])], boxes[row])
        for number, row in enumerate(real)
    ]


def _is_mark(boxes: Boxes, lines: Boxes, number: int, letter: float) -> bool:
    """Whether what looks like a line is none: the dots of larger type, or a mark or two, small or
    between other lines."""
    top, bottom = lines[number, 1], lines[number, 3]
    common = np.minimum(lines[:, 3], bottom) - np.maximum(lines[:, 1], top)
    larger = lines[:, 3] - lines[:, 1] > 1.5 * (bottom - top)
    if np.any(larger & (common > 0.75 * (bottom - top))):
        return True
    if len(boxes) > 2:
        return False
    near = np.abs((lines[:, 1] + lines[:, 3]) / 2 - (top + bottom) / 2) < 1.3 * letter
    return bool(np.count_nonzero(near) > 1) or _is_speck(boxes, letter)  # itself is near, too


def _nearest(boxes: Boxes, lines: list[NDArray[np.float64]], letter: float) -> Indices:
    """For each box the number of the line that it is next to; -1: it is a speck, far from any."""
    rows = np.stack(lines)
    middle = (boxes[:, 1] + boxes[:, 3])[:, None] / 2
    down = np.maximum(np.maximum(rows[:, 1] - middle, middle - rows[:, 3]), 0)
    across = np.maximum(rows[:, 0] - boxes[:, 2:3], boxes[:, 0:1] - rows[:, 2])
    far = np.maximum(down, across)
    near = far.argmin(axis=1) if len(boxes) else np.zeros(0, np.intp)
    size = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    lost = (far.min(axis=1) > letter) & (size < 0.9 * letter) if len(boxes) else near < 0
    return np.asarray(np.where(lost, -1, near))


def _line(indices: Indices, letters: NDArray[np.float64]) -> _Line:
    height = letters[:, 3] - letters[:, 1]
    small, tall = np.percentile(height, (50, 85))
    return _Line(indices, float(np.median(letters[:, 3])), float(small), float(tall))


def _parted(parts: Parts, lines: list[_Line], steps: NDArray[np.float64]) -> NDArray[np.bool_]:
    """For each step from line to line whether another paragraph begins."""
    small = np.array([line.small for line in lines])
    tall = np.array([line.tall for line in lines])
    change = np.maximum(
        np.minimum(_ratio(small), _ratio(tall)), np.minimum(1 / _ratio(small), 1 / _ratio(tall))
    )
    other = change > _LARGER
    usual = np.array([_usual(parts, steps, other, small, n) for n in range(len(steps))])
    wide = steps > _BLANK * usual
    return np.asarray(wide | (other & (steps > _WIDER * usual)) | (change > _MUCH_LARGER))


def _ratio(sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(sizes[1:] / sizes[:-1])


def _usual(
    parts: Parts,
    steps: NDArray[np.float64],
    other: NDArray[np.bool_],
    small: NDArray[np.float64],
    number: int,
) -> float:
    """The step between lines of one paragraph of this type: of its neighbours, or the page's."""
    start, end = number, number + 1
    while start and not other[start - 1] and number - start < _AROUND:
        start -= 1
    while end < len(steps) and not other[end] and end - number <= _AROUND:
        end += 1
    around = steps[start:end]
    if len(around) >= 3:
        return float(np.percentile(around, 25))
    scaled = parts.pitch * max(1.0, small[number] / parts.letter)
    return float(min(around.min(), scaled))
