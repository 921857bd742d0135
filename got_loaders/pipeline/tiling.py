"""Whether, and in how many tiles, the model sees a page: decided before the page is rendered.

The model sees squares of 1024 pixels. A page goes in as one such view, squeezed into the square,
or as a grid of tiles plus the squeezed whole. ``crop_to_patches="auto"`` decides by this table;
an A4 page counts as 1654 x 2339 pixels, which is its size at the nominal 200 dpi:

==============================  ===========================  =================
page                            seen as                      example
==============================  ===========================  =================
long side / short side ≤ 1.7,   one view                     A4, Letter, Legal
area ≤ 1.5 A4
strip: long / short > 1.7       n = long / short, rounded,   2:1 → 2, 3:1 → 3,
                                at most long / 1024 px, up   a line of text → 1
larger than 1.5 A4              n = area / 1.5 A4, up        A3 → 2, A1 → 6
==============================  ===========================  =================

Where both rows apply, the larger n counts. The grid is then the one that the model's own rule
finds for the upright page among those of n to 2n tiles, within ``min_patches`` and
``max_patches``. A box, a colour or several pages in a request mean one view: the model was not
trained on more (:class:`got_loaders.pipeline.rendering.RenderPlan` sees to that).

Pure arithmetic: this module knows neither documents nor pictures.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from got_loaders.types.tiling import TILE, choose_grid

__all__ = ["TilingPlan", "coarse_warning", "plan_tiling", "plan_view"]

_A4_AREA = 1654 * 2339
_ONE_VIEW_AREA = 1.5 * _A4_AREA
_ONE_VIEW_RATIO = 1.7

_COARSE = 4.0
"""Pixels of a page, at 200 dpi, that are one to the model. On an A4 page in one view it is 2.3; at
4, which is 50 dpi, the x of 12-point type is four pixels high, the least that can be told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TilingPlan:
    """How the model will see a page.

    ``columns`` x ``rows`` tiles. Both bounds are their number, and go into the request, so that
    the engine, which chooses for itself, finds this very grid for the rendered picture.
    """

    crop: bool = False
    min_patches: int = 1
    max_patches: int = 1
    columns: int = 1
    rows: int = 1
    view: tuple[int, int] | None = None
    """Width and height in pixels for a model that sees one view in the page's own shape."""

    @property
    def width(self) -> int:
        """Pixels across all columns."""
        return self.view[0] if self.view else self.columns * TILE

    @property
    def height(self) -> int:
        """Pixels down all rows."""
        return self.view[1] if self.view else self.rows * TILE


def coarse_warning(*pixels: float) -> tuple[str, ...]:
    """That a page is seen coarsely, in words, if it is.

    ``pixels`` are how many of the page's, at 200 dpi, become one for the model: across, down, in
    whatever steps.
    """
    most = max(pixels)
    if most <= _COARSE:
        return ()
    return (f"seen {most:.1f} times smaller than it is: small print may be lost",)


def plan_view(shape: tuple[float, float], max_side: int) -> TilingPlan:
    """How to show a page of ``shape`` to a model that does not squeeze it: as a whole, with
    ``max_side`` pixels along its longer side."""
    scale = max_side / max(shape)
    width, height = (max(1, round(side * scale)) for side in shape)
    return TilingPlan(view=(width, height))


def plan_tiling(
    shape: tuple[float, float],
    crop_to_patches: bool | Literal["auto"],
    min_patches: int,
    max_patches: int,
) -> TilingPlan:
    """How to show a page of ``shape``: width and height in pixels at the nominal 200 dpi."""
    if crop_to_patches == "auto":
        tiles = _auto_tiles(*shape, min_patches, max_patches)
        return TilingPlan() if tiles == 1 else _tiled(shape, tiles)
    if not crop_to_patches:
        return TilingPlan()
    columns, rows = choose_grid(*shape, min_patches=min_patches, max_patches=max_patches)
    return _tiled(shape, columns * rows)


def _tiled(shape: tuple[float, float], tiles: int) -> TilingPlan:
    columns, rows = choose_grid(*shape, min_patches=tiles, max_patches=tiles)
    return TilingPlan(crop=True, min_patches=tiles, max_patches=tiles, columns=columns, rows=rows)


def _auto_tiles(width: float, height: float, min_patches: int, max_patches: int) -> int:
    needed = _needed_tiles(width, height)
    if needed == 1 or max_patches == 1:
        return 1
    # A little room below max_patches: 7 tiles exactly would be a row of 7, whatever the page.
    fewest = max(min(needed, math.ceil(max_patches * 2 / 3)), min_patches)
    # The rule measures width / height, so it treats wide pages otherwise than high ones: ask it
    # for the high page, whichever way round this one is.
    columns, rows = choose_grid(
        min(width, height),
        max(width, height),
        min_patches=fewest,
        max_patches=min(2 * fewest, max_patches),
    )
    return columns * rows


def _needed_tiles(width: float, height: float) -> int:
    """1 where one view will do, else the n of the table above."""
    long, short = max(width, height), min(width, height)
    # A small strip, such as a picture of one line, has no more pixels than a view or two.
    by_shape = min(round(long / short), math.ceil(long / TILE))
    if long / short <= _ONE_VIEW_RATIO:
        by_shape = 1
    return max(by_shape, math.ceil(width * height / _ONE_VIEW_AREA))
