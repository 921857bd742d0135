"""Which regions of a page leave their pictures, and the pictures: cut out of it, and kept."""

from __future__ import annotations

import logging

from got_loaders.errors import PageError, SourceError
from got_loaders.layout.crop import crop_region
from got_loaders.options import ReadOptions
from got_loaders.pipeline.figure_files import figure_in_folder, inline_figure
from got_loaders.pipeline.open_page import OpenPage
from got_loaders.types import Figure, Region

__all__ = ["is_kept", "kept_figure"]

_log = logging.getLogger(__name__)

_NOT_KEPT = "the picture of a figure on it could not be drawn"


def is_kept(region: Region, options: ReadOptions) -> bool:
    """Whether the picture of ``region``, which layout found, is kept."""
    return options.figures != "drop" and region.type == "figure"


def kept_figure(page: OpenPage, region: Region, options: ReadOptions) -> Figure | None:
    """The picture of a region that lies on the page; None where it is none to keep; blocks.

    It is cut out of the page's own picture: as sharp as an image is, a PDF's page at 200 dpi or
    those of the options. Where the page can't be drawn its ``info`` says so: its text may be known
    all the same. Raises :class:`OptionError` where it can't be written.
    """
    if not is_kept(region, options):
        return None
    try:
        picture, info = page.picture, page.info
    except (PageError, SourceError) as error:
        _log.warning("a figure is not kept: %s", error)
        page.info = page.info.warned(_NOT_KEPT)
        return None
    box = region.box.scaled(picture.width / info.width, picture.height / info.height)
    cut = crop_region(picture, Region(box=box, type=region.type, skew=region.skew))
    if options.figures == "inline":
        return inline_figure(cut)
    return figure_in_folder(cut, str(options.figures_dir), png=options.output == "latex")
