"""Pages: where they come from, and their pictures; what is told of their results on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from PIL.Image import Image

    from got_loaders.results import PageResult

__all__ = [
    "DOCUMENT_KEYS",
    "Origin",
    "Page",
    "PageInfo",
    "ProgressEvent",
    "Unit",
    "describe_page",
]

Origin = Literal["ocr", "text_layer", "blank", "failed", "corrected"]
Unit = Literal["pt", "px"]

DOCUMENT_KEYS = (
    *("title", "author", "subject", "keywords"),
    *("creator", "producer", "creationdate", "moddate"),
)
"""What a document may tell of itself, by the names that LangChain's PDF loaders use."""


def describe_page(
    source: str, number: int | None, last: int | None = None, region: int | None = None
) -> str:
    """What messages call a place: "scan.pdf, page 3, region 2", "scan.pdf, pages 3 to 5".

    Numbers count from 0, as everywhere in code, and are shown as people count; a ``number`` of
    None, of a document that could not be opened, is shown as page 1.
    """
    first = (number or 0) + 1
    text = f"{source}, page {first}" if last is None else f"{source}, pages {first} to {last + 1}"
    return text if region is None else f"{text}, region {region + 1}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageInfo:
    """Where a page comes from and how large it is shown.

    ``number`` counts from 0; it is None for a document that could not be opened. ``last_number``
    is set where several pages were read in one request. ``label`` is the PDF's own page label,
    else the number as people count. ``width`` and ``height`` are in ``unit``: points on a PDF
    page, pixels on an image, rotation applied. ``document`` holds the document's own information
    (title, author, …). ``warnings`` are what went wrong with the page, or is not shown of it, in
    short words that people read; ``got_loaders.pages`` makes them printable. ``file_stamp`` is what
    shows that a file was changed since: its bytes, and the nanoseconds of its last change; None of
    what is no file. It is not part of what is compared.
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
    warnings: tuple[str, ...] = ()
    file_stamp: tuple[int, int] | None = field(default=None, repr=False, compare=False)

    def warned(self, *texts: str) -> PageInfo:
        """This page with more ``warnings``; none stands there twice."""
        return replace(self, warnings=tuple(dict.fromkeys((*self.warnings, *texts))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A rendered page: its provenance and its picture (RGB, upright).

    ``damage`` says what of it could not be drawn; the ``info`` warns of that, too.
    """

    info: PageInfo
    image: Image
    damage: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressEvent:
    """What a ``progress`` callable gets after each page.

    ``done`` counts the pages finished so far, ``total`` those of the documents opened so far.
    ``files_done`` counts the files finished so far, ``files_total`` all of them; it is None where
    nobody knows: of an iterator, or of file objects. Of a page that was read in regions, ``result``
    is that of the first that failed, else of the last.
    """

    done: int
    total: int
    result: PageResult
    files_done: int = 0
    files_total: int | None = None
