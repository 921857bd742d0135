"""The options themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Literal, TypedDict, get_args

from got_loaders.errors import OptionError
from got_loaders.options.checks import (
    BoxLike,
    Regions,
    check_choice,
    check_dpi,
    check_progress,
    check_text,
    checked_drop,
    checked_regions,
)
from got_loaders.options.pages import Pages, check_pages
from got_loaders.types import (
    COLORS,
    Color,
    ProgressEvent,
    RegionType,
    check_patches,
    check_whole,
    checked_box,
)

__all__ = ["Mode", "OnError", "Output", "Progress", "ReadOptions", "ReadOverrides", "TextLayerUse"]

Mode = Literal["page", "single", "region"]
Output = Literal["markdown", "latex", "text", "html", "raw"]
OnError = Literal["raise", "skip", "keep"]
RegionPrompt = Literal["crop", "box"]
TableFormat = Literal["gfm", "html"]
TextLayerUse = Literal["ignore", "auto", "fallback"]
Progress = bool | Callable[[ProgressEvent], object]


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
    on_error: OnError = "raise"
    """"raise", "skip", or "keep": an empty Document that carries ``error``."""
    skip_blank: bool = True
    """A blank page is not sent to the model, which invents text on blank pages."""
    progress: Progress = False
    """True: a progress bar on standard error; a callable gets one event a page."""
    max_new_tokens: int = 4096
    """The most tokens that the model may write for one request."""

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
        check_whole("max_new_tokens", self.max_new_tokens)
        check_whole("max_regions", self.max_regions)
        if self.multi_page is not False:
            check_whole("multi_page", self.multi_page, least=2)
        if self.box is not None:
            object.__setattr__(self, "box", checked_box(self.box))
        object.__setattr__(self, "drop", checked_drop(self.drop))
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
    def wanted_regions(self) -> Regions:
        """``regions``; "auto" where ``mode="region"`` names none."""
        return "auto" if self.regions is None and self.mode == "region" else self.regions

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
    on_error: OnError
    skip_blank: bool
    progress: Progress
    max_new_tokens: int


def check_combinations(options: ReadOptions) -> None:
    """Raise :class:`OptionError` where two options contradict each other.

    Several prompts at once, a box or tiles over several pages: the model was not trained on those.
    """
    given = [name for name in ("box", "color") if getattr(options, name) is not None]
    if options.wanted_regions is not None:
        given.append("regions" if options.regions is not None else 'mode="region"')
    if len(given) > 1:
        raise OptionError(f"{_shown(options, given[0])} and {given[1]} exclude each other")
    if options.multi_page and given and given != ["color"]:
        raise OptionError(f"{_shown(options, given[0])} can't be combined with multi_page")
    if options.crop_to_patches is True:
        _check_tiles(options, given)
    if options.text_layer != "ignore" and (given and options.wanted_regions != "auto"):
        raise OptionError(
            f"text_layer={options.text_layer!r} goes with whole pages and with regions found by "
            f"layout, not with {_shown(options, given[0])}"
        )


def _check_tiles(options: ReadOptions, given: list[str]) -> None:
    others = [name for name in given if name in ("box", "color")]
    if options.wanted_regions is not None and options.region_prompt == "box":
        others.append('region_prompt="box"')
    if options.multi_page:
        others.append("multi_page")
    if others:
        raise OptionError(f"crop_to_patches=True can't be combined with {others[0]}")


def _shown(options: ReadOptions, name: str) -> str:
    return f"{name}={getattr(options, name)!r}" if hasattr(options, name) else name
