"""Full stops and commas: too small to be told from dust, but by the letter that they follow."""

from __future__ import annotations

import numpy as np

from got_loaders.layout.scan.components import Boxes
from got_loaders.layout.scan.intervals import hull

__all__ = ["with_stops"]

_BESIDE, _BELOW = 0.7, 0.5
"""Letter heights from the letter before, and below its foot."""
_MOST = 500
"""So many specks around one block are dirt."""


def with_stops(boxes: Boxes, stops: Boxes, letter: float) -> Boxes:
    """A block's ``boxes`` and those of the ``stops`` beside its letters that stand out of its hull.

    Only these change where the block ends.
    """
    x0, y0, x1, y1 = hull(boxes)
    beside, below = _BESIDE * letter, _BELOW * letter
    out = (stops[:, 0] < x0) | (stops[:, 2] > x1) | (stops[:, 3] > y1)
    near = (stops[:, 2] > x0 - beside) & (stops[:, 0] < x1 + beside)
    near &= (stops[:, 1] > y0) & (stops[:, 3] < y1 + below)
    found = stops[out & near]
    if not 0 < len(found) <= _MOST:
        return boxes
    gap = np.maximum(boxes[None, :, 0] - found[:, None, 2], found[:, None, 0] - boxes[None, :, 2])
    level = (found[:, None, 1] > boxes[None, :, 1]) & (
        found[:, None, 3] < boxes[None, :, 3] + below
    )
    return np.concatenate([boxes, found[(level & (gap < beside)).any(axis=1)]])
