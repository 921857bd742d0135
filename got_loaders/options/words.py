"""The words that options take."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import Literal

from got_loaders.types import ProgressEvent

__all__ = [
    "Cache",
    "MetadataKey",
    "Mode",
    "OnError",
    "Output",
    "Progress",
    "RegionPrompt",
    "TableFormat",
    "TextLayerUse",
]

Mode = Literal["page", "single", "region"]
Output = Literal["markdown", "latex", "text", "html", "raw"]
OnError = Literal["raise", "skip", "keep"]
RegionPrompt = Literal["crop", "box"]
TableFormat = Literal["gfm", "html"]
TextLayerUse = Literal["ignore", "auto", "fallback"]
MetadataKey = Literal[
    "file_path",
    "page",
    "page_last",
    "page_label",
    "total_pages",
    "title",
    "author",
    "subject",
    "keywords",
    "creator",
    "producer",
    "creationdate",
    "moddate",
    "page_width",
    "page_height",
    "page_unit",
    "region_index",
    "region_type",
    "x0",
    "y0",
    "x1",
    "y1",
    "content_format",
    "content_kind",
    "ocr_model",
    "ocr_mode",
    "ocr_origin",
    "ocr_finish_reason",
    "ocr_confidence",
    "ocr_retried",
    "ocr_ref",
    "error",
    "file_name",
    "file_type",
]
"""The keys of metadata but for ``source``, which every index needs."""

Progress = bool | Callable[[ProgressEvent], object]
Cache = bool | str | PathLike[str] | None
