"""Which place each part of a Document's text was read from; as values, and as bytes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from got_loaders.cache.codec import decode, encode
from got_loaders.types import Box, Location

__all__ = ["SpanMap", "decode_spans", "encode_spans"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanMap:
    """One Document's text, and the locations of its parts in their order."""

    text: str
    locations: tuple[Location, ...]

    @property
    def cost(self) -> int:
        """How much it counts towards what is kept: a location, or 300 characters, as one."""
        return len(self.locations) + len(self.text) // 300


def encode_spans(spans: SpanMap) -> bytes:
    """All of it: what comes back is equal."""
    return encode({"text": spans.text, "locations": [asdict(part) for part in spans.locations]})


def decode_spans(payload: bytes) -> SpanMap | None:
    """What was encoded; None where these bytes are damaged."""
    return decode(payload, _span_map)


def _span_map(value: dict[str, Any]) -> SpanMap:
    locations = tuple(_location(fields) for fields in value["locations"])
    return SpanMap(text=value["text"], locations=locations)


def _location(fields: dict[str, Any]) -> Location:
    box = fields["box"]
    return Location(**{**fields, "box": None if box is None else Box(*box)})
