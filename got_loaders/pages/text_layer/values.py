"""What is known of a page's own text, and how it travels from the worker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from got_loaders.types import Box, Region

__all__ = ["TextLayer", "TextPart", "layer_of", "region_fields", "regions_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPart:
    """A region of a page and what its own text says there, in the model's language.

    ``text`` is empty for a figure that holds no text.
    """

    region: Region
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLayer:
    """A page's own text, and whether it can stand for a reading of the page.

    ``reason`` says in words why it is not ``good``; it is empty where it is. ``parts`` come in
    reading order; together they hold all the text that lies on the page, good or not.
    """

    good: bool
    reason: str = ""
    parts: tuple[TextPart, ...] = ()


def layer_of(answer: Mapping[str, Any]) -> TextLayer:
    """The text layer that a worker's answer describes."""
    parts = tuple(TextPart(region=_region(p["region"]), text=p["text"]) for p in answer["parts"])
    return TextLayer(good=answer["good"], reason=answer["reason"], parts=parts)


def regions_of(fields: Iterable[Mapping[str, Any]] | None) -> tuple[Region, ...] | None:
    """The regions that a worker's answer lists."""
    return None if fields is None else tuple(_region(each) for each in fields)


def region_fields(regions: Iterable[Region] | None) -> list[dict[str, Any]] | None:
    """Regions as a worker's answer lists them."""
    return None if regions is None else [asdict(region) for region in regions]


def _region(fields: Mapping[str, Any]) -> Region:
    return Region(box=Box(*fields["box"]), type=fields["type"], skew=fields["skew"])
