"""Full stops and commas: too small to be told from dust, but by the letter that they follow."""

from __future__ import annotations

import numpy as np

from got_loaders.layout.scan.components import Boxes
from got_loaders.layout.scan.intervals import bounding_box

__all__ = ["attach_punctuation"]

_BESIDE, _BELOW = 0.7, 0.5
"""In x-heights: from the letter before, and below its foot."""
_MAX_STOPS = 500
"""So many specks around one block are dirt."""


def attach_punctuation(boxes: Boxes, candidates: Boxes, x_height: float) -> Boxes:
    """A block's ``boxes``, and the ``candidates`` beside its letters that stand out of its box.

    Only these change where the block ends.
    """
    x0, y0, x1, y1 = bounding_box(boxes)
    beside, below = _BESIDE * x_height, _BELOW * x_height
    left, top, right, bottom = candidates.T
    out = (left < x0) | (right > x1) | (bottom > y1)
    near = (right > x0 - beside) & (left < x1 + beside) & (top > y0) & (bottom < y1 + below)
    stops = candidates[out & near]
    if not 0 < len(stops) <= _MAX_STOPS:
        return boxes
    gap = np.maximum(boxes[None, :, 0] - stops[:, None, 2], stops[:, None, 0] - boxes[None, :, 2])
    level = (stops[:, None, 1] > boxes[None, :, 1]) & (
        stops[:, None, 3] < boxes[None, :, 3] + below
    )
    return np.concatenate([boxes, stops[(level & (gap < beside)).any(axis=1)]])
