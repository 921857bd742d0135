"""Items to lists: with their numbers where Markdown's counting would give others."""

from __future__ import annotations

from collections.abc import Sequence

from got_loaders.markup.nodes import Block, Inlines, Item, ListBlock, Paragraph, Text

__all__ = ["bulleted", "described", "numbered"]

_MAX_NUMBER = 999_999_999


def bulleted(items: Sequence[tuple[Block, ...]], mark: str) -> tuple[Block, ...]:
    """A list of items with bullets; a bullet alone is a dash that stood there, and no list."""
    kept = tuple(Item(blocks) for blocks in items if blocks)
    if kept:
        return (ListBlock("itemize", kept),)
    return (Paragraph((Text(mark),)),) if items and mark else ()


def numbered(
    items: Sequence[tuple[Block, ...]], numbers: Sequence[str], start: int
) -> tuple[Block, ...]:
    """A list of items with the numbers that were written, as far as they were.

    Counted from the first one if the others follow it, or all are alike; as labels otherwise.
    """
    values = [int(number) if number.isdecimal() else None for number in numbers]
    first = values[0] if values and values[0] is not None else start
    counted = all(value in (None, n) for n, value in enumerate(values, first))
    is_same = len(items) > 1 and set(values) == {first}
    if not 0 <= first <= _MAX_NUMBER:
        first = 1
    if (counted or is_same) and all(items):
        return (ListBlock("enumerate", tuple(map(Item, items)), first),) if items else ()
    labels = [
        (Text(f"{value if value is not None and not is_same else n}."),)
        for n, value in enumerate(values, first)
    ]
    if not any(items):
        return tuple(map(Paragraph, labels))  # a year at the end of a sentence, say
    return (ListBlock("itemize", tuple(map(Item, items, labels))),)


def described(terms: Sequence[tuple[Inlines, tuple[Block, ...]]]) -> Block | None:
    """A list of terms and what is said of them."""
    kept = tuple(Item(blocks, label) for label, blocks in terms if blocks or label)
    return ListBlock("description", kept) if kept else None
