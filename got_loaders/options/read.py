"""``ReadOptions``: every option of a read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from os import PathLike
from typing import Literal, get_args

from got_loaders.errors import OptionError, shown
from got_loaders.options.checks import (
    BoxLike,
    Regions,
    check_box,
    check_cache,
    check_combinations,
    check_dpi,
    check_folder,
    check_multi_page,
    check_omitted,
    check_progress,
    check_regions,
    check_seconds,
    check_size,
    check_text,
    one_of,
    subset_of,
)
from got_loaders.options.corrections import CorrectionsLike, check_corrections
from got_loaders.options.derived import DerivedOptions
from got_loaders.options.description import as_it_is, picklable_state
from got_loaders.options.field import Flag, option
from got_loaders.options.figures import check_figures_dir
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
from got_loaders.options.names import check_names
from got_loaders.options.overrides import ReadOverrides
from got_loaders.options.pages import Pages, check_pages
from got_loaders.sources.download import normalize_hosts
from got_loaders.types import Color, Limits, RegionType, check_positive_int

__all__ = ["ReadOptions"]

_LIMITS, _TYPES = Limits(), ", ".join(get_args(RegionType))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions(DerivedOptions):
    """How to read: what to select, how to show it to the model, what to make of the answer.

    An unknown name or a value out of range raises :class:`OptionError`, which is also a
    ``ValueError``. The texts below are the rows of ``docs/options.md``.
    """

    # fmt: off
    mode: Mode = option("page", one_of(Mode), "output",
        Flag("a record a page, a file (single) or a region", "page|single|region"))
    """``"page"``: one Document a page. ``"single"``: one a file, its pages joined by an empty
    line, without the key ``page``. ``"region"``: one a region; without ``regions`` it means
    ``regions="auto"``."""
    output: Output = option("markdown", one_of(Output), "output",
        Flag("the text's form; raw: what the model wrote", "markdown|latex|text|html|raw"))
    """``"markdown"``; ``"latex"``, a fragment; ``"html"``, a fragment; ``"text"``, without
    mark-up; ``"raw"``, what the model wrote (Mathpix Markdown)."""
    table_format: TableFormat = option("gfm", one_of(TableFormat), "output",
        Flag("tables in Markdown; html keeps cells that span", "gfm|html"))
    """Tables in Markdown: ``"gfm"``, between pipes, where cells that span are repeated;
    ``"html"``, an HTML table that keeps the spans."""
    format: bool | None = option(None, one_of(Literal[None, True, False]),  # noqa: PYI061
        "how to read",
        Flag("formatted: headings, tables, formulas (default, save for text); --format FORM is "
            "--output FORM", const=True),
        Flag("plain: the characters alone (default for text)", name="--plain", const=False))
    """``True``: the formatted reading, with headings, tables and formulas. ``False``: plain
    OCR, the characters alone. ``None``: ``True``, but ``False`` for ``output="text"``."""
    pages: Pages = option(None, check_pages, "what to read",
        Flag("which pages, such as 1-3,7,-1: the last is -1 (default: all)", "PAGES"),
        affects_text=False)
    """``None``: all. A text counts from 1: ``"1-3,7,-1"``, ``"4-"`` to the last. Whole numbers, a
    ``range`` or a ``slice`` count from 0, as ``page`` in metadata: ``"1"`` and ``0`` are the first
    page, ``1`` the second. Read in this order; missing or repeated: an error; slices clip."""
    password: str | None = option(None, check_text, "what to read",
        Flag("the password is the first line of this file, in UTF-8", "FILE",
            "--password-file", dest="password_file"),
        Flag("it is in this environment variable", "NAME", "--password-env", dest="password_env"),
        Flag("the password itself, which other users of the machine may see", "PASSWORD"),
        affects_text=False, repr=False)
    """Opens encrypted PDFs; never shown, stored or sent."""
    dpi: float | None = option(None, check_dpi, "how to read",
        Flag("render PDF pages at 10 to 1200 dots per inch (default: as the model needs)", "DPI"))
    """``None``: PDF pages are rendered as large as the model sees them. Else 10 to 1200."""
    glob: str | None = option(None, check_text, "what to read",
        Flag("which files of a folder, such as '**/*.pdf' (default: PDFs and images)", "GLOB"),
        affects_text=False)
    """Which files of a folder, such as ``"**/*.pdf"``. ``None``: every PDF and image below it."""
    crop_to_patches: bool | Literal["auto"] = option("auto", one_of(Literal["auto", True, False]),
        "how to read", Flag("show the page in tiles", "auto|yes|no", "--crop"))
    """Whether the model sees the page in tiles: always (``True``), never (``False``), or where its
    shape and size call for it."""
    min_patches: int = option(1, check_positive_int, "how to read",
        Flag("the fewest tiles of a page", "N"))
    """The fewest tiles of a page that is seen in tiles."""
    max_patches: int = option(12, check_positive_int, "how to read",
        Flag("the most tiles of a page", "N"))
    """The most tiles; the whole page is added as one more."""
    multi_page: Literal[False] | int = option(False, check_multi_page, "how to read",
        Flag("read N pages in one request, 2 at least (default: each alone)", "N"))
    """A number: so many neighbouring pages go into one request and become one Document, with
    ``page`` and ``page_last``."""
    box: BoxLike | None = option(None, check_box, "what to read",
        Flag("one region of every page, in points of a PDF page or in pixels", "X0,Y0,X1,Y1"))
    """``(x0, y0, x1, y1)``: one region of every page, in points on a PDF page, in pixels on an
    image; origin top left, as the page is shown. Clipped to the page; a box wholly outside is a
    ``PageError``."""
    color: Color | None = option(None, one_of(Color, optional=True), "what to read",
        Flag("the region in a frame of this colour", "red|green|blue"))
    """``"red"``, ``"green"``, ``"blue"``: the region in a frame of this colour."""
    regions: Regions = option(None, check_regions, "what to read",
        Flag("read by regions: as layout finds them, or boxes with ; between", "auto|BOXES"))
    """``None``: a page is read as a whole. ``"auto"``: region by region, as layout finds them.
    A list of boxes in page units: these, on every page. ``{page: [box, …]}``, pages counted
    from 0: these; a page that is not named is read as a whole."""
    region_prompt: RegionPrompt = option("crop", one_of(RegionPrompt), "how to read",
        Flag("show the model a region as a crop, or by its box", "crop|box"))
    """How the model is shown a region: ``"crop"``, its picture alone, which it reads better;
    ``"box"``, the page and the box's coordinates."""
    layout_model: str | None = option(None, check_text, "how to read",
        Flag("a hub id or folder of an object detector that finds the regions", "MODEL"))
    """A transformers object detector (a hub id or a folder) for ``regions="auto"``."""
    drop: Sequence[RegionType] = option((), subset_of(RegionType), "what to read",
        Flag(f"types of regions to leave out, with commas, of {_TYPES}", "TYPES"))
    """Types of found regions that are left out, such as ``("header", "footer")``; a page of
    which nothing is left counts as blank."""
    max_regions: int = option(64, check_positive_int, "how to read",
        Flag("a page with more is read as a whole", "N"))
    """A page on which layout finds more is read as a whole."""
    text_layer: TextLayerUse = option("ignore", one_of(TextLayerUse), "how to read",
        Flag("a page's own text: auto, where good; fallback, if all fails", "ignore|auto|fallback"))
    """A page's own text: ``"ignore"`` it; ``"auto"``: use it where it is good, read the rest;
    ``"fallback"``: use it, where it is good, if reading failed, went in circles or was cut off."""
    figures: Figures = option("drop", one_of(Figures), "output",
        Flag("the pictures of figures: keep them as files, or inline in the text",
            "drop|keep|inline"))
    """What becomes of the pictures of regions of type ``figure``: ``"drop"``, nothing; ``"keep"``:
    a file in ``figures_dir``, which the text names where it stood; ``"inline"``: a ``data:`` URL
    in the text. A page that has some is read by its regions, any other as it is without."""
    figures_dir: str | PathLike[str] = option("figures", check_figures_dir, "output",
        Flag("the folder for --figures keep", "FOLDER"))
    """The folder for ``figures="keep"``, made when the first figure is there."""
    corrections: CorrectionsLike = option(None, check_corrections, "output",
        Flag("put these texts, as a report exports them, in the place of readings", "FILE"),
        affects_text=False, repr=False)
    """What people put right, in the place of what was read: a file as a report exports it, or a
    list of ``Correction``. One whose page has changed since is left out, with a warning."""
    omit_metadata: Sequence[MetadataKey] = option(("moddate", "ocr_draft_share"),
        check_omitted, "output", Flag("metadata to leave out, with commas", "KEYS"))
    """Metadata keys that Documents do not carry; ``()`` keeps all, any other leaves out
    ``ocr_draft_share``. What tells the place, the model, a failure or a correction stays."""
    on_error: OnError = option("raise", one_of(OnError), "how to read",
        Flag("keep: an empty record that says why", "raise|skip|keep"), affects_text=False)
    """``"raise"``; ``"skip"`` leaves the page, region or file out and logs a warning (a page
    that lost a region, or a ``"single"`` file that lost a page, carries ``error``); ``"keep"``
    gives an empty Document with the key ``error``."""
    skip_blank: bool = option(True, one_of(Literal[True, False]), "what to read",
        Flag("read blank pages as well", name="--read-blank", const=False))
    """A blank page is not sent to the model, which invents text for blank pages; its Document
    is empty and its ``ocr_origin`` is ``"blank"``."""
    drop_blank: bool | None = option(None, one_of(Literal[None, True, False]),  # noqa: PYI061
        "output", Flag("leave out records without text", const=True), affects_text=False)
    """``True`` leaves out Documents without text, as those of blank pages. ``None``: they are
    kept, but by ``GotOcrTransform``, whose nodes are embedded as they are."""
    progress: Progress = option(False, check_progress, "output", affects_text=False)
    """``True``: a bar on standard error. A callable gets a ``ProgressEvent`` (``done``, ``total``,
    ``files_done``, ``files_total``, ``result``) after each page."""
    max_new_tokens: int = option(4096, check_positive_int, "how to read",
        Flag("the most tokens that the model may write for one request", "N"))
    """The most tokens of one request; where it was cut off: ``ocr_finish_reason="length"``."""
    draft: Literal["auto", False] = option("auto", one_of(Literal["auto", False]), "how to read",
        Flag("token by token, from no draft", name="--no-draft", const=False), affects_text=False)
    """``"auto"``: a page's own words, or a kept reading of its picture, are a draft, which the
    model checks several tokens at a time: the same text, sooner. ``False``: token by token."""
    cache: Cache = option(None, check_cache, "how to read",
        Flag("keep readings in the user's cache folder, so that no page is read twice", const=True),
        Flag("keep readings in this folder", "FOLDER", "--cache-dir"), affects_text=False)
    """Keeps readings, so that no page is read twice: ``True`` in the user's cache folder, a
    path in that folder, ``None`` nowhere."""
    max_cache_bytes: int = option(1_000_000_000, check_size, "limits",
        Flag("the most bytes that the cache keeps", "SIZE"))
    """The most bytes that the cache keeps; what was used least recently goes first."""
    root: str | PathLike[str] | None = option(None, check_folder, "limits",
        Flag("read no path that leads out of this folder; relative ones begin there", "FOLDER"))
    """A folder that no path may lead out of, links followed; relative paths begin there."""
    urls: bool = option(True, one_of(Literal[True, False]), "limits",
        Flag("read no URLs", name="--no-urls", const=False))
    """Whether http(s) URLs are sources. Public addresses only."""
    url_hosts: Sequence[str] = option((), lambda _, hosts: normalize_hosts(hosts), "limits",
        Flag("hosts and networks to read from although not public, with commas", "HOSTS"))
    """Names and networks that URLs may lead to although they are not public, such as
    ``("wiki.intranet", "10.0.0.0/8")``."""
    max_url_seconds: float = option(300.0, check_seconds, "limits",
        Flag("the most seconds for one download", "S"))
    """The most seconds for one download."""
    max_file_bytes: int = option(_LIMITS.file_bytes, check_size, "limits",
        Flag("the most bytes of a file or download, such as 500M", "SIZE"))
    """A larger file, upload or download is refused."""
    max_pages: int = option(_LIMITS.pages, check_size, "limits",
        Flag("the most pages of a document", "N"))
    """A document of more pages is refused, unless ``pages`` selects fewer."""
    max_image_pixels: int = option(_LIMITS.image_pixels, check_size, "limits",
        Flag("the most pixels of an image file", "SIZE"))
    """A larger image is taken for a decompression bomb and not decoded."""
    max_page_seconds: float = option(_LIMITS.page_seconds, check_seconds, "limits",
        Flag("the most seconds for opening a document, and for each page", "S"))
    """The most seconds for opening a document, and for each page."""
    max_page_bytes: int = option(_LIMITS.page_bytes, check_size, "limits",
        Flag("the most memory for decoding a page, on Linux", "SIZE"))
    """The most memory of the process that decodes pages, on Linux."""
    # fmt: on

    def __post_init__(self) -> None:
        for f in fields(self):
            object.__setattr__(self, f.name, f.metadata["check"](f.name, getattr(self, f.name)))
        check_combinations(self)

    __getstate__ = picklable_state
    __copy__ = __deepcopy__ = as_it_is

    @classmethod
    def of(cls, options: ReadOptions | None, overrides: ReadOverrides) -> ReadOptions:
        """``options`` (or the defaults) with ``overrides``, a mapping of names to values."""
        if options is not None and not isinstance(options, ReadOptions):
            raise OptionError(f"options={shown(options)}: expected ReadOptions")
        check_names(overrides, [f.name for f in fields(cls)])
        return replace(options or cls(), **overrides)
