"""Puts a table's words into the cells of its grid. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from got_loaders.pages.text_layer.assign_lines import LayoutBox
from got_loaders.pages.text_layer.paragraphs import rows
from got_loaders.pages.text_layer.words import Line, Word

_NUMBER = re.compile(r"[^\w]*\d[\d\W]*")
"""Digits and signs, no letters."""

Cell = tuple[Line, ...]


def table_rows(table: LayoutBox, lines: Sequence[Line]) -> list[list[Cell]]:
    """The cells of a table, row by row; rows and columns that hold nothing are left out.

    Every word of ``lines`` is in the cell that holds its middle, or in the nearest one. Empty
    where the layout model gave no grid.
    """
    edges, columns = table.rows, table.columns
    if len(edges) < 2 or len(columns) < 2:
        return []
    grid: list[list[list[Line]]] = [[[] for _ in columns[1:]] for _ in edges[1:]]
    for line in lines:
        for (row, column), words in _by_cell(line, edges, columns):
            grid[row][column].append(replace(line, words=tuple(words)))
    used = [any(row[n] for row in grid) for n in range(len(columns) - 1)]
    return [
        [tuple(cell) for cell, is_used in zip(row, used, strict=True) if is_used]
        for grid_row in grid
        for row in _split_row(grid_row)
        if any(row)
    ]


def _split_row(row: list[list[Line]]) -> list[list[list[Line]]]:
    """A row of the grid; several, where it holds columns of numbers under each other."""
    stacks = [bases for cell in row if (bases := _number_rows(cell))]
    if len(stacks) < 2 or len({len(bases) for bases in stacks}) > 1:
        return [row]
    bases = stacks[0]
    split: list[list[list[Line]]] = [[[] for _ in row] for _ in bases]
    for n, cell in enumerate(row):
        for line in cell:
            nearest = min(range(len(bases)), key=lambda i: abs(bases[i] - line.base))
            split[nearest][n].append(line)
    return split


def _number_rows(cell: Sequence[Line]) -> list[float]:
    """The baselines of a cell of several rows that are all numbers; else none."""
    cell_rows = rows(cell)
    numbers = all(_NUMBER.fullmatch("".join(line.text for line in row)) for row in cell_rows)
    return [row[0].base for row in cell_rows] if len(cell_rows) > 1 and numbers else []


def _by_cell(
    line: Line, edges: Sequence[float], columns: Sequence[float]
) -> list[tuple[tuple[int, int], list[Word]]]:
    """The line's words, cell by cell; words of one cell need not be neighbors in the file."""
    cells: dict[tuple[int, int], list[Word]] = {}
    for word in line.words:
        x, y = (word.box.x0 + word.box.x1) / 2, (word.box.y0 + word.box.y1) / 2
        cells.setdefault((_interval(y, edges), _interval(x, columns)), []).append(word)
    return list(cells.items())


def _interval(value: float, edges: Sequence[float]) -> int:
    return min(max(bisect_right(edges, value) - 1, 0), len(edges) - 2)
