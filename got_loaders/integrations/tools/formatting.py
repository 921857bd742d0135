"""Records → the text that an agent gets. Pages count from 1 here, as people and agents do."""

from __future__ import annotations

from collections.abc import Sequence

from got_loaders.documents import Record, Value
from got_loaders.errors import PageError, SourceError
from got_loaders.integrations.tools.content import DocumentList
from got_loaders.integrations.tools.roots import ResolvedPath

__all__ = [
    "format_beginning",
    "format_documents",
    "format_pages",
    "format_part",
    "format_regions",
    "format_texts",
]

_REMARKS = {
    "length": "[cut off here: the rest of it was not read]",
    "repetition": "[the reading went in circles here and was cut: the rest is missing]",
}
_DOCUMENT_KEYS = ("title", "author", "subject")
_MAX_VALUE_CHARS = 200


def format_documents(listed: DocumentList) -> str:
    """A name a line."""
    more = ["(and more; name a folder to see what is in it)"] if listed.more else []
    return "\n".join([*listed.documents, *more]) or "no documents"


def format_texts(target: ResolvedPath, records: Sequence[Record], *, numbered: bool = True) -> str:
    """The texts, each under a header that says where it stands; raises where there is none.

    Regions are ``numbered`` where they are not the caller's own.
    """
    if not records:
        return "[nothing could be read here]"
    errors = [str(record.metadata["error"]) for record in records if _failed(record)]
    if len(errors) == len(records):
        kind = PageError if "page" in records[0].metadata else SourceError
        raise kind("; ".join(dict.fromkeys(errors)))
    return "\n\n".join(
        f"==> {_header(target, record, numbered=numbered)} <==\n{_text(target, record)}"
        for record in records
    )


def format_beginning(target: ResolvedPath, records: Sequence[Record]) -> str:
    """The texts of a document's first pages; the end says how many more there are."""
    text = format_texts(target, records)
    total = records[0].metadata.get("total_pages") if records else None
    done = len({record.metadata.get("page") for record in records})
    last = records[-1].metadata if records else {}
    done = max(done, int(last.get("page_last", last.get("page", 0))) + 1)
    if total is None or int(total) <= done:
        return text
    return f"{text}\n\n[{int(total) - done} more pages, from {done + 1}: read_document reads them]"


def format_part(target: ResolvedPath, records: Sequence[Record]) -> str:
    """The texts of one part of each page, which the agent named itself."""
    return format_texts(target, records, numbered=False)


def format_regions(target: ResolvedPath, records: Sequence[Record]) -> str:
    """The regions of one page, with boxes that can be passed back to read one of them."""
    metadata = _first_page(target, records)
    header = f"{_page_name(target, metadata)}, {_size(metadata)}; the numbers are x0, y0, x1, y1"
    lines = [header, *map(_region, records), _warning(target, metadata)]
    return "\n".join(line for line in lines if line)


def format_pages(target: ResolvedPath, records: Sequence[Record]) -> str:
    """What each page is, without its text."""
    metadata = _first_page(target, records)
    total = int(metadata.get("total_pages", len(records)))
    header = [f"{target.requested}: {total} page{'s' if total > 1 else ''}"]
    header += [f"{key}: {_line(metadata[key])}" for key in _DOCUMENT_KEYS if key in metadata]
    lines = ["; ".join(header), *(_page(target, record) for record in records)]
    if len(records) < total:
        lines.append(f"({total - len(records)} more; name those that you want by pages=)")
    return "\n".join(lines)


def _first_page(target: ResolvedPath, records: Sequence[Record]) -> dict[str, Value]:
    """The first page's metadata; raises what a file that could not be opened says instead."""
    if not records:
        raise SourceError(f"{target.requested}: nothing could be read here")
    metadata = records[0].metadata
    if "page" not in metadata:
        raise SourceError(str(metadata.get("error", f"{target.requested}: has no pages")))
    return metadata


def _failed(record: Record) -> bool:
    return "error" in record.metadata and not record.text


def _header(target: ResolvedPath, record: Record, *, numbered: bool) -> str:
    metadata = record.metadata
    if "page" not in metadata:
        return target.requested
    region = metadata.get("region_index") if numbered else None
    part = "" if region is None else f", region {int(region) + 1}"
    return f"{_page_name(target, metadata)} of {metadata['total_pages']}{part}"


def _page_name(target: ResolvedPath, metadata: dict[str, Value]) -> str:
    page, last = int(metadata["page"]) + 1, metadata.get("page_last")
    pages = f"page {page}" if last is None else f"pages {page}-{int(last) + 1}"
    return f"{target.requested}, {pages}"


def _text(target: ResolvedPath, record: Record) -> str:
    metadata = record.metadata
    if "error" in metadata:
        failure = f"[not read: {target.redact(str(metadata['error']))}]"
        return f"{record.text}\n{failure}" if record.text else failure
    remark = _REMARKS.get(str(metadata.get("ocr_finish_reason")))
    lines = [record.text or "[nothing to read here]", remark, _warning(target, metadata)]
    return "\n".join(line for line in lines if line)


def _warning(target: ResolvedPath, metadata: dict[str, Value]) -> str:
    """What went wrong with the page; empty where nothing did."""
    text = _line(metadata.get("page_warnings", ""))
    return f"[warning: {target.redact(text)}]" if text else ""


def _region(record: Record) -> str:
    metadata = record.metadata
    if "error" in metadata:
        return "[can't be shown]"
    if "x0" not in metadata:
        return "nothing to read here"
    box = ", ".join(f"{metadata[name]:g}" for name in ("x0", "y0", "x1", "y1"))
    number = int(metadata.get("region_index", 0)) + 1
    return f"{number}. {metadata.get('region_type', 'text')}: {box}"


def _page(target: ResolvedPath, record: Record) -> str:
    metadata = record.metadata
    number = int(metadata["page"]) + 1
    label = _line(metadata.get("page_label", number))
    name = f"page {number}" if label == str(number) else f"page {number} ({label})"
    if "error" in metadata:
        return f"{name}: [can't be shown: {target.redact(str(metadata['error']))}]"
    kinds = {"blank": "blank", "text_layer": "has good text of its own"}
    kind = kinds.get(str(metadata["ocr_origin"]), "a picture, read by OCR")
    return f"{name}: {_size(metadata)}, {kind} {_warning(target, metadata)}".rstrip()


def _line(value: Value) -> str:
    """What a document says of itself, on one line and not too long."""
    return " ".join(str(value).split())[:_MAX_VALUE_CHARS]


def _size(metadata: dict[str, Value]) -> str:
    if "page_width" not in metadata:
        return "of unknown size"
    return f"{metadata['page_width']:g} x {metadata['page_height']:g} {metadata['page_unit']}"
