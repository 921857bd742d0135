"""Which place each part of a Document's text was read from; as values, and as bytes."""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict, dataclass

from got_loaders.types import Box, Location

__all__ = ["SpanMap", "decode_spans", "encode_spans"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanMap:
    """One Document's text, and its places in their order."""

    text: str
    locations: tuple[Location, ...]

    @property
    def weight(self) -> int:
        """How much it counts towards what is kept: a place, or 300 characters, as one."""
        return len(self.locations) + len(self.text) // 300


def encode_spans(passages: SpanMap) -> bytes:
    """All of it: what comes back is equal."""
    value = {"text": passages.text, "locations": [asdict(each) for each in passages.locations]}
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode("ascii"))


def decode_spans(payload: bytes) -> SpanMap | None:
    """What was written; None where these bytes are damaged."""
    try:
        value = json.loads(zlib.decompress(payload))
        places = tuple(_location(each) for each in value["locations"])
        return SpanMap(text=value["text"], locations=places)
    except (zlib.error, ValueError, TypeError, KeyError):
        return None


def _location(fields: dict[str, object]) -> Location:
    box = fields["box"]
    fields["box"] = None if box is None else Box(*box)  # type: ignore[misc]  # four numbers
    return Location(**fields)  # type: ignore[arg-type]  # what asdict gave
