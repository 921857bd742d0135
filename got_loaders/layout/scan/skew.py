"""By how much the lines of a page are turned: the angle at which its letters share baselines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from got_loaders.layout.scan.components import Boxes
from got_loaders.layout.scan.intervals import centers, sizes

__all__ = ["find_skew"]

_REACH = 12.5
"""Degrees to either side within which the angle is looked for."""
_LETTERS = 24
"""Fewer letters than this tell no angle."""
_GAIN = 1.25
"""How much better than most angles the best must be; scattered marks gain less at any angle."""
_BEYOND_LEVEL = 1.1
"""And how much better than level; what gains less is level, but for a rest that lines tell."""

_APART = (10, 20, 30)
"""So many letters apart are those of a line that tell the angle exactly."""


def find_skew(boxes: Boxes, x_height: float) -> float:
    """Degrees clockwise by which text is turned; 0 where too little of it, or no angle, is clear.

    ``boxes`` are upright boxes of components, ``x_height`` the usual height of one.
    """
    width, height = sizes(boxes)
    like = (height > 0.5 * x_height) & (height < 2.5 * x_height) & (width < 6 * x_height)
    if np.count_nonzero(like) < _LETTERS:
        return 0.0
    x = centers(boxes[like])[0]
    ends = boxes[like, 3], boxes[like, 1]
    rough = np.arange(-_REACH, _REACH + 0.1, 0.25)
    scores = _scores(x, ends, rough, x_height / 3)
    best = float(rough[np.argmax(scores)])
    if scores.max() < _GAIN * float(np.median(scores)):
        return 0.0
    if scores.max() < _BEYOND_LEVEL * scores[np.argmin(np.abs(rough))]:
        best = 0.0
    for _ in range(3):
        best += _rest(x, ends[0], best, x_height)
    return best if abs(best) >= 0.1 else 0.0


def _rest(x: NDArray[np.float64], y: NDArray[np.float64], angle: float, x_height: float) -> float:
    """By how many degrees more the feet of letters, some words apart in a line, are turned."""
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    along, down = x * cos + y * sin, y * cos - x * sin
    angles = []
    for shift in (0.0, 0.5):
        row = np.floor(down / (1.2 * x_height) + shift)
        order = np.lexsort((along, row))
        for apart in _APART:
            one, other = order[:-apart], order[apart:]
            across = along[other] - along[one]
            like = (row[one] == row[other]) & (across < 4 * apart * x_height)
            angles.append(np.arctan2(down[other] - down[one], across)[like])
    found = np.concatenate(angles)
    return float(np.degrees(np.median(found))) if len(found) >= _LETTERS else 0.0


def _scores(
    x: NDArray[np.float64],
    ends: tuple[NDArray[np.float64], NDArray[np.float64]],
    angles: NDArray[np.float64],
    step: float,
) -> NDArray[np.float64]:
    """How much the letters' feet, and their heads, gather on lines at each angle."""
    scores = []
    for angle in np.radians(angles):
        score = 0.0
        for y in ends:
            place = (y * np.cos(angle) - x * np.sin(angle)) / step
            counts = np.bincount(np.floor(place - place.min()).astype(np.intp), minlength=2)
            score += float(np.square(counts[1:] + counts[:-1]).sum())
        scores.append(score)
    return np.array(scores)
