"""Rectangles on a page, and the regions that a layout is made of.

Coordinates have their origin at the top left of the page *as it is shown*.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import islice
from typing import Literal, NamedTuple, get_args

from got_loaders.errors import OptionError, shown

__all__ = ["REGION_TYPES", "Box", "Region", "RegionType", "checked_box"]

RegionType = Literal[
    "title", "text", "list", "table", "figure", "formula", "caption", "header", "footer"
]
REGION_TYPES: tuple[RegionType, ...] = get_args(RegionType)


class Box(NamedTuple):
    """A rectangle: left, top, right, bottom; origin at the top left.

    On a page the unit is the page's own (points on a PDF page, pixels on an image), so a box that
    metadata reports can be passed back as ``box=``. On an :class:`OcrRequest` the unit is pixels
    of its first image.
    """

    x0: float
    y0: float
    x1: float
    y1: float

    def __repr__(self) -> str:
        """Its edges with two decimals at most; the values themselves are exact."""
        return f"Box({', '.join(map(_decimals, self))})"

    @property
    def width(self) -> float:
        """``x1 - x0``."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """``y1 - y0``."""
        return self.y1 - self.y0

    def clipped(self, width: float, height: float) -> Box | None:
        """The part of this box that lies on a page of this size; None where nothing does."""
        box = Box(max(self.x0, 0), max(self.y0, 0), min(self.x1, width), min(self.y1, height))
        return box if box.x0 < box.x1 and box.y0 < box.y1 else None

    @property
    def area(self) -> float:
        """``width * height``, in square units."""
        return self.width * self.height

    def intersection_area(self, other: Box) -> float:
        """The area that both boxes cover; 0 where they do not meet."""
        across = min(self.x1, other.x1) - max(self.x0, other.x0)
        down = min(self.y1, other.y1) - max(self.y0, other.y0)
        return max(across, 0) * max(down, 0)

    def overlap(self, other: Box) -> float:
        """How much of this box lies in ``other``: 0 to 1."""
        return self.intersection_area(other) / self.area

    def union(self, *others: Box) -> Box:
        """The smallest box around this one and the others."""
        left, top, right, bottom = zip(self, *others, strict=True)
        return Box(min(left), min(top), max(right), max(bottom))

    def scaled(self, x: float, y: float) -> Box:
        """This box, horizontal coordinates times ``x``, vertical ones times ``y``."""
        return Box(self.x0 * x, self.y0 * y, self.x1 * x, self.y1 * y)


def _decimals(value: object) -> str:
    """``56.69098712446351`` → ``56.69``, ``300.0`` → ``300``; what is no number as it is."""
    if not isinstance(value, int | float):
        return repr(value)
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def checked_box(value: object, *, name: str = "box") -> Box:
    """``value`` as a :class:`Box`; :class:`OptionError` unless four finite ascending numbers."""
    numbers = None if isinstance(value, str | bytes | bytearray) else value  # "1234" is no box
    try:
        box = Box(*(float(v) for v in islice(numbers, 5)))  # type: ignore[call-overload]  # see below
    except (TypeError, ValueError, OverflowError):
        raise OptionError(
            f"{name}={shown(value)}: expected four numbers (x0, y0, x1, y1)"
        ) from None
    if not all(math.isfinite(v) for v in box):
        raise OptionError(f"{name}={shown(value)}: coordinates must be finite numbers")
    if box.x0 >= box.x1 or box.y0 >= box.y1:
        raise OptionError(f"{name}={shown(value)}: expected x0 < x1 and y0 < y1")
    return box


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A part of a page that is read, or was written, as one.

    ``box`` is in page units (points of a PDF page, pixels of an image), or in pixels of the picture
    in which it was found; it is the upright hull of the region on the page as it is shown.
    ``skew`` is the angle, in degrees clockwise, by which the region's lines are turned there: 0
    where they are level; Pillow's ``image.rotate(skew)`` would level them.
    """

    box: Box
    type: RegionType = "text"
    skew: float = 0.0
