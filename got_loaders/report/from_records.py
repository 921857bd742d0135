"""The records of a kept file → the pages of a report, without their pictures.

A record has one form of the text. What else is shown is worked out from that, as far as it can be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from itertools import groupby
from typing import Any, get_args

from got_loaders._characters import clean_text
from got_loaders.cache import cache_file, cache_folder, open_cache
from got_loaders.documents.provenance import REF_KEY
from got_loaders.documents.provenance.span_store import load_spans
from got_loaders.errors import printable
from got_loaders.options import Cache, ReadOptions
from got_loaders.report.doubt import LOW_CONFIDENCE, ending_flags, is_low_agreement
from got_loaders.report.kept_text import kept_as, kept_text
from got_loaders.report.page_info import page_of
from got_loaders.report.record_file import KeptRecord, RecordFile, whole_number
from got_loaders.report.values import FLAGS, Flag, Form, Reading, ReportPage
from got_loaders.results.corrections import Corrected, reading_digest
from got_loaders.types import DOCUMENT_KEYS, Box, Location, Origin, PageInfo, Unit

__all__ = ["pages_of_records"]

_WHOLE_FILE = "kept as one text: which pages it is of is in the cache of that run"
_NO_PARTS = "where its regions stood is in the cache of that run"
_FLAGS_OF_FILE = "what is flagged may be of any page: the file was kept as one text"


def pages_of_records(records: RecordFile, cache: Cache) -> Iterator[tuple[PageInfo, ReportPage]]:
    """The pages that the records are of; ``cache`` is that of the run which kept them, if any."""
    with _kept_open(cache):
        for page in records:
            yield from _pages(page, cache)


def _kept_open(cache: Cache) -> AbstractContextManager[object]:
    """Within, the cache is opened once, and not for every record."""
    chosen = ReadOptions(cache=cache).cache
    if chosen is None or not cache_file(cache_folder(chosen)).exists():
        return nullcontext()
    return open_cache(cache_folder(chosen), max_bytes=None)


def _pages(records: Sequence[KeptRecord], cache: Cache) -> Iterator[tuple[PageInfo, ReportPage]]:
    """One page, or those of a file that was kept as one text."""
    first = records[0]
    parts = [(record, _parts(record, cache)) for record in records]
    if len(records) == 1 and first.page is None and parts[0][1]:
        for number, group in groupby(parts[0][1], key=lambda location: location.page):
            yield _page(number, [(first, list(group))])
    else:
        yield _page(first.page, parts)


def _parts(record: KeptRecord, cache: Cache) -> list[Location]:
    """Where the parts of its text stood, as far as that is known."""
    ref = record.metadata.get(REF_KEY)
    spans = load_spans(ref, cache) if isinstance(ref, str) else None
    return list(spans.locations) if spans is not None and spans.text == record.text else []


def _page(
    number: int | None, parts: Sequence[tuple[KeptRecord, Sequence[Location]]]
) -> tuple[PageInfo, ReportPage]:
    metadata = parts[0][0].metadata
    info = _info(number, metadata)
    readings = [reading for record, places in parts for reading in _readings(record, places)]
    several = len(readings) > len(parts)
    is_part = metadata.get("page") is None and number is not None
    measures = _measures(metadata) if several or is_part else {}
    warnings = _texts(metadata.get("page_warnings"), "; ")
    page = page_of(info)
    page = replace(
        page,
        readings=tuple(readings),
        warnings=(*warnings, *((_FLAGS_OF_FILE,) if is_part else ())),
        page_flags=_flags(parts[0][0]) if several or is_part else _page_flags(metadata),
        no_picture=_WHOLE_FILE if number is None and "error" not in metadata else "",
        facts={**page.facts, **measures, "kept as": kept_as(metadata)},
    )
    return info, page


def _readings(record: KeptRecord, places: Sequence[Location]) -> list[Reading]:
    """Its text as one, or part by part where it is known where they stood."""
    if not places:
        return [_whole_reading(record)]
    return [_part_reading(record, place, alone=len(places) == 1) for place in places]


def _whole_reading(record: KeptRecord) -> Reading:
    metadata = record.metadata
    index, box = whole_number(metadata.get("region_index")), _box(metadata)
    kept = kept_text(record.text, metadata)
    error = metadata.get("error")
    return Reading(
        shown=kept.shown,
        texts=kept.texts,
        origin=_origin(metadata),
        key=_key(record, record.page, index, record.text, kept.form),
        index=index,
        type=_text(metadata, "region_type"),
        box=box,
        flags=_flags(record),
        confidence=_share(metadata, "ocr_confidence"),
        agreement=_share(metadata, "ocr_agreement"),
        only_in_reading=tuple(_texts(metadata.get("ocr_only_in_reading"), " | ")),
        model=_text(metadata, "ocr_model"),
        error=printable(error) if isinstance(error, str) else None,
        note=kept.note or (_NO_PARTS if REF_KEY in metadata else ""),
    )


def _part_reading(record: KeptRecord, place: Location, *, alone: bool) -> Reading:
    text = record.text[place.start : place.end]
    kept = kept_text(text, record.metadata)
    return Reading(
        shown=kept.shown,
        texts=kept.texts,
        origin=_origin(record.metadata),
        key=_key(record, place.page, place.region_index, text, kept.form),
        index=place.region_index,
        type=place.region_type or "",
        box=place.box,
        flags=_flags(record) if alone and record.page is not None else (),
        model=_text(record.metadata, "ocr_model"),
        note=kept.note,
    )


def _key(
    record: KeptRecord, page: int | None, region: int | None, text: str, form: Form
) -> Corrected | None:
    """None of a file that could not be opened."""
    if page is None and "error" in record.metadata:
        return None
    return Corrected(
        id=record.id,
        page=page,
        region=region,
        of=form,
        digest=reading_digest(text),
        source=record.source,
    )


def _info(number: int | None, metadata: Any) -> PageInfo:
    document = {key: _text(metadata, key) for key in DOCUMENT_KEYS}
    unit: Unit = "px" if metadata.get("page_unit") == "px" else "pt"
    return PageInfo(
        source=metadata["source"],
        number=number,
        last_number=whole_number(metadata.get("page_last")),
        total=whole_number(metadata.get("total_pages")),
        label=_text(metadata, "page_label"),
        width=_length(metadata, "page_width"),
        height=_length(metadata, "page_height"),
        unit=unit,
        document={key: text for key, text in document.items() if text},
    )


def _flags(record: KeptRecord) -> tuple[Flag, ...]:
    """What its metadata says of all of a record, most doubtful first."""
    metadata = record.metadata
    found = ending_flags(_origin(metadata), _text(metadata, "ocr_finish_reason"))
    agreement, confidence = (_share(metadata, f"ocr_{n}") for n in ("agreement", "confidence"))
    if "error" in metadata:
        found.add("failed")
    if agreement is not None and is_low_agreement(agreement, len(record.text.split())):
        found.add("disagrees")
    if confidence is not None and confidence < LOW_CONFIDENCE:
        found.add("low_confidence")
    if metadata.get("ocr_retried") is True:
        found.add("retried")
    found.update(_page_flags(metadata))
    return tuple(flag for flag in FLAGS if flag in found)


def _page_flags(metadata: Any) -> tuple[Flag, ...]:
    return ("warning",) if _text(metadata, "page_warnings") else ()


def _measures(metadata: Any) -> dict[str, str]:
    """What is known of a record as a whole, where its parts are shown."""
    values = {name: _share(metadata, f"ocr_{name}") for name in ("confidence", "agreement")}
    return {name: f"{value:.2f}" for name, value in values.items() if value is not None}


def _origin(metadata: Any) -> Origin:
    """What it says; else what it looks like."""
    origin = metadata.get("ocr_origin")
    if origin in get_args(Origin):
        return origin  # type: ignore[no-any-return]  # just checked
    return "failed" if "error" in metadata else "ocr"


def _text(metadata: Any, key: str) -> str:
    value = metadata.get(key)
    return clean_text(value) if isinstance(value, str) else ""


def _texts(value: object, between: str) -> list[str]:
    return [clean_text(text) for text in value.split(between)] if isinstance(value, str) else []


def _share(metadata: Any, key: str) -> float | None:
    value = metadata.get(key)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value <= 1 else None


def _length(metadata: Any, key: str) -> float:
    value = metadata.get(key)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 < value < 1e6 else 0.0


def _box(metadata: Any) -> Box | None:
    edges = [metadata.get(name) for name in Box._fields]
    numbers = [float(e) for e in edges if isinstance(e, int | float) and abs(e) < 1e6]
    return Box(*numbers) if len(numbers) == len(edges) else None
