"""A chunk → the pages and boxes that hold its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from got_loaders.documents.provenance.span_registry import REF_KEY, registry
from got_loaders.documents.provenance.span_store import load_spans
from got_loaders.documents.provenance.spans import SpanMap
from got_loaders.errors import LocateError
from got_loaders.options import Cache
from got_loaders.types import Box, Location

__all__ = ["locate"]


def locate(
    document: object, start: int = 0, end: int | None = None, *, cache: Cache = None
) -> tuple[Location, ...]:
    """The pages and boxes that ``document``'s characters ``start`` to ``end`` were read from.

    ``document`` is a Document that a loader or reader of this library made, or a chunk that a
    splitter made of one: of LangChain's with ``add_start_index=True``, or a node of LlamaIndex's.
    It was made in this process, or with the option ``cache`` that is passed here. Without ``start``
    and ``end`` it is the chunk as a whole. Raises :class:`LocateError` where it can't be told where
    the chunk begins, or nothing is known of it.
    """
    metadata = getattr(document, "metadata", None)
    if not isinstance(metadata, Mapping):
        raise LocateError(f"expected a Document or a chunk of one, got {type(document).__name__}")
    text, offset = _text(document), _offset(document, metadata)
    ref = metadata.get(REF_KEY)
    if not text:
        return ()
    if isinstance(ref, str):
        spans = _find_spans(ref, cache)
        offset, locations = _find_offset(spans.text, text, offset), spans.locations
    else:
        offset = offset or 0
        location = _location_from_metadata(metadata)
        locations = (replace(location, start=offset, end=offset + len(text)),)
    first, last, _ = slice(start, end).indices(len(text))
    if first >= last:
        return ()
    first, last = first + offset, last + offset
    return tuple(part for part in locations if part.start < last and first < part.end)


def _find_spans(ref: str, cache: Cache) -> SpanMap:
    spans = registry.get(ref)
    if spans is None and cache:
        spans = load_spans(ref, cache)
        if spans is not None:
            registry.put(ref, spans)
    if spans is None:
        raise LocateError(
            f"nothing is known of {REF_KEY}={ref!r}: places are kept in the process that read the "
            "document, and so many at most, or in its cache; load the document again, with "
            "cache=…, and pass that here, too"
        )
    return spans


def _find_offset(document_text: str, text: str, offset: int | None) -> int:
    """Where in the Document's text the chunk's begins: where it says, or where alone it can be.

    What a second splitter says counts from the first one's chunk.
    """
    if offset is not None and document_text.startswith(text, offset):
        return offset
    position = document_text.find(text)
    if position < 0 or document_text.find(text, position + 1) >= 0:
        raise LocateError(
            "the chunk does not say where it begins in the Document's text, and its own text does "
            "not tell: split the Document itself, once, with add_start_index=True (LangChain) or "
            "a splitter that sets start_char_idx (LlamaIndex)"
        )
    return position


def _location_from_metadata(metadata: Mapping[str, object]) -> Location:
    """The place that metadata itself tells: a page, or a region of one."""
    source, page = metadata.get("source"), _int(metadata.get("page"))
    if not isinstance(source, str) or page is None:
        raise LocateError(f"its metadata has neither {REF_KEY!r} nor a source and a page")
    box = [metadata.get(name) for name in Box._fields]
    numbers = [float(v) for v in box if isinstance(v, int | float)]
    region_type = metadata.get("region_type")
    return Location(
        source=source,
        page=page,
        page_last=_int(metadata.get("page_last")),
        box=Box(*numbers) if len(numbers) == len(box) else None,
        region_index=_int(metadata.get("region_index")),
        region_type=region_type if isinstance(region_type, str) else None,
    )


def _int(value: object) -> int | None:
    """A whole number, also where a vector store made a float of it."""
    return int(value) if isinstance(value, int | float) else None


def _offset(document: object, metadata: Mapping[str, object]) -> int | None:
    """Where in the Document's text the chunk begins, if it says so."""
    for start in (getattr(document, "start_char_idx", None), metadata.get("start_index")):
        if isinstance(start, int | float) and not isinstance(start, bool) and start >= 0:
            return int(start)  # some stores give back 60.0
    return None


def _text(document: object) -> str:
    """LangChain's ``page_content``, or LlamaIndex's ``text``."""
    for name in ("page_content", "text"):
        text = getattr(document, name, None)
        if isinstance(text, str):
            return text
    raise LocateError(f"a {type(document).__name__} has no text")
