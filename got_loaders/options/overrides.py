"""The options as typed keyword arguments."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Literal, TypedDict

from got_loaders.options.checks import BoxLike, Regions
from got_loaders.options.corrections import CorrectionsLike
from got_loaders.options.literals import (
    Cache,
    Figures,
    MetadataKey,
    Mode,
    OnError,
    Output,
    Progress,
    RegionPrompt,
    TableFormat,
    TextLayerUse,
)
from got_loaders.options.pages import Pages
from got_loaders.types import Color, RegionType

__all__ = ["ReadOverrides"]


class ReadOverrides(TypedDict, total=False):
    """The fields of :class:`ReadOptions`, for typed keyword arguments; a test keeps them equal."""

    mode: Mode
    output: Output
    table_format: TableFormat
    format: bool | None
    pages: Pages
    password: str | None
    dpi: float | None
    glob: str | None
    crop_to_patches: bool | Literal["auto"]
    min_patches: int
    max_patches: int
    multi_page: Literal[False] | int
    box: BoxLike | None
    color: Color | None
    regions: Regions
    region_prompt: RegionPrompt
    layout_model: str | None
    drop: Sequence[RegionType]
    max_regions: int
    text_layer: TextLayerUse
    figures: Figures
    figures_dir: str | PathLike[str]
    corrections: CorrectionsLike
    omit_metadata: Sequence[MetadataKey]
    on_error: OnError
    skip_blank: bool
    drop_blank: bool | None
    progress: Progress
    max_new_tokens: int
    draft: Literal["auto", False]
    cache: Cache
    max_cache_bytes: int
    root: str | PathLike[str] | None
    urls: bool
    url_hosts: Sequence[str]
    max_url_seconds: float
    max_file_bytes: int
    max_pages: int
    max_image_pixels: int
    max_page_seconds: float
    max_page_bytes: int
