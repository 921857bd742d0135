"""A table's words, put into the cells of its grid. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from got_loaders.pages.textlayer.arrange import Found
from got_loaders.pages.textlayer.words import Line, Word

Cell = tuple[Line, ...]


def table_rows(found: Found, lines: Sequence[Line]) -> list[list[Cell]]:
    """The cells of a table, row by row; rows and columns that hold nothing are left out.

    Every word of ``lines`` is in the cell that holds its middle, or in the nearest one. Empty
    where the layout model gave no grid.
    """
    rows, columns = found.rows, found.columns
    if len(rows) < 2 or len(columns) < 2:
        return []
    grid: list[list[list[Line]]] = [[[] for _ in columns[1:]] for _ in rows[1:]]
    for line in lines:
        for (row, column), words in _by_cell(line, rows, columns):
            grid[row][column].append(replace(line, words=tuple(words)))
    used = [any(row[n] for row in grid) for n in range(len(columns) - 1)]
    return [
        [tuple(cell) for cell, kept in zip(row, used, strict=True) if kept]
        for row in grid
        if any(row)
    ]


def _by_cell(
    line: Line, rows: Sequence[float], columns: Sequence[float]
) -> list[tuple[tuple[int, int], list[Word]]]:
    """The line's words, cell by cell; words of one cell need not be neighbours in the file."""
    found: dict[tuple[int, int], list[Word]] = {}
    for word in line.words:
        x, y = (word.box.x0 + word.box.x1) / 2, (word.box.y0 + word.box.y1) / 2
        found.setdefault((_slot(y, rows), _slot(x, columns)), []).append(word)
    return list(found.items())


def _slot(value: float, edges: Sequence[float]) -> int:
    return min(max(bisect_right(edges, value) - 1, 0), len(edges) - 2)
