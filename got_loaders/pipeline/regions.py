"""Which regions of a page are read, in what order: the caller's boxes, or what layout finds.

Where layout finds nothing, or more than ``max_regions``, the whole page is the one region.
This module knows an open page and the detectors of regions; it reads nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from got_loaders.errors import EngineError, ModelNotFoundError, PageError
from got_loaders.layout.scan.analyzer import find_regions
from got_loaders.options import ReadOptions
from got_loaders.pipeline.figures import is_kept
from got_loaders.pipeline.open_page import OpenPage
from got_loaders.types import Box, Region

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["detect_regions", "explicit_boxes"]

_log = logging.getLogger(__name__)


def explicit_boxes(number: int, options: ReadOptions) -> Sequence[Box] | None:
    """The boxes that the caller named for page ``number``; None where there are none."""
    regions = options.effective_regions
    if regions is None or isinstance(regions, str):
        return None
    boxes = regions.get(number) if hasattr(regions, "get") else regions
    return None if boxes is None else [Box(*box) for box in boxes]


def detect_regions(page: OpenPage, options: ReadOptions) -> list[Region]:
    """What layout finds on the page, in page units and reading order; blocks.

    The document's own layout where it has one, else the picture's; ``options.layout_model``
    before both. ``options.drop`` leaves some out, but for figures whose pictures are kept.
    """
    info, picture = page.info, page.picture
    regions = None if options.layout_model else _document_regions(page)
    if regions is None:
        x, y = info.width / picture.width, info.height / picture.height
        detected = _in_picture(picture, options)
        regions = tuple(replace(region, box=region.box.scaled(x, y)) for region in detected)
    if not 0 < len(regions) <= options.max_regions:
        return [Region(box=Box(0, 0, info.width, info.height))]  # nobody knows its type
    dropped = options.dropped_types
    return [each for each in regions if each.type not in dropped or is_kept(each, options)]


def _document_regions(page: OpenPage) -> tuple[Region, ...] | None:
    try:
        return page.document.regions(page.number)
    except PageError as error:
        _log.warning("looking at the picture instead: %s", error)
        return None


def _in_picture(picture: Image, options: ReadOptions) -> tuple[Region, ...]:
    if options.layout_model is not None:
        return _detector(options.layout_model)(picture)
    try:
        return find_regions(picture)
    except Exception:  # noqa: BLE001  # no picture that we know of does this; its whole will do
        _log.exception("no regions were found: the page is read as a whole")
        return ()


def _detector(model: str) -> Callable[[Image], tuple[Region, ...]]:
    """The model's detector; what keeps it from being loaded concerns every page."""
    from got_loaders.layout.detector.detector import shared_detector  # here: it loads torch

    try:
        return shared_detector(model).find_regions
    except ModelNotFoundError:
        raise
    except EngineError as error:
        raise ModelNotFoundError(str(error)) from error
