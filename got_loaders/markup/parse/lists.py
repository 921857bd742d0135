r"""Reads ``itemize``, ``enumerate`` and ``description``: items, labels, numbers."""

from __future__ import annotations

import re
from typing import Literal

from got_loaders.markup.nodes import Block, Inlines, Item, ListBlock, plain_text
from got_loaders.markup.parse.cursor import TokenCursor

__all__ = ["parse_list"]

_OPTION = re.compile(r"\s*(?:\W*\w?\W*|\\\w+\W*|nosep|noitemsep|wide|resume|[\w*-]+=[^\n&]*)\s*")
_NUMBER = re.compile(r"\(?(\d{1,9})[.)]?")


def parse_list(
    cursor: TokenCursor, low: int, high: int, kind: Literal["itemize", "enumerate", "description"]
) -> tuple[Block, ...]:
    """The list in a range that begins after its ``begin``, and what stood before its items."""
    starts = _starts(cursor, low, high)
    first = starts[0] if starts else high
    before = cursor.blocks(cursor.skip_option(low, first, _OPTION), first)
    items = [_item(cursor, a, b, kind) for a, b in zip(starts, [*starts[1:], high], strict=False)]
    items = [item for item in items if item.blocks or item.label]
    if not items:
        return before
    start = _numbered(items) if kind == "enumerate" else None
    if start is not None:
        items = [Item(item.blocks) for item in items if item.blocks]
    return (*before, ListBlock(kind, tuple(items), start or 1)) if items else before


def _starts(cursor: TokenCursor, low: int, high: int) -> list[int]:
    """Where the items of this list, and of none within it, begin."""
    starts: list[int] = []
    position = low
    while position < high:
        cursor.source.steps += 1
        token = cursor.source.tokens[position]
        if token.kind == "command" and token.text in ("item", "bibitem"):
            starts.append(position)
        position = cursor.source.after(position, high)
    return starts


def _item(cursor: TokenCursor, start: int, high: int, kind: str) -> Item:
    position = start + 1
    option = cursor.option(position, high)
    if cursor.source.tokens[start].text == "bibitem":
        key = cursor.group(option.after if option else position, high)
        position = key.after if key else position
    label: Inlines = ()
    if option is not None:
        label = cursor.line(option)
        position = max(position, option.after)
    if kind != "description" and not any(map(str.isalnum, plain_text(label))):
        label = ()  # a bullet of some shape
    return Item(cursor.blocks(position, high), label)


def _numbered(items: list[Item]) -> int | None:
    """The first number, if the labels say no more than the numbers would."""
    labels = [_NUMBER.fullmatch(plain_text(item.label)) for item in items]
    start = int(labels[0][1]) if labels[0] else 1
    for number, (item, label) in enumerate(zip(items, labels, strict=True), start):
        if item.label and (label is None or int(label[1]) != number):
            return None
    return start
