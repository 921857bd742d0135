r"""Finds lists that are written as lines: ``- item``, ``• item``, ``1. item``, ``(a) item``.

Two or more such lines in a row are a list, by their indents also within each other. A single one
stays text: ``1. Introduction`` is more often a heading. Knows lines by their number only, and
nothing of what stands in them beyond their marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

__all__ = ["ItemLine", "ListItem", "PlainList", "TextLines", "find_lists", "read_marker"]

_MARKER = re.compile(
    r"""
      (?P<bullet>[•▪▫●■‣\u2043►➢](?=[^\W_]|\s+\S) | [-–·◦○∙*](?=\s+\S))   # some touch their text
    | (?: (?P<number>\(?\d{1,3}) | (?P<letter>\(?(?:[A-Za-z]|[ivx]{2,5}|[IVX]{2,5})) )
      [.)] (?=\s+\S)
    """,
    re.VERBOSE,
)
_BLANKS = re.compile(r"\s+")
_ROMAN = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii")
_MAX_DEPTH = 8
"""Lists within each other; deeper items stand beside those above them."""
_FURTHER_IN = 2
"""Blanks by which an item stands further in than the one that holds it."""


@dataclass(frozen=True, slots=True)
class ItemLine:
    """How a line that looks like an item begins; ``indent`` and ``length`` are characters."""

    indent: int
    mark: str
    kind: str
    """Marks of one kind belong to one list: a bullet itself, or the form of a number."""
    number: int | None
    length: int
    """Of the mark and the blanks after it."""
    has_words: bool

    @property
    def is_bullet(self) -> bool:
        """Whether it counts nothing."""
        return len(self.kind) == 1


@dataclass(slots=True)
class ListItem:
    """An item: its first line, those that it goes on in up to ``end``, the lists within it."""

    start: int
    end: int
    line: ItemLine
    inner: list[PlainList] = field(default_factory=list)


@dataclass(slots=True)
class PlainList:
    """Items of one kind."""

    items: list[ListItem]

    @property
    def first(self) -> ItemLine:
        """How its first item begins."""
        return self.items[0].line

    @property
    def is_one(self) -> bool:
        """Whether it is a list at all."""
        lines = [item.line for item in self.items]
        if len(lines) < 2 or not any(line.has_words for line in lines):
            return False
        return lines[0].number is not None or lines[0].is_bullet or _counts_up(lines)

    @property
    def start(self) -> int | None:
        """The first number, if the others follow it one by one and there is no more to a mark."""
        numbers = [item.line.number for item in self.items]
        if numbers[0] is None or self.first.mark[0] == "(":
            return None
        follows = all(b == (a or 0) + 1 for a, b in pairwise(numbers))
        return numbers[0] if follows else None


@dataclass(frozen=True, slots=True)
class TextLines:
    """Lines up to ``end`` that are of no list."""

    start: int
    end: int


def read_marker(line: str) -> ItemLine | None:
    """How a line begins, if it begins like an item and something follows."""
    bare = line.lstrip()
    match = _MARKER.match(bare)
    if match is None:
        return None
    mark = match[0]
    if (mark[0] == "(") != (mark[-1] == ")") and not (match["bullet"] or mark[0].isalnum()):
        return None
    blanks = _BLANKS.match(bare, match.end())
    end = blanks.end() if blanks else match.end()
    number = int(match["number"].strip("(")) if match["number"] else None
    if match["bullet"]:
        kind = mark
    else:
        first = mark.strip("(")[0]
        form = "1" if match["number"] else "A" if first.isupper() else "a"
        kind = f"{mark[0] if mark[0] == '(' else ''}{form}{mark[-1]}"
    indent = len(line[: len(line) - len(bare)].expandtabs(4))
    return ItemLine(indent, mark, kind, number, end, any(map(str.isalpha, bare[end:])))


def find_lists(
    markers: Sequence[ItemLine | None], goes_on: Sequence[bool]
) -> Iterator[PlainList | TextLines]:
    """Lists and other lines in their order; ``goes_on`` says of each line whether it belongs to
    the one above."""
    position = 0
    while position < len(markers):
        items: list[ListItem] = []
        end = position
        while end < len(markers) and (line := markers[end]) is not None:
            start = end
            end += 1
            while end < len(markers) and goes_on[end]:
                end += 1
            items.append(ListItem(start, end, line))
        yield from _arranged(items)
        position = end
        while end < len(markers) and markers[end] is None:
            end += 1
        if position < end:
            yield TextLines(position, end)
        position = end


def _arranged(items: list[ListItem]) -> Iterator[PlainList | TextLines]:
    """Items that follow each other as lists; those that make none as lines."""
    roots: list[PlainList] = []
    stack: list[PlainList] = []
    for item in items:
        _place(item, roots, stack)
    for root in roots:
        for each in _split(root):
            yield from _lists(each)


def _place(item: ListItem, roots: list[PlainList], stack: list[PlainList]) -> None:
    """Put an item into the list that it goes on, or into a new one in the last item, or beside."""
    line = item.line
    while len(stack) > 1 and line.indent < stack[-1].first.indent:
        stack.pop()
    if not stack:
        stack.append(PlainList([item]))
        roots.append(stack[-1])
        return
    if line.indent >= stack[-1].items[-1].line.indent + _FURTHER_IN:
        known = None
    else:
        inwards = range(len(stack) - 1, -1, -1)
        known = next((n for n in inwards if _continues(stack[n], line)), None)
    if known is None and len(stack) < _MAX_DEPTH:
        inner = PlainList([item])
        stack[-1].items[-1].inner.append(inner)
        stack.append(inner)
        return
    del stack[(len(stack) - 1 if known is None else known) + 1 :]
    stack[-1].items.append(item)


def _continues(each: PlainList, line: ItemLine) -> bool:
    return each.first.kind == line.kind and abs(each.first.indent - line.indent) < _FURTHER_IN


def _split(root: PlainList) -> Iterator[PlainList]:
    """A list, and after it the lists at its end that no indent tells to be within it; bullets of
    another shape are no other list."""
    if (strays := _strays(root)) is not None:
        yield from _split(root)
        yield strays
        return
    last = root.items[-1]
    kinds = {each.first.kind for item in root.items[:-1] for each in item.inner}
    first = last.inner[0] if last.inner else None
    if first is None or _is_further_in(first, last) or first.first.kind in kinds:
        yield root
        return
    last.inner = []
    if root.first.is_bullet and first.first.is_bullet:
        root.items.extend(first.items)
        yield from _split(root)
        return
    yield root
    yield from _split(first)


def _strays(root: PlainList) -> PlainList | None:
    """The last line, taken out of the list, where it is in the last item only by chance."""
    each = root
    while each.items[-1].inner:
        inner = each.items[-1].inner[-1]
        kinds = {other.first.kind for item in each.items[:-1] for other in item.inner}
        is_alone = len(inner.items) == 1 and not (inner.items[0].inner or inner.first.is_bullet)
        if is_alone and not _is_further_in(inner, each.items[-1]) and inner.first.kind not in kinds:
            each.items[-1].inner.pop()
            return inner
        each = inner
    return None


def _is_further_in(each: PlainList, item: ListItem) -> bool:
    return each.first.indent >= item.line.indent + _FURTHER_IN


def _lists(each: PlainList) -> Iterator[PlainList | TextLines]:
    """A list; if it is none, its lines and the lists in them."""
    if each.is_one:
        yield each
        return
    for item in each.items:
        yield TextLines(item.start, item.end)
        for inner in item.inner:
            yield from _lists(inner)


def _counts_up(lines: list[ItemLine]) -> bool:
    """Whether letters or Roman numbers go up one by one."""
    names = [line.mark.strip("().").lower() for line in lines]
    for alphabet in ([chr(n) for n in range(ord("a"), ord("z") + 1)], _ROMAN):
        places = [alphabet.index(name) if name in alphabet else -1 for name in names]
        if min(places) >= 0 and all(b == a + 1 for a, b in pairwise(places)):
            return True
    return False
