"""Events to elements within each other, whatever is left open, closed twice or nested wrongly.

As browsers do it, in short: a block ends a paragraph, an item the item before it. Elements nest to
a limit, beyond which they are left out and what stands in them is not. Linear.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from got_loaders.markup.parse.markdown.events import BLOCKS, VOID, Begin, Characters, End, Event

__all__ = ["Element", "build_tree", "text_of"]

_MAX_DEPTH = 40
"""Elements within each other; twenty lists, as many as the parser of the other language reads."""
_TABLE_PARTS = frozenset(["tr", "td", "th", "thead", "tbody", "tfoot", "caption", "colgroup"])
_SCOPES = frozenset(["table", "td", "th", "caption"])
"""What an end outside of it does not reach into, nor an end within it out of."""
_ENDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "li": (frozenset(["li"]), frozenset(["ul", "ol", *_SCOPES])),
    **dict.fromkeys(["dt", "dd"], (frozenset(["dt", "dd"]), frozenset(["dl", *_SCOPES]))),
    **dict.fromkeys(["td", "th"], (frozenset(["td", "th", "caption"]), frozenset(["tr", "table"]))),
    "tr": (frozenset(["tr", "caption"]), frozenset(["table"])),
    **dict.fromkeys(
        ["thead", "tbody", "tfoot"],
        (frozenset(["thead", "tbody", "tfoot", "tr", "caption"]), frozenset(["table"])),
    ),
}
"""What the beginning of each ends, and how far up that may be."""
_HOLDS_PARAGRAPHS = frozenset(BLOCKS - {"p"})


@dataclass(slots=True)
class Element:
    """Something with a name, and what stands in it in its order."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | Characters] = field(default_factory=list)


def build_tree(events: Iterable[Event]) -> Element:
    """An element that holds all."""
    builder = _TreeBuilder()
    for event in events:
        match event:
            case Characters():
                builder.add(event)
            case Begin(name, attributes, _):
                builder.begin(name, attributes)
            case End(name, _):
                builder.end(name)
    return builder.root


def text_of(element: Element) -> Iterator[str]:
    """All characters in an element."""
    for child in element.children:
        if isinstance(child, Characters):
            yield child.text
        else:
            yield from ["\n"] if child.name == "br" else text_of(child)


class _TreeBuilder:
    def __init__(self) -> None:
        self.root = Element("body")
        self._open = [self.root]
        self._left_out: Counter[str] = Counter()

    def add(self, characters: Characters) -> None:
        self._open[-1].children.append(characters)

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if name in BLOCKS:
            self._end_first({"p"}, _HOLDS_PARAGRAPHS)
        if name in _ENDS:
            self._end_first(*_ENDS[name])
        if name in ("td", "th") and self._open[-1].name in ("table", "thead", "tbody", "tfoot"):
            self.begin("tr", {})
        if len(self._open) > _MAX_DEPTH and name not in VOID:
            self._left_out[name] += 1
            return
        element = Element(name, attributes)
        self._open[-1].children.append(element)
        if name not in VOID and (name != "img" or attributes.get("paired")):
            self._open.append(element)

    def end(self, name: str) -> None:
        if self._left_out[name]:
            self._left_out[name] -= 1
            return
        for depth in range(len(self._open) - 1, 0, -1):
            inner = self._open[depth].name
            if inner == name:
                del self._open[depth:]
                return
            if inner in _SCOPES and name not in _TABLE_PARTS and name != "table":
                return

    def _end_first(self, names: Iterable[str], limits: Iterable[str]) -> None:
        """End the innermost open one of these names, unless one of the others stands before it."""
        for depth in range(len(self._open) - 1, 0, -1):
            if self._open[depth].name in names:
                del self._open[depth:]
                if "tr" not in names:
                    return
            elif self._open[depth].name in limits:
                return
