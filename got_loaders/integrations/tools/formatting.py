"""Records → what an agent is told. Pages count from 1 here, as people and agents do."""

from __future__ import annotations

from collections.abc import Sequence

from got_loaders.documents.records import Record, Value
from got_loaders.errors import PageError, SourceError
from got_loaders.integrations.tools.roots import Place

__all__ = ["told_pages", "told_part", "told_regions", "told_texts"]

_REMARKS = {
    "length": "[cut off here: the rest of it was not read]",
    "repetition": "[the reading went in circles here and was cut: the rest is missing]",
}
_ABOUT = ("title", "author", "subject")
_MOST_ABOUT = 200


def told_texts(place: Place, found: Sequence[Record], *, numbered: bool = True) -> str:
    """The texts, each under a header that says where it stands; raises where there is none.

    Regions are ``numbered`` where they are not the caller's own.
    """
    if not found:
        return "[nothing could be read here]"
    errors = [str(record.metadata["error"]) for record in found if _failed(record)]
    if len(errors) == len(found):
        kind = PageError if "page" in found[0].metadata else SourceError
        raise kind("; ".join(dict.fromkeys(errors)))
    return "\n\n".join(
        f"==> {_header(place, record, numbered=numbered)} <==\n{_text(place, record)}"
        for record in found
    )


def told_regions(place: Place, found: Sequence[Record]) -> str:
    """What stands where on one page: numbers that can be passed back to read a part of it."""
    _check_opened(place, found)
    about = found[0].metadata
    lines = [f"{_page_name(place, about)}, {_size(about)}; the numbers are x0, y0, x1, y1"]
    lines += [_region(record) for record in found]
    return "\n".join(lines)


def told_pages(place: Place, found: Sequence[Record]) -> str:
    """What each page is, without its text."""
    _check_opened(place, found)
    about = found[0].metadata
    total = int(about.get("total_pages", len(found)))
    told = [f"{place.asked}: {total} page{'s' if total > 1 else ''}"]
    told += [f"{key}: {_line(about[key])}" for key in _ABOUT if key in about]
    lines = ["; ".join(told), *(_page(place, record) for record in found)]
    if len(found) < total:
        lines.append(f"({total - len(found)} more; name those that you want by pages=)")
    return "\n".join(lines)


def _check_opened(place: Place, found: Sequence[Record]) -> None:
    """Raise what a file that could not be opened says instead of pages."""
    if not found:
        raise SourceError(f"{place.asked}: nothing could be read here")
    if "page" not in found[0].metadata:
        raise SourceError(str(found[0].metadata.get("error", f"{place.asked}: has no pages")))


def told_part(place: Place, found: Sequence[Record]) -> str:
    """The texts of one part of each page, which the agent named itself."""
    return told_texts(place, found, numbered=False)


def _failed(record: Record) -> bool:
    return "error" in record.metadata and not record.text


def _header(place: Place, record: Record, *, numbered: bool) -> str:
    about = record.metadata
    if "page" not in about:
        return place.asked
    region = about.get("region_index") if numbered else None
    part = "" if region is None else f", region {int(region) + 1}"
    return f"{_page_name(place, about)} of {about['total_pages']}{part}"


def _page_name(place: Place, about: dict[str, Value]) -> str:
    page, last = int(about["page"]) + 1, about.get("page_last")
    pages = f"page {page}" if last is None else f"pages {page}-{int(last) + 1}"
    return f"{place.asked}, {pages}"


def _text(place: Place, record: Record) -> str:
    about = record.metadata
    if "error" in about:
        failed = f"[not read: {place.told(str(about['error']))}]"
        return f"{record.text}\n{failed}" if record.text else failed
    remark = _REMARKS.get(str(about.get("ocr_finish_reason")))
    text = record.text or "[nothing to read here]"
    return text if remark is None else f"{text}\n{remark}"


def _region(record: Record) -> str:
    about = record.metadata
    if "error" in about:
        return "[can't be shown]"
    if "x0" not in about:
        return "nothing to read here"
    box = ", ".join(f"{about[name]:g}" for name in ("x0", "y0", "x1", "y1"))
    return f"{int(about.get('region_index', 0)) + 1}. {about.get('region_type', 'text')}: {box}"


def _page(place: Place, record: Record) -> str:
    about = record.metadata
    number = int(about["page"]) + 1
    label = _line(about.get("page_label", number))
    name = f"page {number}" if label == str(number) else f"page {number} ({label})"
    if "error" in about:
        return f"{name}: [can't be shown: {place.told(str(about['error']))}]"
    kinds = {"blank": "blank", "text_layer": "has good text of its own"}
    kind = kinds.get(str(about["ocr_origin"]), "a picture, read by OCR")
    return f"{name}: {_size(about)}, {kind}"


def _line(value: Value) -> str:
    """What a document says of itself, on one line and not too long."""
    return " ".join(str(value).split())[:_MOST_ABOUT]


def _size(about: dict[str, Value]) -> str:
    if "page_width" not in about:
        return "of unknown size"
    return f"{about['page_width']:g} x {about['page_height']:g} {about['page_unit']}"
