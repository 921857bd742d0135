r"""Reads Markdown, as models that are not GOT-OCR2 write it, into the same tree of blocks.

GFM with tables of HTML, ``$…$`` and ``\( … \)``, tags for signs above and below the line. Nothing
of it is passed on as it is: HTML is read by a strict reader of our own, addresses become text, and
formulas pass the guards that the writers have for all of them.

``envelope`` → ``shield`` → ``nesting`` → ``tokens`` → ``events`` → ``tree`` → ``blocks``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from got_loaders._characters import clean_text
from got_loaders.markup.nodes import Block, Paragraph, Text
from got_loaders.markup.parse.markdown.blocks import to_blocks
from got_loaders.markup.parse.markdown.envelope import unwrap
from got_loaders.markup.parse.markdown.events import (
    Begin,
    Characters,
    End,
    Event,
    without_stray_tags,
)
from got_loaders.markup.parse.markdown.nesting import limit_nesting
from got_loaders.markup.parse.markdown.shield import MARK, Shielded, shield
from got_loaders.markup.parse.markdown.tokens import html_events, markdown_events
from got_loaders.markup.parse.markdown.tree import build_tree
from got_loaders.markup.parse.paragraph_lines import arrange_lines

__all__ = ["parse_markdown"]

_MAX_CHARS = 500_000
"""Characters that are read as Markdown: a dense page has 20,000. What comes after is text."""


def parse_markdown(text: str) -> tuple[Block, ...]:
    """The blocks of a reading in Markdown, in its order; together they hold all of its text."""
    text = unwrap(clean_text(text))
    cut = len(text)
    if cut > _MAX_CHARS:
        cut = max(text.rfind("\n", 0, _MAX_CHARS), _MAX_CHARS // 2)
    blocks = arrange_lines(_parse(text[:cut], is_outer=True))
    rest = (part.strip() for part in text[cut:].split("\n\n"))
    return (*blocks, *(Paragraph((Text(part),)) for part in rest if part))


def _parse(text: str, *, is_outer: bool = False) -> tuple[Block, ...]:
    shielded = shield(text)
    events = list(_expand(markdown_events(limit_nesting(shielded.text)), shielded))
    root = build_tree(without_stray_tags(_paired_images(events)))
    return to_blocks(root, shielded, _parse if is_outer else None)


def _expand(events: Iterable[Event], shielded: Shielded) -> Iterator[Event]:
    """The events with those of the tables that were taken out."""
    for event in events:
        if not isinstance(event, Characters) or event.verbatim:
            yield event
            continue
        done = 0
        for mark in MARK.finditer(event.text):
            part = shielded.part(mark)
            if part is not None and part.kind == "table":
                yield Characters(event.text[done : mark.start()])
                yield from html_events(part.text)
                done = mark.end()
        yield Characters(event.text[done:])


def _paired_images(events: list[Event]) -> list[Event]:
    """``<img>`` with an end is a picture that the model describes, and no tag of HTML."""
    following = False
    for position in range(len(events) - 1, -1, -1):
        event = events[position]
        if isinstance(event, End) and event.name == "img":
            following = True
        elif isinstance(event, Begin) and event.name == "img" and following:
            events[position] = Begin("img", {**event.attributes, "paired": "1"}, event.source)
            following = False
    return events
