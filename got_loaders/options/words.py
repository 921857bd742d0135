"""The words that options take."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import Literal

from got_loaders.types import ProgressEvent

__all__ = [
    "Cache",
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
Progress = bool | Callable[[ProgressEvent], object]
Cache = bool | str | PathLike[str] | None
