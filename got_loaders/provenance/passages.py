"""Which place each part of a Document's text was read from; as values, and as bytes."""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict, dataclass

from got_loaders.types import Box

__all__ = ["Location", "Passages", "bytes_of", "passages_of"]


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


def bytes_of(passages: Passages) -> bytes:
    """All of it: what comes back is equal."""
    value = {"text": passages.text, "locations": [asdict(each) for each in passages.locations]}
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode("ascii"))


def passages_of(payload: bytes) -> Passages | None:
    """What was written; None where these bytes are damaged."""
    try:
        value = json.loads(zlib.decompress(payload))
        places = tuple(_location(each) for each in value["locations"])
        return Passages(text=value["text"], locations=places)
    except (zlib.error, ValueError, TypeError, KeyError):
        return None


def _location(fields: dict[str, object]) -> Location:
    box = fields["box"]
    fields["box"] = None if box is None else Box(*box)  # type: ignore[misc]  # four numbers
    return Location(**fields)  # type: ignore[arg-type]  # what asdict gave
