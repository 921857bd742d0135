"""A region's own picture: deskewed, and nothing of its neighbours on it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import Image

from got_loaders._image_ops import flatten
from got_loaders.layout.ink import paper_color
from got_loaders.types import Box, Region

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

__all__ = ["crop_region", "cut_region"]

MARGIN = 0.04
"""Plain paper around a region, in sides of a square as large as the region; no more than its height
or width, for around a thread that would be paper without end."""
_SLACK = 1.5
"""Pixels of the page kept around a region's rectangle, for edges that were found too tight."""
_AROUND = 8
"""Pixels beyond the region where the paper's colour is taken."""
_MIN_SKEW = 0.05
"""Degrees: what is turned by less is level, or by a quarter of a turn."""
_TURNS = {
    1: Image.Transpose.ROTATE_90,
    2: Image.Transpose.ROTATE_180,
    3: Image.Transpose.ROTATE_270,
}
"""What levels lines that are turned clockwise by so many quarters; no pixel is worked out anew."""


def cut_region(image: Picture, region: Region) -> Picture:
    """The part of ``image`` that ``region`` covers, its lines level, as an RGB picture; blocks.

    Around it there is a margin of plain paper, so that neither a neighbour nor the page's edge is
    seen there. Where the lines are skewed the region is the rectangle whose hull its box is, not
    the whole hull. ``region.box`` is in pixels of ``image``; a box that covers none of them is a
    ``ValueError``.
    """
    image = flatten(image)
    box = _on_picture(region, image)
    color = _paper_around(box, image)
    part = _part(image, region, box, color, _SLACK)
    rim = min(round(MARGIN * math.sqrt(part.width * part.height)), *part.size)
    paper = Image.new("RGB", (part.width + 2 * rim, part.height + 2 * rim), color)
    paper.paste(part, (rim, rim))
    return paper


def crop_region(image: Picture, region: Region) -> Picture:
    """The part of ``image`` that ``region`` covers and nothing else, level, in RGB; blocks.

    For people: :func:`cut_region` is how models see it, with a margin.
    """
    image = flatten(image)
    box = _on_picture(region, image)
    color = (255, 255, 255) if _quarters(region) is not None else _paper_around(box, image)
    return _part(image, region, box, color, 0)


def _on_picture(region: Region, image: Picture) -> Box:
    box = region.box.clipped(*image.size)
    if box is None:
        size = "x".join(map(str, image.size))
        raise ValueError(f"box={tuple(region.box)}: nothing of a {size} picture")
    return box


def _paper_around(box: Box, image: Picture) -> tuple[int, int, int]:
    return paper_color(image.crop(_grow(box, image, _AROUND)).convert("RGB"))


def _part(
    image: Picture, region: Region, box: Box, color: tuple[int, int, int], slack: float
) -> Picture:
    """What the region covers, and ``slack`` pixels more where no edge of it is askew."""
    quarters = _quarters(region)
    if quarters is None:
        return _deskew(image, region, color)
    part = image.crop(_grow(box, image, slack)).convert("RGB")
    return part.transpose(_TURNS[quarters]) if quarters else part


def _quarters(region: Region) -> int | None:
    """How many quarters its lines are turned by, 0 to 3; None where it is no whole number."""
    quarters = round(region.skew / 90)
    return quarters % 4 if abs(region.skew - 90 * quarters) < _MIN_SKEW else None


def _grow(box: Box, image: Picture, by: float) -> tuple[int, int, int, int]:
    """The pixels of the page that a box touches when it has grown by ``by`` to each side."""
    left, top = max(0, math.floor(box.x0 - by)), max(0, math.floor(box.y0 - by))
    right, bottom = math.ceil(box.x1 + by), math.ceil(box.y1 + by)
    return left, top, min(image.width, right), min(image.height, bottom)


def _deskew(image: Picture, region: Region, color: tuple[int, int, int]) -> Picture:
    """The rectangle whose upright hull the region's box is, turned level."""
    hull = region.box
    width, height = _sides(hull, math.radians(region.skew))
    cos, sin = math.cos(math.radians(region.skew)), math.sin(math.radians(region.skew))
    left, top, right, bottom = _beyond(hull, image, width * abs(sin), height * abs(sin))
    across, down = math.ceil(left + width + right), math.ceil(top + height + bottom)
    outer = _grow(hull, image, max(left, top, right, bottom))
    x, y = (hull.x0 + hull.x1) / 2 - outer[0], (hull.y0 + hull.y1) / 2 - outer[1]
    before, above = left + width / 2, top + height / 2
    matrix = (
        *(cos, -sin, x - cos * before + sin * above),
        *(sin, cos, y - sin * before - cos * above),
    )
    part, affine = image.crop(outer).convert("RGB"), Image.Transform.AFFINE
    return part.transform((across, down), affine, matrix, Image.Resampling.BICUBIC, fillcolor=color)


def _beyond(hull: Box, image: Picture, rise: float, shift: float) -> tuple[float, ...]:
    """How far the rectangle is cut wider than its hull tells, on each side.

    A hull that ends with the page may have had a corner beyond it: the rectangle is then larger, by
    as much as its lines rise from end to end (``rise``), or as its sides lean (``shift``).
    """
    ends = (hull.x0, hull.y0, image.width - hull.x1, image.height - hull.y1)
    more = (shift, rise, shift, rise)
    return tuple(_SLACK + (by if end < 1 else 0) for end, by in zip(ends, more, strict=True))


def _sides(hull: Box, angle: float) -> tuple[float, float]:
    """Width and height of the rectangle turned by ``angle`` whose upright hull this is.

    From ``W = w cos + h sin`` and ``H = w sin + h cos``, either positive; where no rectangle fits,
    the hull's own.
    """
    double, cos, sin = math.cos(2 * angle), abs(math.cos(angle)), abs(math.sin(angle))
    if abs(double) > 1e-3:
        width = (hull.width * cos - hull.height * sin) / double
        height = (hull.height * cos - hull.width * sin) / double
        if width >= 1 and height >= 1:
            return width, height
    return hull.width, hull.height
