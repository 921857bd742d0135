"""A page, or a region, as it is shown to the model: rendered for its grid of tiles, cut out, boxed.

This module knows pages and the words of a request; it knows no engine, order or framework.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from got_loaders.errors import PageError
from got_loaders.layout.blank import is_blank
from got_loaders.layout.crop import cut_region
from got_loaders.layout.region_canvas import pad_to_canvas
from got_loaders.options import ReadOptions
from got_loaders.pages import PageSource
from got_loaders.pipeline.tiling import CropPlan, plan
from got_loaders.types import Box, OcrRequest, PageInfo, Region

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["View", "on_page", "picture", "request", "show", "show_region"]

_MOST_PIXELS = 16_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A rendered page, the tiles that it will be seen in, and its region in page units."""

    info: PageInfo
    image: Image
    crop: CropPlan
    region: Box | None

    @property
    def box(self) -> Box | None:
        """``region`` in pixels of ``image``."""
        if self.region is None:
            return None
        width, height = self.image.size
        return self.region.scaled(width / self.info.width, height / self.info.height)

    @property
    def blank(self) -> bool:
        """Whether there is no ink that the model, which sees it in its tiles' size, could see."""
        width, height = self.image.size
        excess = min(width // self.crop.width, height // self.crop.height)
        image = self.image if self.box is None else self.image.crop(_pixels(self.box, self.image))
        return is_blank(image.reduce(excess) if excess > 1 else image)


def picture(document: PageSource, number: int, options: ReadOptions) -> Image:
    """The whole page, sharp enough to cut regions out of it; blocks.

    At 200 dpi, or ``options.dpi``; a page of more than 16 million pixels has fewer.
    """
    shape = document.shape(number)
    scale = min(1.0, math.sqrt(_MOST_PIXELS / (shape.width * shape.height)))
    width, height = (max(1, round(side * scale)) for side in (shape.width, shape.height))
    return document.page(number, width=width, height=height, dpi=options.dpi).image


def show_region(
    document: PageSource, info: PageInfo, page: Image, region: Region, options: ReadOptions
) -> View:
    """A region of the page that ``page`` shows: cut out, or by the coordinates of its box.

    A box prompt knows no tiles. A cut lies on an empty sheet, which is seen in tiles by its own
    shape, as a page would be.
    """
    if options.region_prompt == "box":
        return View(info=info, image=page, crop=CropPlan(), region=region.box)
    x, y = page.width / info.width, page.height / info.height
    sheet = pad_to_canvas(cut_region(page, replace(region, box=region.box.scaled(x, y))), page.size)
    shape = document.shape(info.number or 0)
    nominal = (sheet.width * shape.width / page.width, sheet.height * shape.height / page.height)
    return View(info=info, image=sheet, crop=plan(nominal, options), region=None)


def show(document: PageSource, number: int, info: PageInfo, options: ReadOptions) -> View:
    """Render page ``number``, of which ``info`` is known, as the options want it; blocks.

    Raises :class:`PageError` where it can't be rendered, or has no part of ``options.box``.
    """
    region = None if options.box is None else on_page(Box(*options.box), info)
    shape = document.shape(number)
    crop = plan((shape.width, shape.height), options)
    page = document.page(number, width=crop.width, height=crop.height, dpi=options.dpi)
    return View(info=info, image=page.image, crop=crop, region=region)


def request(views: Sequence[View], options: ReadOptions) -> OcrRequest:
    """The question that is put to the engine: one page, or several read as one."""
    first = views[0]
    return OcrRequest(
        images=tuple(view.image for view in views),
        format=options.formatted,
        box=first.box,
        color=options.color,
        crop_to_patches=first.crop.crop,
        min_patches=first.crop.min_patches,
        max_patches=first.crop.max_patches,
        multi_page=len(views) > 1,
        max_new_tokens=options.max_new_tokens,
        stop_on_repetition=True,
    )


def on_page(box: Box, info: PageInfo) -> Box:
    """The part of a box that lies on the page; :class:`PageError` where nothing does."""
    region = box.clipped(info.width, info.height)
    if region is None:
        where = f"{info.source}, page {(info.number or 0) + 1}"
        size = f"{info.width:g} x {info.height:g} {info.unit}"
        text = f"{where}: box={tuple(box)} lies outside the page, which is {size}"
        raise PageError(text, source=info.source, page=info.number)
    return region


def _pixels(box: Box, image: Image) -> tuple[int, int, int, int]:
    """The pixels that a box touches, one at least; none beyond the edge, which would be black.

    A box that ends with its page may end a rounding error beyond the image.
    """
    width, height = image.size
    left, top = min(int(box.x0), width - 1), min(int(box.y0), height - 1)
    right, bottom = min(math.ceil(box.x1), width), min(math.ceil(box.y1), height)
    return left, top, max(right, left + 1), max(bottom, top + 1)
