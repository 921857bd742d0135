"""Where the characters of a text came from, and ``locate``, which tells it of a chunk.

Splitters copy a Document's metadata and nothing else. So the passages of a text are kept here, in
this process, and its metadata holds one short key, ``ocr_ref``, by which they are found. A text
that came from one place alone needs no such key: its metadata says where.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from got_loaders.errors import LocateError
from got_loaders.types import Box

__all__ = ["KEY", "Location", "Passages", "locate", "remember"]

KEY = "ocr_ref"

_MOST_PASSAGES = 200_000
"""Kept in all, some 60 MB; the texts that were asked about least recently are forgotten first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place that a piece of text was read from.

    ``page`` counts from 0 (``page_last`` is set where several pages were read as one), ``box`` is
    in page units (points of a PDF page, pixels of an image, origin top left); None: all of the
    page. ``start`` and ``end`` are the characters of the whole Document that came from there.
    """

    source: str
    page: int | None
    page_last: int | None = None
    box: Box | None = None
    region_index: int | None = None
    region_type: str | None = None
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Passages:
    """The places of one Document's text, in its order; ``length`` is the text's in characters."""

    length: int
    locations: tuple[Location, ...]


class _Ledger:
    """Passages by reference. Usable from any number of threads."""

    def __init__(self, most: int = _MOST_PASSAGES) -> None:
        self._most = most
        self._held: OrderedDict[str, Passages] = OrderedDict()
        self._count = 0
        self._lock = threading.Lock()

    def put(self, ref: str, passages: Passages) -> None:
        with self._lock:
            self._drop(ref)
            self._held[ref] = passages
            self._count += len(passages.locations)
            while self._count > self._most and len(self._held) > 1:
                self._drop(next(iter(self._held)))

    def get(self, ref: str) -> Passages | None:
        with self._lock:
            if ref in self._held:
                self._held.move_to_end(ref)
            return self._held.get(ref)

    def _drop(self, ref: str) -> None:
        gone = self._held.pop(ref, None)
        self._count -= len(gone.locations) if gone else 0


_ledger = _Ledger()


def remember(place: str, text: str, locations: Sequence[Location]) -> str:
    """Keep where ``text``, the Document with the id ``place``, came from; the value of its key.

    The value depends on the text and its places alone, so that it is the same in every run.
    """
    told = "\0".join([place, text, *map(repr, locations)])
    ref = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    _ledger.put(ref, Passages(length=len(text), locations=tuple(locations)))
    return ref


def locate(document: object, start: int = 0, end: int | None = None) -> tuple[Location, ...]:
    """The pages and boxes that ``document``'s characters ``start`` to ``end`` were read from.

    ``document`` is a Document that a loader or reader of this library made, in this process, or a
    chunk that a splitter made of one: of LangChain's with ``add_start_index=True``, or a node of
    LlamaIndex's. Without ``start`` and ``end`` it is the chunk as a whole. Raises
    :class:`LocateError` where the chunk does not say where it begins, or nothing is known of it.
    """
    metadata = getattr(document, "metadata", None)
    if not isinstance(metadata, Mapping):
        raise LocateError(f"expected a Document or a chunk of one, got {type(document).__name__}")
    text, offset = _text(document), _offset(document, metadata)
    places = _places(metadata, offset, len(text))
    first, last, _ = slice(start, end).indices(len(text))
    first, last = first + (offset or 0), last + (offset or 0)
    if first >= last:
        return ()
    return tuple(place for place in places if place.start < last and first < place.end)


def _places(
    metadata: Mapping[str, object], offset: int | None, length: int
) -> tuple[Location, ...]:
    """All places of the Document that a chunk of ``length`` characters was cut from."""
    ref = metadata.get(KEY)
    if not isinstance(ref, str):
        begin = offset or 0
        return (replace(_only_place(metadata), start=begin, end=begin + length),)
    passages = _ledger.get(ref)
    if passages is None:
        raise LocateError(
            f"nothing is known of {KEY}={ref!r}: places are kept in the process that read the "
            "document, and so many at most; load the document again here"
        )
    if offset is None and length != passages.length:
        raise LocateError(
            "the chunk does not say where it begins: split with add_start_index=True (LangChain), "
            "or with a splitter that sets start_char_idx (LlamaIndex)"
        )
    return passages.locations


def _only_place(metadata: Mapping[str, object]) -> Location:
    """The place that metadata itself tells: a page, or a region of one."""
    source, page = metadata.get("source"), metadata.get("page")
    if not isinstance(source, str) or not isinstance(page, int):
        raise LocateError(f"its metadata has neither {KEY!r} nor a source and a page")
    box = [metadata.get(name) for name in Box._fields]
    numbers = [float(v) for v in box if isinstance(v, int | float)]
    last, index, kind = (metadata.get(k) for k in ("page_last", "region_index", "region_type"))
    return Location(
        source=source,
        page=page,
        page_last=last if isinstance(last, int) else None,
        box=Box(*numbers) if len(numbers) == len(box) else None,
        region_index=index if isinstance(index, int) else None,
        region_type=kind if isinstance(kind, str) else None,
    )


def _offset(document: object, metadata: Mapping[str, object]) -> int | None:
    """Where in the Document's text the chunk begins, if it says so."""
    for start in (getattr(document, "start_char_idx", None), metadata.get("start_index")):
        if isinstance(start, int) and start >= 0:
            return start
    return None


def _text(document: object) -> str:
    """LangChain's ``page_content``, or LlamaIndex's ``text``."""
    for name in ("page_content", "text"):
        text = getattr(document, name, None)
        if isinstance(text, str):
            return text
    raise LocateError(f"a {type(document).__name__} has no text")
