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
"""Kept in all, texts included: 60 to 100 MB. What was asked about least recently goes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place that a piece of text was read from.

    ``page`` counts from 0 (``page_last`` is set where several pages were read as one), ``box`` is
    in page units (points of a PDF page, pixels of an image, origin top left); None: all of the
    page. ``start`` and ``end`` are the characters of the whole Document that came from there; where
    it came from this place alone, those of the chunk that was asked about.
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
    """One Document's text, and its places in their order."""

    text: str
    locations: tuple[Location, ...]

    @property
    def weight(self) -> int:
        """How much it counts towards what is kept: a place, or 300 characters, as one."""
        return len(self.locations) + len(self.text) // 300


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
            self._count += passages.weight
            while self._count > self._most and len(self._held) > 1:
                self._drop(next(iter(self._held)))

    def get(self, ref: str) -> Passages | None:
        with self._lock:
            if ref in self._held:
                self._held.move_to_end(ref)
            return self._held.get(ref)

    def _drop(self, ref: str) -> None:
        gone = self._held.pop(ref, None)
        self._count -= gone.weight if gone else 0


_ledger = _Ledger()


def remember(place: str, text: str, locations: Sequence[Location]) -> str:
    """Keep where ``text``, the Document with the id ``place``, came from; the value of its key.

    The value depends on the text and its places alone, so that it is the same in every run.
    """
    told = "\0".join([place, text, *map(repr, locations)])
    ref = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    _ledger.put(ref, Passages(text=text, locations=tuple(locations)))
    return ref


def locate(document: object, start: int = 0, end: int | None = None) -> tuple[Location, ...]:
    """The pages and boxes that ``document``'s characters ``start`` to ``end`` were read from.

    ``document`` is a Document that a loader or reader of this library made, in this process, or a
    chunk that a splitter made of one: of LangChain's with ``add_start_index=True``, or a node of
    LlamaIndex's. Without ``start`` and ``end`` it is the chunk as a whole. Raises
    :class:`LocateError` where it can't be told where the chunk begins, or nothing is known of it.
    """
    metadata = getattr(document, "metadata", None)
    if not isinstance(metadata, Mapping):
        raise LocateError(f"expected a Document or a chunk of one, got {type(document).__name__}")
    text, offset = _text(document), _offset(document, metadata)
    ref = metadata.get(KEY)
    if not text:
        return ()
    if isinstance(ref, str):
        passages = _passages(ref)
        offset, places = _found(passages.text, text, offset), passages.locations
    else:
        offset = offset or 0
        places = (replace(_only_place(metadata), start=offset, end=offset + len(text)),)
    first, last, _ = slice(start, end).indices(len(text))
    if first >= last:
        return ()
    first, last = first + offset, last + offset
    return tuple(place for place in places if place.start < last and first < place.end)


def _passages(ref: str) -> Passages:
    passages = _ledger.get(ref)
    if passages is None:
        raise LocateError(
            f"nothing is known of {KEY}={ref!r}: places are kept in the process that read the "
            "document, and so many at most; load the document again here"
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
        raise LocateError(f"its metadata has neither {KEY!r} nor a source and a page")
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
