"""Computes how large a page is rendered, and how large it counts as. Pure.

Points are 1/72 inch; widths and heights are those of the page as it is shown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

NOMINAL_DPI = 200.0
"""What a page's size in pixels is quoted at, whatever it will be rendered at."""

MAX_STRETCH = 2.5
"""On a page of extreme shape the long side is rendered at most this many times its target."""

MAX_RENDER_PIXELS = 50_000_000
"""No page is rendered larger: 150 MB of RGB, A4 at 700 dpi, 12 tiles at their widest."""

PLAUSIBLE_DPI = (150.0, 1200.0)
"""Below, a file's dpi is a screen's or a default (72, 96); above, it is a mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageShape:
    """A page's size in pixels at a nominal 200 dpi, known before it is rendered.

    Of an image it is the size in pixels, unless the file carries a plausible resolution.
    """

    width: int
    height: int


def zoom_to_cover(page: tuple[float, float], grid: tuple[int, int], dpi: float | None) -> float:
    """Pixels per point for a page of ``page`` points that the model sees as ``grid`` pixels.

    The smallest zoom that covers both sides of the grid, bounded by :data:`MAX_STRETCH`; with
    ``dpi`` just that resolution. Either way within :data:`MAX_RENDER_PIXELS`.
    """
    across, down = grid[0] / page[0], grid[1] / page[1]
    zoom = dpi / 72 if dpi else min(max(across, down), MAX_STRETCH * min(across, down))
    return min(zoom, math.sqrt(MAX_RENDER_PIXELS / (page[0] * page[1])))


def scale_to_look_at(width: float, height: float) -> float:
    """Pixels per unit for people who look at a page of this size: 1400 along its longer side.

    Of a strip it is more, so that the shorter side has 300, but 5600 along the longer one at most.
    """
    long, short = max(width, height), min(width, height)
    return min(max(1400 / long, 300 / short), 5600 / long)


def size_at_nominal_dpi(
    size: tuple[float, float], dpi: tuple[float, float] | None = None
) -> tuple[int, int]:
    """Pixels at 200 dpi of an image of ``size`` pixels; unchanged without a plausible dpi."""
    min_dpi, max_dpi = PLAUSIBLE_DPI
    if dpi is None or not all(min_dpi <= value <= max_dpi for value in dpi):
        dpi = (NOMINAL_DPI, NOMINAL_DPI)
    width, height = (
        side * NOMINAL_DPI / per_inch for side, per_inch in zip(size, dpi, strict=True)
    )
    return max(1, round(width)), max(1, round(height))


def points_to_nominal_pixels(size: tuple[float, float]) -> tuple[int, int]:
    """Pixels at 200 dpi of a page of ``size`` points."""
    scale = NOMINAL_DPI / 72
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
