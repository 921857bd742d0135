r"""Writes a table as a ``tabular`` with ``\multirow`` and ``\multicolumn``."""

from __future__ import annotations

import re

from got_loaders.markup.nodes import Cell, Inlines, LineBreak, Table
from got_loaders.markup.parse.table_grid import cell_grid
from got_loaders.markup.parse.trivial_math import collapse_spaces
from got_loaders.markup.write.latex.inline import inline_latex

__all__ = ["latex_table"]

_AFTER_BREAK = re.compile(r"(?<=\\\\ )(?=[\[*])")
_GUARD = "{}"
r"""Keeps what begins a line from being an argument of the ``\\`` before it."""


def latex_table(table: Table) -> str:
    """A table with a rule above, below and under its first row, or rows where cells of it reach
    further down."""
    columns = f"{table.alignments:l<{table.width}}"
    rows = list(map(_row, _starting(table)))
    height = max((cell.rowspan for cell in table.rows[0]), default=1)
    head, body = "\n".join(rows[:height]), "".join(f"\n{row}" for row in rows[height:])
    rule = "\n\\midrule" if body else ""
    return (
        f"\\begin{{tabular}}{{{columns}}}\n\\toprule\n{head}{rule}{body}\n"
        "\\bottomrule\n\\end{tabular}"
    )


def _starting(table: Table) -> list[list[tuple[Cell | None, bool]]]:
    """Each row's cells by column, and whether they start in it; further columns are left out."""
    starting = [set(map(id, row)) for row in table.rows]
    rows: list[list[tuple[Cell | None, bool]]] = []
    for number, row in enumerate(cell_grid(table)):
        cells: list[tuple[Cell | None, bool]] = []
        for column, cell in enumerate(row):
            if cell is None or cell.column == column:
                cells.append((cell, cell is not None and id(cell) in starting[number]))
        rows.append(cells)
    return rows


def _row(cells: list[tuple[Cell | None, bool]]) -> str:
    written = " & ".join(_cell(cell, starts) for cell, starts in cells)
    guard = "{}" if written[:1] in ("[", "*", "(") else ""
    return f"{guard}{written} \\\\"


def _cell(cell: Cell | None, starts: bool) -> str:
    if cell is None:
        return ""
    text = _content(cell.content) if starts else ""
    if starts and cell.rowspan > 1:
        text = f"\\multirow{{{cell.rowspan}}}{{*}}{{{text}}}"
    return f"\\multicolumn{{{cell.colspan}}}{{c}}{{{text}}}" if cell.colspan > 1 else text


def _content(content: Inlines) -> str:
    if not any(isinstance(item, LineBreak) for item in content):
        return collapse_spaces(inline_latex(content, line_break=" "))
    lines = collapse_spaces(inline_latex(content, line_break="\\\\ "))
    return f"\\shortstack[l]{{{_AFTER_BREAK.sub(_GUARD, lines)}}}"
