"""Fills the places of a table that has no spans: what a cell covers is repeated, or left empty.

Repeated, since a row that ends up alone in a chunk then keeps its labels. A cell as wide as the
table is a line of its own and written once; and a table that repeating would blow up has each
of its cells once.
"""

from __future__ import annotations

from collections.abc import Callable

from got_loaders.markup.nodes import Inlines, Table
from got_loaders.markup.parse.table_grid import cell_grid

__all__ = ["fill_spans"]

_MAX_GROWTH = 4
"""Characters for each that was read, beyond a small table."""
_MIN_GROWTH_CHARS = 2000
"""Characters that repeating may add in any case."""


def fill_spans(
    table: Table, write: Callable[[Inlines], str], repeated: Callable[[str], str] = str
) -> list[list[str]]:
    """The rows of a table as texts. The first is as long as the table is wide, the others too
    unless the table is irregular. ``repeated`` gets what is written once more."""
    written = {id(cell): write(cell.content) for row in table.rows for cell in row}
    added = sum(
        len(written[id(cell)]) * (cell.rowspan * cell.colspan - 1)
        for row in table.rows
        for cell in row
    )
    once = added > _MIN_GROWTH_CHARS + _MAX_GROWTH * sum(map(len, written.values()))
    seen: set[int] = set()
    rows: list[list[str]] = []
    for places in cell_grid(table):
        row: list[str] = []
        for cell in places:
            text = "" if cell is None else written[id(cell)]
            if cell is not None and id(cell) in seen:
                text = "" if once or cell.colspan == table.width else repeated(text)
            row.append(text)
            seen.add(id(cell))
        rows.append(row)
    rows[0].extend([""] * (table.width - len(rows[0])))
    return rows
