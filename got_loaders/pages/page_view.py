"""A page as people look at it: its picture, at a size that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from got_loaders.pages.document import PageDocument
from got_loaders.pages.render_size import scale_to_look_at

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["USUAL_SIDE", "page_view"]

USUAL_SIDE = 1400
"""Pixels along the longer side of a page: that of ``scale_to_look_at``."""


def page_view(
    document: PageDocument, number: int, *, side: int = USUAL_SIDE, dpi: float | None = None
) -> Image:
    """The picture (Pillow's) of page ``number``, ``side`` pixels along its longer side.

    Of a strip it is more, up to four times as many, so that the shorter side can be read. An image
    is never enlarged. With ``dpi`` a PDF page is rendered at that, and an image has its own size.
    """
    info = document.info(number)
    scale = scale_to_look_at(info.width, info.height) * side / USUAL_SIDE
    if info.unit == "px":
        scale = 1 if dpi else min(scale, 1)
    size = max(1, round(info.width * scale)), max(1, round(info.height * scale))
    picture = document.page(number, width=size[0], height=size[1], dpi=dpi or 72 * scale).image
    return picture.resize(size, reducing_gap=3) if info.unit == "px" and scale < 1 else picture
