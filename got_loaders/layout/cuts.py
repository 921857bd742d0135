"""Cuts a page along its white gaps, again and again, into blocks in reading order.

Across where a gap is wider than between lines, but bands that share a gutter stay together and
are cut down along it: so columns are read one after the other, and what spans them ends them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from got_loaders.layout.blobs import Indices
from got_loaders.layout.columns import GAP, find_columns
from got_loaders.layout.gaps import Span, clusters, hull, spans, split, united
from got_loaders.layout.lines import Block, paragraphs
from got_loaders.layout.parts import RULE, TABLE, TEXT, Parts
from got_loaders.layout.tables import is_table

__all__ = ["bands", "cut"]

_DEPTH = 12
"""Cuts within cuts; what is left then is one column."""


def cut(parts: Parts, indices: Indices, depth: int = 0) -> list[Block]:
    """The blocks that these parts of the page make, in reading order."""
    blocks: list[Block] = []
    plain: list[Indices] = []
    for columns, kind in _sections(parts, bands(parts, indices)):
        if len(columns) == 1 and kind == TEXT:
            plain += columns
            continue
        blocks += _column(parts, plain)
        plain = []
        if kind == TABLE:
            blocks.append(Block(columns[0], TABLE))
        else:
            for column in columns:
                blocks += (
                    cut(parts, column, depth + 1) if depth < _DEPTH else _column(parts, [column])
                )
    return blocks + _column(parts, plain)


def bands(parts: Parts, indices: Indices) -> list[Indices]:
    """The parts between gaps that go all the way across and are wider than between lines."""
    if not len(indices):
        return []
    boxes = parts.boxes[indices]
    least = max(0.3 * parts.letter, parts.pitch - 0.85 * parts.letter)
    return split(indices, clusters(boxes[:, 1], boxes[:, 3], least))


def _sections(parts: Parts, rows: list[Indices]) -> Iterator[tuple[list[Indices], int]]:
    """Neighbouring bands that are cut in the same way: a column, several columns, or a table."""
    gap = GAP * parts.letter
    covers = [spans(parts.boxes[row], gap) for row in rows]
    start = 0
    while start < len(rows):
        end = _table_end(parts, rows, covers, start)
        if end > start:
            yield [np.concatenate(rows[start:end])], TABLE
            start = end
            continue
        end = _run_end(parts, rows, covers, start)
        columns = find_columns(parts, np.concatenate(rows[start:end])) if end > start else []
        if len(columns) > 1:
            yield columns, TEXT
            start = end
        else:
            yield [rows[start]], TEXT
            start += 1


def _table_end(parts: Parts, rows: list[Indices], covers: list[list[Span]], start: int) -> int:
    """After which band the table ends that starts here; ``start`` where none does."""
    end = start
    for stop in range(start + 1, len(rows) + 1):
        if len(covers[stop - 1]) < 2 or np.any(parts.kinds[rows[stop - 1]] != TEXT):
            break
        if is_table(parts.boxes[np.concatenate(rows[start:stop])], parts.letter):
            end = stop
        elif stop > start + 1:
            break
    return end


def _run_end(parts: Parts, rows: list[Indices], covers: list[list[Span]], start: int) -> int:
    """After which band the gutters end that start here; ``start`` where there is no gutter."""
    gap = GAP * parts.letter
    cover, end = covers[start], start + 1
    if len(cover) < 2:
        return start
    while end < len(rows):
        both = united(cover, covers[end], gap)
        if len(both) < 2 or _table_end(parts, rows, covers, end) > end:
            break
        cover, end = both, end + 1
    while end - 1 > start and len(covers[end - 1]) == 1 and _is_heading(parts, rows, end - 1):
        end -= 1
    return end


def _is_heading(parts: Parts, rows: list[Indices], number: int) -> bool:
    """Whether a band is one line of larger type, which can't end a column."""
    boxes = parts.boxes[rows[number]]
    height = float(np.median(boxes[:, 3] - boxes[:, 1]))
    box = hull(boxes)
    return box[3] - box[1] < 4 * height and height > 1.2 * parts.letter


def _column(parts: Parts, rows: list[Indices]) -> list[Block]:
    """The blocks of one column, from top to bottom; rules that cross it part paragraphs."""
    if not rows:
        return []
    indices = np.concatenate(rows)
    width = np.ptp(parts.boxes[indices][:, (0, 2)])
    kinds, boxes = parts.kinds[indices], parts.boxes[indices]
    middle = (boxes[:, 1] + boxes[:, 3]) / 2
    long = boxes[:, 2] - boxes[:, 0] > 0.5 * width
    atoms = np.flatnonzero((kinds > RULE) | ((kinds == RULE) & long))
    atoms = atoms[np.argsort(middle[atoms])]
    text = np.flatnonzero(kinds == TEXT)
    place = np.searchsorted(middle[atoms], middle[text])
    blocks: list[Block] = []
    for number in range(len(atoms) + 1):
        blocks += paragraphs(parts, indices[text[place == number]])
        if number < len(atoms) and kinds[atoms[number]] != RULE:
            blocks.append(Block(indices[atoms[number : number + 1]], int(kinds[atoms[number]])))
    return blocks
