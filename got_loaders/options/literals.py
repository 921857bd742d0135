"""The types of options that are chosen from a few words."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import Literal

from got_loaders.types import ProgressEvent

__all__ = [
    "Cache",
    "Figures",
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
Figures = Literal["drop", "keep", "inline"]
RegionPrompt = Literal["crop", "box"]
TableFormat = Literal["gfm", "html"]
TextLayerUse = Literal["ignore", "auto", "fallback"]
MetadataKey = Literal[
    "file_path",
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
    "content_format",
    "content_kind",
    "figure_files",
    "ocr_mode",
    "ocr_origin",
    "ocr_finish_reason",
    "ocr_confidence",
    "ocr_draft_share",
    "ocr_agreement",
    "ocr_only_in_reading",
    "ocr_retried",
    "page_warnings",
    "file_name",
    "file_type",
]
"""The keys of metadata but for those that tell the place, the model or a failure."""

Progress = bool | Callable[[ProgressEvent], object]
Cache = bool | str | PathLike[str] | None
