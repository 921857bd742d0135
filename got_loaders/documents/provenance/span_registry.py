"""Span maps by reference, in this process."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import fields

from got_loaders.documents.provenance.spans import SpanMap
from got_loaders.types import Location

__all__ = ["REF_KEY", "SpanRegistry", "register_spans", "registry"]

REF_KEY = "ocr_ref"

_MAX_COST = 200_000
"""Kept in all, texts included: 60 to 100 MB. What was asked about least recently goes first."""


class SpanRegistry:
    """Span maps by reference. Usable from any number of threads."""

    def __init__(self, max_cost: int = _MAX_COST) -> None:
        self._max_cost = max_cost
        self._span_maps: OrderedDict[str, SpanMap] = OrderedDict()
        self._cost = 0
        self._lock = threading.Lock()

    def put(self, ref: str, spans: SpanMap) -> None:
        """Keep them; the oldest may have to go."""
        with self._lock:
            self._drop(ref)
            self._span_maps[ref] = spans
            self._cost += spans.cost
            while self._cost > self._max_cost and len(self._span_maps) > 1:
                self._drop(next(iter(self._span_maps)))

    def get(self, ref: str) -> SpanMap | None:
        """What was put, if it is still there."""
        with self._lock:
            if ref in self._span_maps:
                self._span_maps.move_to_end(ref)
            return self._span_maps.get(ref)

    def _drop(self, ref: str) -> None:
        spans = self._span_maps.pop(ref, None)
        self._cost -= spans.cost if spans else 0


registry = SpanRegistry()
"""This process's own."""


def register_spans(record_id: str, text: str, locations: Sequence[Location]) -> str:
    """Keep where ``text``, that of the Document with this id, came from; the value of its key.

    The value depends on the text and its locations alone, so that it is the same in every run.
    """
    content = "\0".join([record_id, text, *map(_exact, locations)])
    ref = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    registry.put(ref, SpanMap(text=text, locations=tuple(locations)))
    return ref


def _exact(location: Location) -> str:
    """All of a place, its numbers in full. It is in every reference: another form changes them."""
    values = {each.name: repr(getattr(location, each.name)) for each in fields(location)}
    if location.box is not None:
        edges = location.box._asdict().items()
        values["box"] = f"Box({', '.join(f'{name}={edge!r}' for name, edge in edges)})"
    return f"Location({', '.join(f'{name}={value}' for name, value in values.items())})"
