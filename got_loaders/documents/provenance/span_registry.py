"""Passages by reference, in this process."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence

from got_loaders.documents.provenance.spans import SpanMap
from got_loaders.types import Location

__all__ = ["REF_KEY", "SpanRegistry", "ledger", "register_spans"]

REF_KEY = "ocr_ref"

_MOST_PASSAGES = 200_000
"""Kept in all, texts included: 60 to 100 MB. What was asked about least recently goes first."""


class SpanRegistry:
    """Passages by reference. Usable from any number of threads."""

    def __init__(self, most: int = _MOST_PASSAGES) -> None:
        self._most = most
        self._held: OrderedDict[str, SpanMap] = OrderedDict()
        self._count = 0
        self._lock = threading.Lock()

    def put(self, ref: str, passages: SpanMap) -> None:
        """Keep them; the oldest may have to go."""
        with self._lock:
            self._drop(ref)
            self._held[ref] = passages
            self._count += passages.weight
            while self._count > self._most and len(self._held) > 1:
                self._drop(next(iter(self._held)))

    def get(self, ref: str) -> SpanMap | None:
        """What was kept, if it is still there."""
        with self._lock:
            if ref in self._held:
                self._held.move_to_end(ref)
            return self._held.get(ref)

    def _drop(self, ref: str) -> None:
        gone = self._held.pop(ref, None)
        self._count -= gone.weight if gone else 0


ledger = SpanRegistry()
"""This process's own."""


def register_spans(place: str, text: str, locations: Sequence[Location]) -> str:
    """Keep where ``text``, the Document with the id ``place``, came from; the value of its key.

    The value depends on the text and its places alone, so that it is the same in every run.
    """
    told = "\0".join([place, text, *map(repr, locations)])
    ref = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    ledger.put(ref, SpanMap(text=text, locations=tuple(locations)))
    return ref
