"""Rotates pages whose text runs sideways or upside down as they are shown. Pure geometry.

They are turned upright to be laid out; what was found is turned back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from got_loaders.pages.text_layer.words import Line
from got_loaders.types import Box

_SLACK = 2.0
"""Degrees."""


def dominant_rotation(lines: Sequence[Line]) -> int:
    """The angle of most of the text, clockwise: 0, 90, 180 or 270."""
    letters: Counter[int] = Counter()
    for line in lines:
        quarter = round(line.angle / 90)
        if abs(line.angle - 90 * quarter) <= _SLACK:
            letters[quarter * 90 % 360] += len(line.text)
        else:
            letters[0] += len(line.text)
    rotation, count = letters.most_common(1)[0] if letters else (0, 0)
    return rotation if 2 * count > sum(letters.values()) else 0


def rotate_box(box: Box, size: tuple[float, float], rotation: int) -> Box:
    """A box of a page of this size, once the page is turned by ``rotation`` degrees clockwise."""
    width, height = size
    match rotation:
        case 90:
            return Box(height - box.y1, box.x0, height - box.y0, box.x1)
        case 180:
            return Box(width - box.x1, height - box.y1, width - box.x0, height - box.y0)
        case 270:
            return Box(box.y0, width - box.x1, box.y1, width - box.x0)
        case _:
            return box


def rotate_skew(skew: float, rotation: int) -> float:
    """An angle, once the page is turned: more than -180, at most 180."""
    angle = (skew + rotation) % 360
    return angle - 360 if angle > 180 else angle
