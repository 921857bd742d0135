"""Lines of one column, and the paragraphs that they make: by white space and size of type."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from got_loaders.layout.blobs import Indices
from got_loaders.layout.gaps import clusters, split
from got_loaders.layout.parts import TEXT, Parts

__all__ = ["Block", "paragraphs"]

_BLANK = 1.3
"""Lines further apart than so many usual steps have white space between them."""
_LARGER = 1.2
"""Type larger by this factor is another paragraph's."""
_AROUND = 6
"""Steps to either side that tell the usual one."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Parts of the page that are read as one. ``lines`` and ``size`` (the height of its letters)
    are 0 where it is no text."""

    indices: Indices
    kind: int
    lines: int = 0
    size: float = 0.0


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
    return Block(indices, TEXT, len(lines), float(np.median([line.small for line in lines])))


def _lines(parts: Parts, indices: Indices) -> list[_Line]:
    """The lines by the middles of their letters; marks and joined letters go to the nearest."""
    if not len(indices):
        return []
    boxes = parts.boxes[indices]
    height = boxes[:, 3] - boxes[:, 1]
    usual = height > 0.5 * parts.letter
    if usual.any():
        usual &= height < 2.4 * np.median(height[usual])
    if not usual.any():
        usual[:] = True
    core = boxes[usual]
    quarter = height[usual] / 4
    labels = clusters(core[:, 1] + quarter, core[:, 3] - quarter, 0)
    rows = split(np.flatnonzero(usual), labels)
    middles = np.array([np.median(boxes[row, 1] + boxes[row, 3]) / 2 for row in rows])
    rest = np.flatnonzero(~usual)
    near = np.abs((boxes[rest, 1] + boxes[rest, 3])[:, None] / 2 - middles).argmin(axis=1)
    return [
        _line(indices[np.concatenate([row, rest[near == number]])], boxes[row])
        for number, row in enumerate(rows)
    ]


def _line(indices: Indices, letters: NDArray[np.float64]) -> _Line:
    height = letters[:, 3] - letters[:, 1]
    small, tall = np.percentile(height, (50, 85))
    return _Line(indices, float(np.median(letters[:, 3])), float(small), float(tall))


def _parted(parts: Parts, lines: list[_Line], steps: NDArray[np.float64]) -> NDArray[np.bool_]:
    """For each step from line to line whether another paragraph begins."""
    small = np.array([line.small for line in lines])
    tall = np.array([line.tall for line in lines])
    other = (_ratio(small) > _LARGER) & (_ratio(tall) > _LARGER)
    other |= (1 / _ratio(small) > _LARGER) & (1 / _ratio(tall) > _LARGER)
    usual = np.array([_usual(parts, steps, other, small, n) for n in range(len(steps))])
    return np.asarray(other | (steps > _BLANK * usual))


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
