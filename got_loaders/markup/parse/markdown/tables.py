"""Elements of tables to tables: their rows, spans and captions, and what stood among them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from got_loaders.markup.nodes import Block, Caption, Float, Inlines
from got_loaders.markup.parse.markdown.events import Characters
from got_loaders.markup.parse.markdown.tree import Element
from got_loaders.markup.parse.table_grid import RawCell, layout_table

__all__ = ["table_blocks"]

_MAX_SPAN = 9999
"""Rows or columns; no page has as many."""
_MAX_DIGITS = 9
_PARTS = frozenset(["thead", "tbody", "tfoot", "tr", "colgroup"])


@dataclass(slots=True)
class _Found:
    rows: list[list[RawCell]] = field(default_factory=list)
    captions: list[Inlines] = field(default_factory=list)
    beside: Element = field(default_factory=lambda: Element("div"))
    """What stood in the table and in no cell."""


def table_blocks(
    table: Element,
    line: Callable[[Element], Inlines],
    blocks: Callable[[Element], tuple[Block, ...]],
) -> tuple[Block, ...]:
    """The blocks of a table: its caption, itself, and before it what stood in none of its cells.

    ``line`` gives what stands in a cell as a line, ``blocks`` what stands beside them.
    """
    found = _Found()
    _read(table, found, line)
    alignments = table.attributes.get("alignments")
    rows = [row for row in found.rows if row]
    beside = blocks(found.beside)
    captions = tuple(Caption(content) for content in found.captions if content)
    if not any(cell.content for row in rows for cell in row):
        return (*beside, *captions)
    laid_out = layout_table(rows, alignments or "", compact=alignments is None)
    if captions:
        return (*beside, Float("table", (*captions, laid_out)))
    return (*beside, laid_out)


def _read(element: Element, found: _Found, line: Callable[[Element], Inlines]) -> None:
    for child in element.children:
        if isinstance(child, Characters):
            if child.text.strip():
                found.beside.children += [child, Element("br")]
        elif child.name in _PARTS:
            if child.name == "tr":
                found.rows.append([])
            _read(child, found, line)
        elif child.name in ("td", "th") and found.rows:
            rows = _span(child.attributes.get("rowspan", ""), everything=_MAX_SPAN)
            columns = _span(child.attributes.get("colspan", ""), everything=1)
            found.rows[-1].append(RawCell(line(child), rows, columns))
        elif child.name == "caption":
            found.captions.append(line(child))
        elif child.name != "col":
            found.beside.children.append(child)


def _span(value: str, everything: int) -> int:
    """How many rows or columns; HTML says 0 for all that follow."""
    digits = value.strip()[:_MAX_DIGITS]
    if not digits.isdecimal():
        return 1
    return min(int(digits), _MAX_SPAN) or everything
