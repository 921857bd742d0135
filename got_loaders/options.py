"""Every option of a read, written once; the loader, the reader and the command line share it.

Values are checked where the options are made, with the option's name and the value in the
message. What only a document can tell (how many pages it has) is checked when it is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, TypedDict, get_args

from got_loaders.errors import OptionError
from got_loaders.types import COLORS, Box, Color, ProgressEvent, check_patches, check_whole
from got_loaders.types import checked_box as _checked_box

__all__ = ["Mode", "OnError", "Output", "Pages", "ReadOptions", "ReadOverrides"]

Mode = Literal["page", "single"]
Output = Literal["markdown", "text", "raw"]
OnError = Literal["raise", "skip", "keep"]
Pages = str | int | range | slice | Sequence[int] | None
Progress = bool | Callable[[ProgressEvent], object]
BoxLike = Box | tuple[float, float, float, float] | Sequence[float]

_PAGES = re.compile(r"\s*(-?\d+)\s*(?:-\s*(-?\d*)\s*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How to read: what to select, how to show it to the model, what to make of the answer.

    Each option is described in ``docs/options.md``. An unknown name or a value out of range
    raises :class:`OptionError`, which is also a ``ValueError``.
    """

    mode: Mode = "page"
    """"page" one Document a page, "single" one a file."""
    output: Output = "markdown"
    """"markdown", "text", or "raw": the model's own text, Mathpix Markdown."""
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
    on_error: OnError = "raise"
    """"raise", "skip", or "keep": an empty Document that carries ``error``."""
    skip_blank: bool = True
    """A blank page is not sent to the model, which invents text on blank pages."""
    progress: Progress = False
    """True: a progress bar on standard error; a callable gets one event a page."""
    max_new_tokens: int = 4096
    """The most tokens that the model may write for one request."""

    def __post_init__(self) -> None:
        _check_choice("mode", self.mode, get_args(Mode))
        _check_choice("output", self.output, get_args(Output))
        _check_choice("on_error", self.on_error, get_args(OnError))
        _check_choice("crop_to_patches", self.crop_to_patches, ("auto", True, False))
        _check_choice("format", self.format, (None, True, False))
        _check_choice("skip_blank", self.skip_blank, (True, False))
        if self.color is not None:
            _check_choice("color", self.color, COLORS)
        _check_text("password", self.password)
        _check_text("glob", self.glob)
        _check_progress(self.progress)
        _check_dpi(self.dpi)
        check_pages(self.pages)
        check_patches(self.min_patches, self.max_patches)
        check_whole("max_new_tokens", self.max_new_tokens)
        if self.multi_page is not False:
            check_whole("multi_page", self.multi_page, least=2)
        if self.box is not None:
            object.__setattr__(self, "box", _checked_box(self.box))
        self._check_combination()

    def _check_combination(self) -> None:
        if self.box is not None and self.color is not None:
            raise OptionError(f"box={self.box!r} and color={self.color!r} exclude each other")
        if self.multi_page and self.box is not None:
            raise OptionError(f"box={self.box!r} can't be combined with multi_page")
        if self.multi_page and self.crop_to_patches is True:
            raise OptionError("crop_to_patches=True can't be combined with multi_page")
        if self.crop_to_patches is True and (self.box is not None or self.color is not None):
            name = "box" if self.box is not None else "color"
            raise OptionError(f"crop_to_patches=True can't be combined with {name}")

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
    on_error: OnError
    skip_blank: bool
    progress: Progress
    max_new_tokens: int


def check_pages(pages: object) -> None:
    """Raise :class:`OptionError` unless ``pages`` is a page selection, whatever the document."""
    if isinstance(pages, str):
        parse_pages(pages)
    elif isinstance(pages, slice):
        parts = (pages.start, pages.stop, pages.step)
        if not all(p is None or _is_int(p) for p in parts) or pages.step == 0:
            raise OptionError(f"pages={pages!r}: expected a slice of whole numbers")
    elif isinstance(pages, Sequence) and not isinstance(pages, bytes):
        if not isinstance(pages, range) and not all(_is_int(p) for p in pages):
            raise OptionError(f"pages={pages!r}: expected whole numbers, counting from 0")
    elif pages is not None and not _is_int(pages):
        raise OptionError(
            f'pages={pages!r}: expected a text such as "1-3,7,-1", 0-based whole numbers, '
            "a range or a slice"
        )


def parse_pages(text: str) -> list[tuple[int, int | None]]:
    """``"1-3,7,-1,9-"`` → ``[(1, 3), (7, 7), (-1, -1), (9, None)]``: as people count, from 1.

    A negative number counts from the end; a range without an end goes to the last page.
    """
    spans: list[tuple[int, int | None]] = []
    for part in text.split(","):
        match = _PAGES.fullmatch(part)
        if match is None:
            raise OptionError(f'pages={text!r}: {part.strip()!r} is not like "3", "1-3" or "-1"')
        first, last = int(match[1]), match[2]
        end = first if last is None else int(last) if last else None
        if first == 0 or end == 0:
            raise OptionError(f"pages={text!r}: pages count from 1")
        spans.append((first, end))
    return spans


def _check_choice(name: str, value: Any, choices: tuple[Any, ...]) -> None:
    if not any(value is c or (isinstance(c, str) and value == c) for c in choices):
        raise OptionError(f"{name}={value!r}: expected one of {', '.join(map(repr, choices))}")


def _check_text(name: str, value: object) -> None:
    if value is not None and not isinstance(value, str):
        shown = type(value).__name__ if name == "password" else repr(value)
        raise OptionError(f"{name}={shown}: expected a text or None")


def _check_progress(value: object) -> None:
    if not isinstance(value, bool) and not callable(value):
        raise OptionError(f"progress={value!r}: expected True, False or a callable")


def _check_dpi(value: object) -> None:
    if value is None:
        return
    if not isinstance(value, int | float) or isinstance(value, bool) or not 10 <= value <= 1200:
        raise OptionError(f"dpi={value!r}: expected None or a number from 10 to 1200")


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
