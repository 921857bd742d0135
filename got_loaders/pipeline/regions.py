"""Which regions of a page are read, in what order: the caller's boxes, or what layout finds.

Where layout finds nothing, or more than ``max_regions``, the whole page is the one region.
This module knows an open document and the finders of regions; it reads nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from got_loaders.errors import EngineError, ModelNotFoundError, PageError
from got_loaders.layout.scan.analyzer import find_regions
from got_loaders.options import ReadOptions
from got_loaders.pages import PageSource
from got_loaders.types import Box, PageInfo, Region

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["boxes_of", "found_regions"]

_log = logging.getLogger(__name__)


def boxes_of(number: int, options: ReadOptions) -> Sequence[Box] | None:
    """The boxes that the caller named for page ``number``; None where there are none."""
    regions = options.wanted_regions
    if regions is None or isinstance(regions, str):
        return None
    boxes = regions.get(number) if hasattr(regions, "get") else regions
    return None if boxes is None else [Box(*box) for box in boxes]


def found_regions(
    document: PageSource, info: PageInfo, page: Image, options: ReadOptions
) -> list[Region]:
    """What layout finds on the page that ``page`` shows, in page units and reading order; blocks.

    The document's own layout where it has one, else the picture's; ``options.layout_model``
    before both. ``options.drop`` leaves some out.
    """
    regions = None if options.layout_model else _own_regions(document, info)
    if regions is None:
        x, y = info.width / page.width, info.height / page.height
        found = _in_picture(page, options)
        regions = tuple(replace(region, box=region.box.scaled(x, y)) for region in found)
    if not 0 < len(regions) <= options.max_regions:
        return [Region(box=Box(0, 0, info.width, info.height))]  # nobody knows its type
    return [region for region in regions if region.type not in options.drop]


def _own_regions(document: PageSource, info: PageInfo) -> tuple[Region, ...] | None:
    try:
        return document.regions(info.number or 0)
    except PageError as error:
        _log.warning("looking at the picture instead: %s", error)
        return None


def _in_picture(page: Image, options: ReadOptions) -> tuple[Region, ...]:
    if options.layout_model is not None:
        return _detector(options.layout_model)(page)
    try:
        return find_regions(page)
    except Exception:  # noqa: BLE001  # no picture that we know of does this; its whole will do
        _log.exception("no regions were found: the page is read as a whole")
        return ()


def _detector(model: str) -> Callable[[Image], tuple[Region, ...]]:
    """The model's finder; what keeps it from being loaded concerns every page."""
    from got_loaders.layout.detector.detector import shared_detector  # here: it loads torch

    try:
        return shared_detector(model).find_regions
    except ModelNotFoundError:
        raise
    except EngineError as error:
        raise ModelNotFoundError(str(error)) from error
