r"""Lays the cells of a LaTeX table out: which one stands where, and how far it reaches.

In LaTeX a cell under a ``\multirow`` is still written, as nothing; here it is left out. Spans
are cut at the table's edges and where a cell has text of its own. Knows cells, not how they are
written; all work grows with the cells that were read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate

from got_loaders.markup.nodes import Cell, Inlines, Table

__all__ = ["RawCell", "cell_grid", "layout_table", "row_cells"]

_MAX_GROWTH = 10
"""Places of the table for each cell that was read. Beyond it one row is a model repeating itself
(`&` for ever), and the others filled up to it would take quadratic space."""
_MIN_PLACES = 400
"""Places that a table may have in any case."""
_MAX_WIDTH = 64
"""Columns that a span may ask for where nothing else tells how many there are."""
_MAX_REACH_UP = 50
r"""Rows that a span may reach up (``\multirow{-2}``)."""


@dataclass(frozen=True, slots=True)
class RawCell:
    """A cell as it was written; negative ``rows`` reach up."""

    content: Inlines
    rows: int = 1
    columns: int = 1


@dataclass(slots=True)
class _Placed:
    content: Inlines
    row: int
    column: int
    rowspan: int
    colspan: int


@dataclass(slots=True)
class _Grid:
    height: int
    width: int
    compact: bool = False
    """Whether cells that others cover are left out, as HTML does it."""
    rows: list[list[_Placed]] = field(default_factory=list)
    above: dict[int, _Placed] = field(default_factory=dict)
    """By column, the last cell that reaches down, perhaps not as far as here."""
    starts: dict[tuple[int, int], _Placed] = field(default_factory=dict)

    def covering(self, column: int, row: int) -> _Placed | None:
        cell = self.above.get(column)
        return cell if cell is not None and cell.row + cell.rowspan > row else None


def layout_table(rows: list[list[RawCell]], alignments: str, *, compact: bool = False) -> Table:
    """The table of the rows that were read; ``alignments`` are its columns, as far as known.

    ``compact``: cells that others cover are left out of the rows, as in HTML. Else that is told by
    the rows themselves.
    """
    covered = _covered(rows) if compact else [0] * len(rows)
    read = max((len(row) + n for row, n in zip(rows, covered, strict=True)), default=0)
    asked = (sum(c.columns for c in row) + n for row, n in zip(rows, covered, strict=True))
    requested = max(asked, default=0)
    width = max(read, min(requested, len(alignments) or _MAX_WIDTH))
    places = width * len(rows)
    if places > max(_MIN_PLACES, _MAX_GROWTH * sum(map(len, rows))):
        return _irregular(rows, read, alignments)
    grid = _Grid(len(rows), width, compact)
    for row in rows:
        _place(grid, row)
    cells = tuple(tuple(map(_cell, sorted(row, key=lambda c: c.column))) for row in grid.rows)
    used = max((c.column + c.colspan for row in cells for c in row), default=0)
    return Table(cells, used, alignments[:used])


def cell_grid(table: Table) -> list[list[Cell | None]]:
    """For each row and column the cell that covers it; rows of their own lengths if irregular."""
    if not table.regular:
        return [list(row) for row in table.rows]
    grid: list[list[Cell | None]] = [[None] * table.width for _ in table.rows]
    for number, row in enumerate(table.rows):
        for cell in row:
            for covered in grid[number : number + cell.rowspan]:
                covered[cell.column : cell.column + cell.colspan] = [cell] * cell.colspan
    return grid


def row_cells(table: Table) -> list[list[Cell]]:
    """The cells that start in each row, with empty ones where nothing was read."""
    if not table.regular:
        return list(map(list, table.rows))
    rows: list[list[Cell]] = []
    for starting, row in zip(table.rows, cell_grid(table), strict=True):
        missing = [Cell((), column) for column, cell in enumerate(row) if cell is None]
        rows.append(sorted([*starting, *missing], key=lambda cell: cell.column))
    return rows


def _covered(rows: list[list[RawCell]]) -> list[int]:
    """How many columns of each row the cells of the rows above it cover, where none overlap; a
    cell that asks for more columns than any page has counts as one."""
    changes = [0] * (len(rows) + 1)
    for number, row in enumerate(rows):
        for cell in row:
            columns = cell.columns if cell.columns <= _MAX_WIDTH else 1
            changes[min(number + 1, len(rows))] += columns
            changes[min(number + max(1, cell.rows), len(rows))] -= columns
    return list(accumulate(changes[:-1]))


def _irregular(rows: list[list[RawCell]], width: int, alignments: str) -> Table:
    """Without spans, which could ask for anything."""
    cells = tuple(tuple(Cell(c.content, n) for n, c in enumerate(row)) for row in rows)
    return Table(cells, width, alignments[:width], regular=False)


def _place(grid: _Grid, cells: list[RawCell]) -> None:
    row = len(grid.rows)
    grid.rows.append([])
    compact = grid.compact or _is_compact(grid, cells, row)
    column = 0
    for number, cell in enumerate(cells):
        while compact and grid.covering(column, row):
            column += 1
        following = len(cells) - number - 1  # need a column each
        colspan = max(1, min(cell.columns, grid.width - column - following))
        if cell.content or not grid.covering(column, row):
            _put(grid, cell, row, column, colspan)
        column += colspan


def _is_compact(grid: _Grid, cells: list[RawCell], row: int) -> bool:
    """Whether the cells that others cover were left out, as in HTML: only then do all fit."""
    if not grid.above:
        return False
    covered = [n for n in range(grid.width) if grid.covering(n, row)]
    missing = grid.width - sum(cell.columns for cell in cells)
    if not covered or missing != len(covered):
        return False
    return any(number < len(cells) and cells[number].content for number in covered)


def _put(grid: _Grid, cell: RawCell, row: int, column: int, colspan: int) -> None:
    for covered in range(column, column + colspan):
        above = grid.covering(covered, row)
        if above is not None:
            above.rowspan = row - above.row
    if cell.rows < 0 and _put_above(grid, cell, row, column, colspan):
        return
    rowspan = max(1, min(cell.rows, grid.height - row))
    placed = _Placed(cell.content, row, column, rowspan, colspan)
    grid.rows[row].append(placed)
    grid.starts[row, column] = placed
    if rowspan > 1:
        grid.above.update(dict.fromkeys(range(column, column + colspan), placed))


def _put_above(grid: _Grid, cell: RawCell, row: int, column: int, colspan: int) -> bool:
    """Put a cell that reaches up into the empty ones above it, if they are."""
    top = max(0, row + cell.rows + 1, row - _MAX_REACH_UP)
    above = [grid.starts.get((number, column)) for number in range(top, row)]
    empty = [cover for cover in above if cover and not cover.content and cover.colspan == colspan]
    if not empty or len(empty) < len(above):
        return False
    for cover in empty[1:]:
        grid.rows[cover.row].remove(cover)
        del grid.starts[cover.row, column]
    empty[0].content = cell.content
    empty[0].rowspan = row - top + 1
    return True


def _cell(placed: _Placed) -> Cell:
    return Cell(placed.content, placed.column, placed.rowspan, placed.colspan)
