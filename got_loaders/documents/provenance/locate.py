"""A chunk → the pages and boxes that hold its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from got_loaders.documents.provenance.span_registry import REF_KEY, ledger
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
        passages = _passages(ref, cache)
        offset, places = _found(passages.text, text, offset), passages.locations
    else:
        offset = offset or 0
        places = (replace(_only_place(metadata), start=offset, end=offset + len(text)),)
    first, last, _ = slice(start, end).indices(len(text))
    if first >= last:
        return ()
    first, last = first + offset, last + offset
    return tuple(place for place in places if place.start < last and first < place.end)


def _passages(ref: str, cache: Cache) -> SpanMap:
    passages = ledger.get(ref)
    if passages is None and cache:
        passages = load_spans(ref, cache)
        if passages is not None:
            ledger.put(ref, passages)
    if passages is None:
        raise LocateError(
            f"nothing is known of {REF_KEY}={ref!r}: places are kept in the process that read the "
            "document, and so many at most, or in its cache; load the document again, with "
            "cache=…, and pass that here, too"
        )
    return passages


def _found(whole: str, text: str, offset: int | None) -> int:
    """Where in the Document's text the chunk's begins: where it says, or where alone it can be.

    What a second splitter says counts from the first one's chunk.
    """
    if offset is not None and whole.startswith(text, offset):
        return offset
    place = whole.find(text)
    if place < 0 or whole.find(text, place + 1) >= 0:
        raise LocateError(
            "the chunk does not say where it begins in the Document's text, and its own text does "
            "not tell: split the Document itself, once, with add_start_index=True (LangChain) or "
            "a splitter that sets start_char_idx (LlamaIndex)"
        )
    return place


def _only_place(metadata: Mapping[str, object]) -> Location:
    """The place that metadata itself tells: a page, or a region of one."""
    source, page = metadata.get("source"), _whole(metadata.get("page"))
    if not isinstance(source, str) or page is None:
        raise LocateError(f"its metadata has neither {REF_KEY!r} nor a source and a page")
    box = [metadata.get(name) for name in Box._fields]
    numbers = [float(v) for v in box if isinstance(v, int | float)]
    kind = metadata.get("region_type")
    return Location(
        source=source,
        page=page,
        page_last=_whole(metadata.get("page_last")),
        box=Box(*numbers) if len(numbers) == len(box) else None,
        region_index=_whole(metadata.get("region_index")),
        region_type=kind if isinstance(kind, str) else None,
    )


def _whole(value: object) -> int | None:
    """A whole number, also where a store made a float of it."""
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
