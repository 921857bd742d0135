r"""What a browser sees in HTML: balanced tags, tables cell by cell, headings, items, formulas.

Only tags and attributes that a converter of text has reason to write are allowed; anything else
came from the model's text and is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

__all__ = ["Page", "read"]

_VOID = {"br", "hr"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_BLOCKS = {
    *("p", "div", "pre", "ul", "ol", "li", "dl", "dt", "dd", "table", "tr", "th", "td", "figure"),
    *("section", "blockquote", "hr", "br"),
    *_HEADINGS,
}
_INLINE = {"span", "code", "em", "strong", "sup", "sub", "u"}
_ATTRIBUTES = {"class", "colspan", "rowspan", "start"}
_DELIMITERS = {r"\(": "$", r"\)": "$", r"\[": "$$", r"\]": "$$"}


@dataclass(slots=True)
class Element:
    """An element: its children are elements and texts."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    def all(self, *tags: str) -> Iterator[Element]:
        """The elements of these names in it, outermost first."""
        for child in self.children:
            if isinstance(child, Element):
                if child.tag in tags:
                    yield child
                yield from child.all(*tags)

    @property
    def text(self) -> str:
        """What is shown: blocks on lines of their own, formulas between dollars."""
        inner = "".join(c if isinstance(c, str) else c.text for c in self.children)
        if self.attributes.get("class", "").startswith("math"):
            inner = " ".join(inner.split())
            return _DELIMITERS.get(inner[:2], "?") + inner[2:-2] + _DELIMITERS.get(inner[-2:], "?")
        return f"\n{inner}\n" if self.tag in _BLOCKS else inner


@dataclass(slots=True)
class Page:
    """What was found, in order."""

    headings: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    formulas: list[str] = field(default_factory=list)
    tables: list[list[list[tuple[str, int, int]]]] = field(default_factory=list)
    text: str = ""
    faults: list[str] = field(default_factory=list)


def read(html: str) -> Page:
    """The structure of a piece of HTML."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    root = parser.open[0]
    faults = [f"<{element.tag}> is never closed" for element in parser.open[1:]]
    faults += [f"a formula never ends: {e.text}" for e in root.all("span") if _is_open(e.text)]
    return Page(
        headings=[f"{h.tag[1]} {_line(h.text)}" for h in root.all(*_HEADINGS)],
        items=list(_items(root, 0)),
        formulas=[e.text for e in root.all("span") if e.attributes.get("class", "")[:4] == "math"],
        tables=[[_row(row) for row in table.all("tr")] for table in root.all("table")],
        text=root.text,
        faults=parser.faults + faults,
    )


def _is_open(formula: str) -> bool:
    """Whether the backslash of a formula's end belongs to one before it, so that it is no end."""
    if not formula.startswith("$"):
        return False
    inner = formula[2:-2] if formula.startswith("$$") else formula[1:-1]
    return (len(inner) - len(inner.rstrip("\\"))) % 2 == 1


def _line(text: str) -> str:
    return " ".join(text.split())


def _row(row: Element) -> list[tuple[str, int, int]]:
    return [
        (
            "\n".join(filter(None, map(_line, cell.text.split("\n")))),
            int(cell.attributes.get("rowspan", "1")),
            int(cell.attributes.get("colspan", "1")),
        )
        for cell in row.all("th", "td")
    ]


def _items(element: Element, depth: int) -> Iterator[str]:
    for child in element.children:
        if isinstance(child, str):
            continue
        if child.tag in ("ul", "ol"):
            for item in child.children:
                if isinstance(item, Element) and item.tag == "li":
                    mark = "- " if child.tag == "ul" else "1. "
                    yield "  " * depth + mark + _line(_head(item))
                    yield from _items(item, depth + 1)
        else:
            yield from _items(child, depth)


def _head(item: Element) -> str:
    """The text of an item up to its first inner list or table."""
    parts: list[str] = []
    for child in item.children:
        if isinstance(child, Element) and child.tag in ("ul", "ol", "dl", "table"):
            break
        parts.append(child if isinstance(child, str) else child.text)
    return "".join(parts)


class _Parser(HTMLParser):
    """Builds the elements, and notes what is not allowed or does not match."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("root")]
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Opens an element."""
        if tag not in _BLOCKS | _INLINE:
            self.faults.append(f"<{tag}>")
        self.faults += [f"{name}={value!r}" for name, value in attrs if name not in _ATTRIBUTES]
        self.faults += [f"class={v!r}" for n, v in attrs if n == "class" and not _is_class(v)]
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        """Closes an element."""
        if self.open[-1].tag == tag:
            self.open.pop()
        elif tag not in _VOID:
            self.faults.append(f"</{tag}> inside <{self.open[-1].tag}>")

    def handle_data(self, data: str) -> None:
        """Takes text."""
        self.open[-1].children.append(data)

    def handle_comment(self, data: str) -> None:
        """A comment is not to be there."""
        self.faults.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        """Nor is a declaration."""
        self.faults.append(f"<!{decl}>")

    def handle_pi(self, data: str) -> None:
        """Nor an instruction."""
        self.faults.append(f"<?{data}>")

    def unknown_decl(self, data: str) -> None:
        """Nor a section of something else."""
        self.faults.append(f"<![{data}]>")


def _is_class(value: str | None) -> bool:
    return re.fullmatch(r"[a-z-]+( [a-z-]+)*", value or "") is not None
