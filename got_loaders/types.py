"""The values that flow from a source to a Document, and the Engine protocol.

All are frozen. They know nothing of torch, PyMuPDF or a framework; Pillow is named for type
checkers only. Coordinates have their origin at the top left of the page *as it is shown*.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, runtime_checkable

from got_loaders.errors import OptionError

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = [
    "Box",
    "Color",
    "Engine",
    "FinishReason",
    "OcrRequest",
    "OcrResult",
    "Origin",
    "Page",
    "PageInfo",
    "PageResult",
    "ProgressEvent",
    "Unit",
]

Color = Literal["red", "green", "blue"]
FinishReason = Literal["stop", "length", "repetition"]
Origin = Literal["ocr", "text_layer", "blank", "failed"]
Unit = Literal["pt", "px"]

COLORS: tuple[Color, ...] = ("red", "green", "blue")


class Box(NamedTuple):
    """A rectangle: left, top, right, bottom; origin at the top left.

    On a page the unit is the page's own (points on a PDF page, pixels on an image), so a box that
    metadata reports can be passed back as ``box=``. On an :class:`OcrRequest` the unit is pixels
    of its first image.
    """

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """``x1 - x0``."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """``y1 - y0``."""
        return self.y1 - self.y0

    def clipped(self, width: float, height: float) -> Box | None:
        """The part of this box that lies on a page of this size; None where nothing does."""
        box = Box(max(self.x0, 0), max(self.y0, 0), min(self.x1, width), min(self.y1, height))
        return box if box.x0 < box.x1 and box.y0 < box.y1 else None

    def scaled(self, x: float, y: float) -> Box:
        """This box, horizontal coordinates times ``x``, vertical ones times ``y``."""
        return Box(self.x0 * x, self.y0 * y, self.x1 * x, self.y1 * y)


def checked_box(value: object, *, name: str = "box") -> Box:
    """``value`` as a :class:`Box`; :class:`OptionError` unless four finite ascending numbers."""
    numbers = None if isinstance(value, str | bytes | bytearray) else value  # "1234" is no box
    try:
        box = Box(*(float(v) for v in numbers))  # type: ignore[attr-defined]  # checked right here
    except (TypeError, ValueError):
        raise OptionError(f"{name}={value!r}: expected four numbers (x0, y0, x1, y1)") from None
    if not all(math.isfinite(v) for v in box):
        raise OptionError(f"{name}={value!r}: coordinates must be finite numbers")
    if box.x0 >= box.x1 or box.y0 >= box.y1:
        raise OptionError(f"{name}={value!r}: expected x0 < x1 and y0 < y1")
    return box


@dataclass(frozen=True, slots=True, kw_only=True)
class PageInfo:
    """Where a page comes from and how large it is shown.

    ``number`` counts from 0; it is None for a document that could not be opened. ``last_number``
    is set where several pages were read in one request. ``label`` is the PDF's own page label,
    else the number as people count. ``width`` and ``height`` are in ``unit``: points on a PDF
    page, pixels on an image, rotation applied. ``document`` holds the document's own information
    (title, author, …).
    """

    source: str
    number: int | None = None
    total: int | None = None
    label: str = ""
    width: float = 0.0
    height: float = 0.0
    unit: Unit = "pt"
    last_number: int | None = None
    file_name: str | None = None
    file_type: str | None = None
    document: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A rendered page: its provenance and its picture (RGB, upright)."""

    info: PageInfo
    image: Image


@dataclass(frozen=True, slots=True, kw_only=True)
class OcrRequest:
    """One question to the model, in the words of transformers' ``GotOcr2Processor``.

    ``box`` is in pixels of ``images[0]``. Several images need ``multi_page=True``; a box and a
    colour exclude each other, and neither a box nor crops go with ``multi_page``: the model was
    not trained on those. A request that breaks a rule raises :class:`OptionError`.
    """

    images: tuple[Image, ...]
    format: bool = False
    box: Box | None = None
    color: Color | None = None
    crop_to_patches: bool = False
    min_patches: int = 1
    max_patches: int = 12
    multi_page: bool = False
    max_new_tokens: int = 4096
    stop_on_repetition: bool = False

    def __post_init__(self) -> None:
        if not self.images or type(self.images) is not tuple:
            raise OptionError(f"images={self.images!r}: expected a tuple of at least one image")
        for image in self.images:
            if not hasattr(image, "convert") or min(image.size) < 1:
                raise OptionError(f"images: expected Pillow images with pixels, got {image!r}")
        if self.box is not None:
            object.__setattr__(self, "box", checked_box(self.box))
        if self.color is not None and self.color not in COLORS:
            raise OptionError(f"color={self.color!r}: expected one of {', '.join(COLORS)}")
        check_patches(self.min_patches, self.max_patches)
        check_whole("max_new_tokens", self.max_new_tokens)
        self._check_combination()

    def _check_combination(self) -> None:
        if len(self.images) > 1 and not self.multi_page:
            raise OptionError(f"images: {len(self.images)} images need multi_page=True")
        if self.box is not None and self.color is not None:
            raise OptionError(f"box={self.box!r} and color={self.color!r} exclude each other")
        if self.multi_page and (self.box is not None or self.crop_to_patches):
            name = "box" if self.box is not None else "crop_to_patches"
            raise OptionError(f"{name} can't be combined with multi_page=True")
        if self.box is not None and self.box.clipped(*self.images[0].size) is None:
            raise OptionError(f"box={self.box!r} lies outside the image {self.images[0].size}")


def check_whole(name: str, value: object, *, least: int = 1) -> None:
    """Raise :class:`OptionError` unless ``value`` is a whole number of at least ``least``."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise OptionError(f"{name}={value!r}: expected a whole number, at least {least}")


def check_patches(least: object, most: object) -> None:
    """Check the bounds of the grid of patches; the names in the message are the options'."""
    check_whole("min_patches", least)
    check_whole("max_patches", most)
    if least > most:  # type: ignore[operator]  # both are ints by now
        raise OptionError(f"min_patches={least!r} is more than max_patches={most!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OcrResult:
    """What the model wrote, and how it went.

    ``text`` is as the model wrote it. ``token_ids`` are what transformers' ``generate`` returns
    after the prompt, the end-of-sequence token included; ``num_tokens`` counts them.
    ``confidence`` is the mean probability of the chosen tokens, 0 to 1. ``finish_reason``:
    "stop" the model ended, "length" ``max_new_tokens`` ran out, "repetition" it went in circles.
    """

    text: str
    finish_reason: FinishReason = "stop"
    token_ids: tuple[int, ...] = ()
    confidence: float = 1.0
    num_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PageResult:
    """A page, or several read in one request, at the end of its way.

    ``origin``: "ocr" the model read it, "text_layer" it is the document's own text, "blank" there
    was nothing to read, "failed" reading failed: ``error`` then says why, and ``ocr`` is None.
    """

    info: PageInfo
    region: Box | None = None
    ocr: OcrResult | None = None
    origin: Origin = "ocr"
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressEvent:
    """What a ``progress`` callable gets after each page.

    ``done`` counts the pages finished so far, ``total`` those of the documents opened so far.
    """

    done: int
    total: int
    result: PageResult


@runtime_checkable
class Engine(Protocol):
    """What reads: local, replicated, remote, cached and fake engines are all this."""

    @property
    def fingerprint(self) -> str:
        """Model, revision and all else that changes its text: a cache's key, and ``ocr_model``."""

    def submit(self, request: OcrRequest) -> Future[OcrResult]:
        """Queue a request. May block while the queue is full. ``Future.cancel()`` always works."""

    def close(self) -> None:
        """Free the memory, the device's included. Pending futures get EngineDeadError."""
