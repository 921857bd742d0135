"""The options themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from os import PathLike
from typing import Literal, get_args

from got_loaders.errors import OptionError
from got_loaders.options.checks import (
    BoxLike,
    Regions,
    check_choice,
    check_dpi,
    check_progress,
    check_seconds,
    check_size,
    check_subset,
    check_text,
    checked_cache,
    checked_folder,
    checked_regions,
)
from got_loaders.options.combinations import check_combinations
from got_loaders.options.literals import (
    Cache,
    MetadataKey,
    Mode,
    OnError,
    Output,
    Progress,
    RegionPrompt,
    TableFormat,
    TextLayerUse,
)
from got_loaders.options.overrides import ReadOverrides
from got_loaders.options.pages import Pages, check_pages
from got_loaders.sources.download import DownloadPolicy, normalize_hosts
from got_loaders.types import (
    COLORS,
    REGION_TYPES,
    Color,
    Limits,
    RegionType,
    check_patches,
    check_positive_int,
    checked_box,
)

__all__ = ["ReadOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How to read: what to select, how to show it to the model, what to make of the answer.

    Each option is described in ``docs/options.md``. An unknown name or a value out of range
    raises :class:`OptionError`, which is also a ``ValueError``.
    """

    mode: Mode = "page"
    """"page" one Document a page, "single" one a file, "region" one a region."""
    output: Output = "markdown"
    """"markdown", "latex", "text", "html", or "raw": the model's own text, Mathpix Markdown."""
    table_format: TableFormat = "gfm"
    """Tables in Markdown: "gfm" pipes, or "html", which keeps cells that span."""
    format: bool | None = None
    """The formatted reading, or plain OCR. None: formatted, but plain for ``output="text"``."""
    pages: Pages = None
    """None all; ``"1-3,7,-1"`` as people count; 0-based ints, ``range`` or ``slice``."""
    password: str | None = field(default=None, repr=False)
    """Opens an encrypted PDF; never shown or stored."""
    dpi: float | None = None
    """Dots per inch that PDF pages are rendered at. None: what the grid of patches needs."""
    glob: str | None = None
    """Which files of a folder. None: every PDF and image in it and below."""
    crop_to_patches: bool | Literal["auto"] = "auto"
    """Whether the model sees the page in tiles; "auto" decides by the page's shape and size."""
    min_patches: int = 1
    """The fewest tiles of a page that is seen in tiles."""
    max_patches: int = 12
    """The most tiles of a page that is seen in tiles (the whole page is added as one more)."""
    multi_page: Literal[False] | int = False
    """How many pages go into one request; False: each goes alone."""
    box: BoxLike | None = None
    """One region of every page, in page units: PDF points or image pixels, origin top left."""
    color: Color | None = None
    """The region of every page that a frame of this colour marks."""
    regions: Regions = None
    """None the page as a whole; "auto" found by layout; boxes in page units; boxes by page."""
    region_prompt: RegionPrompt = "crop"
    """How the model is shown a region: "crop" its picture alone, "box" by coordinates."""
    layout_model: str | None = None
    """A transformers object-detection checkpoint that finds the regions; None: without one."""
    drop: Sequence[RegionType] = ()
    """Types of regions that are left out, such as ("header", "footer")."""
    max_regions: int = 64
    """A page on which layout finds more is read as a whole."""
    text_layer: TextLayerUse = "ignore"
    """"auto" a page's own text where it is good; "fallback" where reading it failed."""
    omit_metadata: Sequence[MetadataKey] = ("moddate",)
    """Keys that Documents do not carry: what changes in a file changes each of its pages."""
    on_error: OnError = "raise"
    """"raise", "skip", or "keep": an empty Document that carries ``error``."""
    skip_blank: bool = True
    """A blank page is not sent to the model, which invents text on blank pages."""
    progress: Progress = False
    """True: a progress bar on standard error; a callable gets one event a page."""
    max_new_tokens: int = 4096
    """The most tokens that the model may write for one request."""
    cache: Cache = None
    """True: keep readings in the user's cache folder; a folder: there. None: nowhere."""
    max_cache_bytes: int = 1_000_000_000
    """The most bytes that are kept there; what was used least recently goes first."""
    root: str | PathLike[str] | None = None
    """The folder that paths must lie in, links followed; relative ones begin there."""
    urls: bool = True
    """Whether http(s) addresses are sources."""
    url_hosts: Sequence[str] = ()
    """Hosts and networks that URLs may name although they are not public."""
    max_url_seconds: float = 300.0
    """What one download may take."""
    max_file_bytes: int = 2_000_000_000
    """A larger file, or download, is refused."""
    max_pages: int = 50_000
    """A document of more pages is refused."""
    max_image_pixels: int = 200_000_000
    """A larger image is taken for a decompression bomb and not decoded."""
    max_page_seconds: float = 60.0
    """What opening a document, or one page, may take."""
    max_page_bytes: int = 4_000_000_000
    """The most memory of the process that decodes pages (on Linux)."""

    def __post_init__(self) -> None:
        check_choice("mode", self.mode, get_args(Mode))
        check_choice("output", self.output, get_args(Output))
        check_choice("table_format", self.table_format, get_args(TableFormat))
        check_choice("region_prompt", self.region_prompt, get_args(RegionPrompt))
        check_choice("text_layer", self.text_layer, get_args(TextLayerUse))
        check_choice("on_error", self.on_error, get_args(OnError))
        check_choice("crop_to_patches", self.crop_to_patches, ("auto", True, False))
        check_choice("format", self.format, (None, True, False))
        check_choice("skip_blank", self.skip_blank, (True, False))
        if self.color is not None:
            check_choice("color", self.color, COLORS)
        check_text("password", self.password)
        check_text("glob", self.glob)
        check_text("layout_model", self.layout_model)
        check_progress(self.progress)
        check_dpi(self.dpi)
        check_pages(self.pages)
        check_patches(self.min_patches, self.max_patches)
        check_positive_int("max_new_tokens", self.max_new_tokens)
        check_positive_int("max_regions", self.max_regions)
        for name in (
            "max_cache_bytes",
            "max_file_bytes",
            "max_pages",
            "max_image_pixels",
            "max_page_bytes",
        ):
            check_size(name, getattr(self, name))
        check_seconds("max_url_seconds", self.max_url_seconds)
        check_seconds("max_page_seconds", self.max_page_seconds)
        check_choice("urls", self.urls, (True, False))
        if self.multi_page is not False:
            check_positive_int("multi_page", self.multi_page, minimum=2)
        if self.box is not None:
            object.__setattr__(self, "box", checked_box(self.box))
        object.__setattr__(self, "cache", checked_cache(self.cache))
        object.__setattr__(self, "root", checked_folder("root", self.root))
        object.__setattr__(self, "url_hosts", normalize_hosts(self.url_hosts))
        object.__setattr__(self, "drop", check_subset("drop", self.drop, REGION_TYPES))
        omitted = check_subset("omit_metadata", self.omit_metadata, get_args(MetadataKey))
        object.__setattr__(self, "omit_metadata", omitted)
        object.__setattr__(self, "regions", checked_regions(self.regions))
        check_combinations(self)

    def __getstate__(self) -> list[object]:
        if self.password is not None:
            raise TypeError(
                "options with a password are not pickled, for it would stand there in clear: "
                "read in this process, or make the options where they are used"
            )
        return [getattr(self, f.name) for f in fields(self)]

    @property
    def formatted(self) -> bool:
        """Whether the model is asked for its formatted reading."""
        return self.output != "text" if self.format is None else self.format

    @property
    def effective_regions(self) -> Regions:
        """``regions``; "auto" where ``mode="region"`` names none."""
        return "auto" if self.regions is None and self.mode == "region" else self.regions

    @property
    def limits(self) -> Limits:
        """What one document may cost."""
        return Limits(
            file_bytes=self.max_file_bytes,
            pages=self.max_pages,
            image_pixels=self.max_image_pixels,
            page_seconds=self.max_page_seconds,
            page_bytes=self.max_page_bytes,
        )

    @property
    def download_policy(self) -> DownloadPolicy:
        """What may be downloaded."""
        return DownloadPolicy(
            hosts=tuple(self.url_hosts),
            max_bytes=self.max_file_bytes,
            seconds=self.max_url_seconds,
        )

    @classmethod
    def of(cls, options: ReadOptions | None, overrides: ReadOverrides) -> ReadOptions:
        """``options`` (or the defaults) with ``overrides``, a mapping of names to values."""
        if options is not None and not isinstance(options, ReadOptions):
            raise OptionError(f"options={options!r}: expected ReadOptions")
        known = [f.name for f in fields(cls)]
        for name in overrides:
            if name not in known:
                raise OptionError(f"{name!r} is not an option; there are {', '.join(known)}")
        return replace(options or cls(), **overrides)
