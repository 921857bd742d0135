"""A table's words, put into the cells of its grid. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from got_loaders.pages.text_layer.assign_lines import Found
from got_loaders.pages.text_layer.paragraphs import rows
from got_loaders.pages.text_layer.words import Line, Word

_NUMBER = re.compile(r"[^\w]*\d[\d\W]*")
"""Digits and signs, no letters."""

Cell = tuple[Line, ...]


def table_rows(found: Found, lines: Sequence[Line]) -> list[list[Cell]]:
    """The cells of a table, row by row; rows and columns that hold nothing are left out.

    Every word of ``lines`` is in the cell that holds its middle, or in the nearest one. Empty
    where the layout model gave no grid.
    """
    edges, columns = found.rows, found.columns
    if len(edges) < 2 or len(columns) < 2:
        return []
    grid: list[list[list[Line]]] = [[[] for _ in columns[1:]] for _ in edges[1:]]
    for line in lines:
        for (row, column), words in _by_cell(line, edges, columns):
            grid[row][column].append(replace(line, words=tuple(words)))
    used = [any(row[n] for row in grid) for n in range(len(columns) - 1)]
    return [
        [tuple(cell) for cell, kept in zip(row, used, strict=True) if kept]
        for whole in grid
        for row in _divided(whole)
        if any(row)
    ]


def _divided(row: list[list[Line]]) -> list[list[list[Line]]]:
    """A row of the grid; several, where it holds columns of numbers under each other."""
    stacks = [bases for cell in row if (bases := _number_rows(cell))]
    if len(stacks) < 2 or len({len(bases) for bases in stacks}) > 1:
        return [row]
    bases = stacks[0]
    divided: list[list[list[Line]]] = [[[] for _ in row] for _ in bases]
    for n, cell in enumerate(row):
        for line in cell:
            nearest = min(range(len(bases)), key=lambda i: abs(bases[i] - line.base))
            divided[nearest][n].append(line)
    return divided


def _number_rows(cell: Sequence[Line]) -> list[float]:
    """The baselines of a cell of several rows that are all numbers; else none."""
    found = rows(cell)
    numbers = all(_NUMBER.fullmatch("".join(line.text for line in row)) for row in found)
    return [row[0].base for row in found] if len(found) > 1 and numbers else []


def _by_cell(
    line: Line, edges: Sequence[float], columns: Sequence[float]
) -> list[tuple[tuple[int, int], list[Word]]]:
    """The line's words, cell by cell; words of one cell need not be neighbours in the file."""
    found: dict[tuple[int, int], list[Word]] = {}
    for word in line.words:
        x, y = (word.box.x0 + word.box.x1) / 2, (word.box.y0 + word.box.y1) / 2
        found.setdefault((_slot(y, edges), _slot(x, columns)), []).append(word)
    return list(found.items())


def _slot(value: float, edges: Sequence[float]) -> int:
    return min(max(bisect_right(edges, value) - 1, 0), len(edges) - 2)
