"""Records → what programs get beside the text: the same facts as values, with a schema.

Pages and regions count from 1 here, as in the text. What is not known is absent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from got_loaders.documents import Record, Value
from got_loaders.integrations.tools.roots import ResolvedPath

__all__ = [
    "DocumentList",
    "PageList",
    "RegionList",
    "TextList",
    "list_page_facts",
    "list_part",
    "list_region_boxes",
    "list_texts",
]

SourceName = Annotated[str, Field(description="The document, as it was asked for.")]
PageNumber = Annotated[int, Field(description="The page's number, counted from 1.")]
TotalPages = Annotated[int | None, Field(description="How many pages the document has.")]
Side = Annotated[float | None, Field(description="In the page's unit, as the page is shown.")]
PageUnit = Annotated[
    Literal["pt", "px"] | None, Field(description="Points of a PDF page, pixels of an image.")
]
Edge = Annotated[
    float | None, Field(description="In the page's unit, from the page's top left corner.")
]
Remark = Annotated[str | None, Field(description="What could not be drawn or is not shown.")]
Failure = Annotated[str | None, Field(description="Why it could not be read.")]


class DocumentList(BaseModel):
    """The documents that may be read."""

    documents: list[str] = Field(description="Names that the other tools take as source.")
    more: bool = Field(description="Whether there are more; name a folder to see them.")


class PageFacts(BaseModel):
    """What a page is, without its text."""

    page: PageNumber
    label: str | None = Field(default=None, description="What is printed on it, as in 'iv'.")
    width: Side = None
    height: Side = None
    unit: PageUnit = None
    origin: Literal["blank", "text_layer", "ocr", "failed"] = Field(
        description="Where its text will come from; text_layer is the page's own."
    )
    warning: Remark = None
    error: Failure = None


class PageList(BaseModel):
    """A document and some of its pages."""

    source: SourceName
    total_pages: TotalPages = None
    title: str | None = None
    author: str | None = None
    subject: str | None = None
    pages: list[PageFacts]


class RegionBox(BaseModel):
    """A part of a page, with a box that read_region takes."""

    number: int = Field(description="Its place in the reading order, counted from 1.")
    type: str = Field(description="Such as title, text, list, table, figure, formula.")
    x0: float
    y0: float
    x1: float
    y1: float


class RegionList(BaseModel):
    """The parts of one page in reading order."""

    source: SourceName
    page: PageNumber
    total_pages: TotalPages = None
    width: Side = None
    height: Side = None
    unit: PageUnit = None
    regions: list[RegionBox]
    warning: Remark = None


class PageReading(BaseModel):
    """The text of a page, or of a part of it, and how its reading went."""

    page: int | None = Field(default=None, description="Counted from 1; absent: all of it.")
    last_page: int | None = Field(default=None, description="Where several were read as one.")
    label: str | None = None
    region: int | None = Field(default=None, description="The part's place, counted from 1.")
    region_type: str | None = None
    x0: Edge = None
    y0: Edge = None
    x1: Edge = None
    y1: Edge = None
    text: str = Field(description="What was read; empty where there is nothing or it failed.")
    origin: Literal["blank", "text_layer", "ocr", "failed", "corrected"]
    complete: bool = Field(description="False where the reading was cut off, or failed.")
    confidence: float | None = Field(default=None, description="From 0 to 1; to compare pages.")
    warning: Remark = None
    error: Failure = None


class TextList(BaseModel):
    """The texts of a document's pages, or of parts of them."""

    source: SourceName
    total_pages: TotalPages = None
    texts: list[PageReading]


def list_page_facts(target: ResolvedPath, records: Sequence[Record]) -> PageList:
    """What each page is."""
    first = records[0].metadata
    names = ("total_pages", "title", "author", "subject")
    facts = [PageFacts(**_page(target, record)) for record in records]
    known: dict[str, Any] = {name: first[name] for name in names if name in first}
    return PageList(source=target.requested, pages=facts, **known)


def list_region_boxes(target: ResolvedPath, records: Sequence[Record]) -> RegionList:
    """The parts of one page that a box is known of."""
    page = _page(target, records[0])
    boxes = [_region_box(record.metadata) for record in records if "x0" in record.metadata]
    names = ("page", "width", "height", "unit", "warning")
    return RegionList(
        source=target.requested,
        total_pages=_number(records[0].metadata.get("total_pages")),
        regions=boxes,
        **{name: page[name] for name in names if name in page},
    )


def list_texts(target: ResolvedPath, records: Sequence[Record]) -> TextList:
    """The texts, each with where it stands."""
    total = records[0].metadata.get("total_pages") if records else None
    return TextList(
        source=target.requested,
        total_pages=_number(total),
        texts=[_page_text(target, record) for record in records],
    )


def list_part(target: ResolvedPath, records: Sequence[Record]) -> TextList:
    """The texts of one part of each page, which the agent named itself: it has no number."""
    listed = list_texts(target, records)
    own = {"region": None, "region_type": None}
    return listed.model_copy(update={"texts": [t.model_copy(update=own) for t in listed.texts]})


def _page(target: ResolvedPath, record: Record) -> dict[str, Any]:
    metadata = record.metadata
    number = metadata.get("page")
    page = {
        "page": None if number is None else int(number) + 1,
        "label": metadata.get("page_label"),
        "width": metadata.get("page_width"),
        "height": metadata.get("page_height"),
        "unit": metadata.get("page_unit"),
        "origin": metadata["ocr_origin"],
    }
    for name, key in (("warning", "page_warnings"), ("error", "error")):
        if metadata.get(key):
            page[name] = target.redact(str(metadata[key]))
    return {name: value for name, value in page.items() if value is not None}


def _region_box(metadata: dict[str, Value]) -> RegionBox:
    return RegionBox(
        number=int(metadata.get("region_index", 0)) + 1,
        type=str(metadata.get("region_type", "text")),
        **{name: float(metadata[name]) for name in ("x0", "y0", "x1", "y1")},
    )


def _page_text(target: ResolvedPath, record: Record) -> PageReading:
    metadata = record.metadata
    last, index = metadata.get("page_last"), metadata.get("region_index")
    page = _page(target, record)
    reason = metadata.get("ocr_finish_reason", "stop")
    names = ("page", "label", "origin", "warning", "error")
    known: dict[str, Any] = {name: page[name] for name in names if name in page}
    known |= {name: metadata[name] for name in ("x0", "y0", "x1", "y1") if name in metadata}
    known["confidence"] = metadata.get("ocr_confidence")
    return PageReading(
        text=record.text,
        last_page=None if last is None else int(last) + 1,
        region=None if index is None else int(index) + 1,
        region_type=None if index is None else str(metadata.get("region_type", "text")),
        complete=reason == "stop" and "error" not in metadata,
        **known,
    )


def _number(value: Value | None) -> int | None:
    return None if value is None else int(value)
