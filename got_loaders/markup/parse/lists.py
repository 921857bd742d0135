r"""Reads ``itemize``, ``enumerate`` and ``description``: items, labels, numbers."""

from __future__ import annotations

import re
from typing import Literal

from got_loaders.markup.nodes import Block, Item, ListBlock, plain_text
from got_loaders.markup.parse.cursor import TokenCursor

__all__ = ["parse_list"]

_OPTION = re.compile(r"\s*(?:\W*\w?\W*|\\\w+\W*|nosep|noitemsep|wide|resume|[\w*-]+=[^\n&]*)\s*")
_BULLETS = frozenset(
    " •·⋅◦○◯●⚫⚪▪▫■◾◼◆◇◊❖♦★☆►▶▸▹▷‣➢➤→⇒»-—*+>~,.;:|_=#"
    "\u2043\u203a\u2010\u2012\u2013\u2212\u2217\u2219\u22c6\uff0d"  # dashes and the like
)
"""Shapes that mark an item and say no more of it; a box to tick does, or a sign for yes and no."""
_PAIRS = ("■□", "●○", "●◯", "★☆", "◆◇", "+-", "+\u2013", "+\u2212")
"""Shapes that say something where a list has both."""
_NUMBER = re.compile(r"\(?(\d{1,9})[.)]?")


def parse_list(
    cursor: TokenCursor, kind: Literal["itemize", "enumerate", "description"]
) -> tuple[Block, ...]:
    """The list in a range that begins after its ``begin``, and what stood before its items."""
    starts = _item_starts(cursor)
    head = cursor.narrow(cursor.position, starts[0] if starts else cursor.end)
    head.skip_option(_OPTION)
    before = head.blocks()
    ranges = zip(starts, [*starts[1:], cursor.end], strict=False)
    items = [_item(cursor.narrow(low, high)) for low, high in ranges]
    if kind != "description":
        items = _without_bullets(items)
    items = [item for item in items if item.blocks or item.label]
    if not items:
        return before
    start = _first_number(items) if kind == "enumerate" else None
    if start is not None:
        items = [Item(item.blocks) for item in items if item.blocks]
    elif kind == "enumerate":
        kind = "itemize"  # whose labels say more
    return (*before, ListBlock(kind, tuple(items), start or 1)) if items else before


def _item_starts(cursor: TokenCursor) -> list[int]:
    """Where the items of this list, and of none within it, begin."""
    starts: list[int] = []
    position = cursor.position
    while position < cursor.end:
        token = cursor.paired.tokens[position]
        if token.kind == "command" and token.text in ("item", "bibitem"):
            starts.append(position)
        position = cursor.paired.after(position, cursor.end)
    return starts


def _item(cursor: TokenCursor) -> Item:
    command = cursor.take()
    option = cursor.option()
    if command.text == "bibitem":
        cursor.group()  # its key
    label = cursor.inlines(option) if option else ()
    return Item(cursor.blocks(), label)


def _without_bullets(items: list[Item]) -> list[Item]:
    """The items without labels that are bullets of some shape."""
    labels = [plain_text(item.label).strip() for item in items]
    signs = frozenset(labels)
    told = {sign for pair in _PAIRS if signs >= set(pair) for sign in pair}
    return [
        item if label in told or not set(label) <= _BULLETS else Item(item.blocks)
        for item, label in zip(items, labels, strict=True)
    ]


def _first_number(items: list[Item]) -> int | None:
    """The first number, if the labels say no more than the numbers would."""
    labels = [_NUMBER.fullmatch(plain_text(item.label)) for item in items]
    start = int(labels[0][1]) if labels[0] else 1
    for number, (item, label) in enumerate(zip(items, labels, strict=True), start):
        if item.label and (label is None or int(label[1]) != number):
            return None
    return start
