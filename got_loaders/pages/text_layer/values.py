"""A page's own text as a value, and as the worker's JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from got_loaders.types import Box, Region

__all__ = ["TextLayer", "TextPart", "layer_from_json", "regions_from_json", "regions_to_json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPart:
    """A region of a page and what its own text says there, in the model's language.

    ``text`` is empty for a figure that holds no text. It is ``unread`` where it may show words that
    the text layer lacks: a picture of some size.
    """

    region: Region
    text: str
    unread: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLayer:
    """A page's own text, and whether it is good enough to be used instead of OCR.

    ``reason`` says in words why it is not ``good``; it is empty where it is. ``parts`` come in
    reading order; together they hold the text that is seen on the page, and where it is not good
    all that lies on it. ``warnings``
    say in short words what a reader would miss in it; they go with the page.
    """

    good: bool
    reason: str = ""
    parts: tuple[TextPart, ...] = ()
    warnings: tuple[str, ...] = ()


def layer_from_json(answer: Mapping[str, Any]) -> TextLayer:
    """The text layer in a worker's answer."""
    parts = tuple(
        TextPart(region=_region(part["region"]), text=part["text"], unread=part["unread"])
        for part in answer["parts"]
    )
    warnings = tuple(answer["warnings"])
    return TextLayer(good=answer["good"], reason=answer["reason"], parts=parts, warnings=warnings)


def regions_from_json(fields: Iterable[Mapping[str, Any]] | None) -> tuple[Region, ...] | None:
    """The regions in a worker's answer."""
    return None if fields is None else tuple(_region(each) for each in fields)


def regions_to_json(regions: Iterable[Region] | None) -> list[dict[str, Any]] | None:
    """Regions for a worker's answer."""
    return None if regions is None else [asdict(region) for region in regions]


def _region(fields: Mapping[str, Any]) -> Region:
    return Region(box=Box(*fields["box"]), type=fields["type"], skew=fields["skew"])
