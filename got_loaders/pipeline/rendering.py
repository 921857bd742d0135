"""How a page, or a region of one, is shown to the model: a plan, and the picture made by it.

This module knows open documents and the words of a request; it knows no engine, order or framework.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from got_loaders.errors import PageError
from got_loaders.layout.blank import is_blank
from got_loaders.layout.crop import cut_region
from got_loaders.layout.region_canvas import pad_to_canvas
from got_loaders.options import ReadOptions
from got_loaders.options.literals import RegionPrompt
from got_loaders.pages import PageWords
from got_loaders.pipeline.open_page import OpenPage
from got_loaders.pipeline.tiling import TilingPlan, coarse_warning, plan_tiling, plan_view
from got_loaders.types import Box, OcrRequest, PageInfo, Region, describe_page

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = [
    "PromptImage",
    "RenderPlan",
    "build_request",
    "clip_to_page",
    "damage_error",
    "own_text",
    "render",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderPlan:
    """How a page is shown to the model: as a whole or a region of it, in one view or in tiles.

    ``box``, in page units, is pointed out to the model on the whole page. A ``region`` is cut out,
    or pointed out on the sharp page (``region_prompt="box"``). The bounds are of the tiles. With
    ``max_side``, in pixels, the model sees all in one view and its own shape.
    """

    crop_to_patches: bool | Literal["auto"] = "auto"
    min_patches: int = 1
    max_patches: int = 12
    box: Box | None = None
    region: Region | None = None
    region_prompt: RegionPrompt = "crop"
    max_side: int | None = None

    @classmethod
    def from_options(cls, options: ReadOptions, max_side: int | None = None) -> RenderPlan:
        """How the options want a page that goes into a request of its own."""
        one_view = options.box is not None or options.color is not None
        return cls(
            crop_to_patches=False if one_view else options.crop_to_patches,
            min_patches=options.min_patches,
            max_patches=options.max_patches,
            box=None if options.box is None else Box(*options.box),
            region_prompt=options.region_prompt,
            max_side=max_side,
        )

    @property
    def grouped(self) -> RenderPlan:
        """This plan for a page that shares its request with others: one view each."""
        return replace(self, crop_to_patches=False)

    @property
    def in_tiles(self) -> RenderPlan:
        """This plan with two tiles or more, and a region cut out."""
        fewest = max(2, self.min_patches)
        return replace(self, crop_to_patches=True, min_patches=fewest, region_prompt="crop")

    def tiling(self, shape: tuple[float, float]) -> TilingPlan:
        """The tiles of a picture of ``shape``: width and height in pixels at 200 dpi."""
        if self.max_side is not None:
            return plan_view(shape, self.max_side)
        return plan_tiling(shape, self.crop_to_patches, self.min_patches, self.max_patches)

    def gains_from_tiles(self, used: TilingPlan) -> bool:
        """Whether :attr:`in_tiles` is allowed and shows more than the tiling that was ``used``."""
        may_crop = self.crop_to_patches == "auto" and self.max_side is None
        return may_crop and self.max_patches > 1 and not used.crop


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptImage:
    """A picture for the model, the tiles that it will be seen in, and its box in page units.

    ``words`` are the page's own, as far as they stand on what is shown, or pointed out.
    """

    info: PageInfo
    image: Image
    tiling: TilingPlan
    box: Box | None
    words: PageWords = field(default_factory=PageWords)

    @property
    def pixel_box(self) -> Box | None:
        """``box`` in pixels of ``image``."""
        if self.box is None:
            return None
        width, height = self.image.size
        return self.box.scaled(width / self.info.width, height / self.info.height)

    @property
    def is_blank(self) -> bool:
        """Whether there is no ink that the model, which sees it in its tiles' size, could see."""
        width, height = self.image.size
        excess = max(1, min(width // self.tiling.width, height // self.tiling.height))
        box = self.pixel_box
        box = None if box is None else box.scaled(1 / excess, 1 / excess)
        return is_blank(self.image.reduce(excess) if excess > 1 else self.image, box)


def render(page: OpenPage, plan: RenderPlan) -> PromptImage:
    """The picture that shows ``page`` to the model by ``plan``; blocks.

    Raises :class:`PageError` where it can't be rendered, has no part of the plan's box, or where
    what is shown is empty and something on the page could not be drawn.
    """
    image = _render_whole(page, plan) if plan.region is None else _render_region(page, plan)
    if page.damage and image.is_blank:
        raise damage_error(page)
    box = image.box if plan.region is None else plan.region.box
    words = page.own_words
    return replace(image, words=words if box is None else words.within(box))


def damage_error(page: OpenPage) -> PageError:
    """That a page, or a part of it, is empty because something on it could not be drawn."""
    info = page.info
    text = f"{describe_page(info.source, info.number)}: {'; '.join(page.damage)}"
    return PageError(text, source=info.source, page=info.number)


def _render_whole(page: OpenPage, plan: RenderPlan) -> PromptImage:
    box = None if plan.box is None else clip_to_page(plan.box, page.info)
    tiling = plan.tiling(page.shape)
    image = page.rendered(tiling.width, tiling.height)
    width, height = page.shape
    coarse = coarse_warning(width / tiling.width, height / tiling.height)
    return PromptImage(info=page.info.warned(*coarse), image=image, tiling=tiling, box=box)


def _render_region(page: OpenPage, plan: RenderPlan) -> PromptImage:
    """A box prompt knows no tiles. A cut lies on an empty canvas, tiled by its own shape, unless
    the model sees it in that."""
    region = plan.region
    assert region is not None, "the whole page is no region"
    picture, info = page.picture, page.info
    width, height = page.shape
    if plan.region_prompt == "box":
        tiling = TilingPlan()
        info = info.warned(*coarse_warning(width / tiling.width, height / tiling.height))
        return PromptImage(info=info, image=picture, tiling=tiling, box=region.box)
    x, y = picture.width / info.width, picture.height / info.height
    cut = cut_region(picture, replace(region, box=region.box.scaled(x, y)))
    canvas = cut if plan.max_side is not None else pad_to_canvas(cut, picture.size)
    across, down = width / picture.width, height / picture.height
    tiling = plan.tiling((canvas.width * across, canvas.height * down))
    seen = canvas.width * across / tiling.width, canvas.height * down / tiling.height
    info = info.warned(*coarse_warning(page.reduction, *seen))
    return PromptImage(info=info, image=canvas, tiling=tiling, box=None)


def own_text(images: Sequence[PromptImage]) -> str:
    """The pages' own words, as far as they stand on what is shown; empty where there are none."""
    return "\n\n".join(image.words.text for image in images if image.words)


def build_request(
    images: Sequence[PromptImage], options: ReadOptions, draft: str = ""
) -> OcrRequest:
    """The question that is put to the engine: one page, or several read as one.

    ``draft`` is what the answer may be: the pages' own words, or an earlier reading.
    """
    first = images[0]
    return OcrRequest(
        images=tuple(each.image for each in images),
        format=options.formatted,
        box=first.pixel_box,
        color=options.color,
        crop_to_patches=first.tiling.crop,
        min_patches=first.tiling.min_patches,
        max_patches=first.tiling.max_patches,
        multi_page=len(images) > 1,
        max_new_tokens=options.max_new_tokens,
        stop_on_repetition=True,
        draft=options.draft and (draft or None),
    )


def clip_to_page(box: Box, info: PageInfo) -> Box:
    """The part of a box that lies on the page; :class:`PageError` where nothing does."""
    clipped = box.clipped(info.width, info.height)
    if clipped is None:
        size = f"{info.width:g} x {info.height:g} {info.unit}"
        place = describe_page(info.source, info.number)
        text = f"{place}: box={tuple(box)} lies outside the page, which is {size}"
        raise PageError(text, source=info.source, page=info.number)
    return clipped
