"""What a parser of Markdown and a reader of HTML say in turn: something begins, ends, or stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["BLOCKS", "VOID", "Begin", "Characters", "End", "Event", "without_stray_tags"]


@dataclass(frozen=True, slots=True)
class Begin:
    """Something begins, by the name that HTML has for it; ``source`` is the tag, if it was one."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """The innermost one of that name ends."""

    name: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Characters:
    """Text, with the marks of what was shielded in it; ``verbatim`` where lines count."""

    text: str
    verbatim: bool = False


Event = Begin | End | Characters

VOID = frozenset(["br", "hr", "input", "col", "wbr", "meta", "link", "area", "base", "source"])
"""What has no end."""

_OPEN_NAMES = """
    p li dt dd td th tr thead tbody tfoot caption colgroup table html body head div center section
    article main figure ul ol img
"""
_MAY_STAY_OPEN = frozenset(_OPEN_NAMES.split())
"""What HTML, or models, leave without its end; anything else must have one to be a tag."""

_INLINE_NAMES = """
    b strong i em u ins s del strike sub sup code kbd samp tt var cite q dfn small big mark font
    span a abbr label bdi bdo time data nobr ruby rb rt rp rtc
"""
_INLINE = frozenset(_INLINE_NAMES.split())
_BLOCK_NAMES = """
    address article aside blockquote center dd details dialog div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hr legend li main nav ol p pre section summary table tbody
    td tfoot th thead tr ul caption html body head title textarea script style noscript
    page page_number page_header page_footer watermark signature stamp logo seal footnote
"""
BLOCKS = frozenset(_BLOCK_NAMES.split())
"""What ends a paragraph: blocks of HTML, and those that OCR models made up."""

_KNOWN = BLOCKS | _INLINE | VOID | {"img", "colgroup"}


def without_stray_tags(events: Sequence[Event]) -> list[Event]:
    """The events; a tag that lacks the other one of its pair becomes the characters that it is.

    Unless HTML lets it stay open. An end without its beginning goes, if HTML has such a thing.
    """
    opened: dict[str, list[int]] = defaultdict(list)
    paired: set[int] = set()
    for position, event in enumerate(events):
        if isinstance(event, Begin):
            opened[event.name].append(position)
        elif isinstance(event, End) and opened[event.name]:
            paired |= {position, opened[event.name].pop()}
    kept: list[Event] = []
    for position, event in enumerate(events):
        if position in paired or isinstance(event, Characters):
            kept.append(event)
        elif isinstance(event, Begin):
            stays = event.name in VOID or event.name in _MAY_STAY_OPEN
            kept.append(event if stays else Characters(event.source))
        elif event.name == "br":
            kept.append(Begin("br"))
        elif event.name not in _KNOWN:
            kept.append(Characters(event.source))
    return kept
