"""Cuts a page along its white gaps, again and again, into blocks in reading order.

Across where a gap is wider than between lines, but bands that share a gutter stay together and
are cut down along it: so columns are read one after the other, and what spans them ends them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from got_loaders.layout.scan.columns import GAP, find_columns, is_sidebar
from got_loaders.layout.scan.components import Indices
from got_loaders.layout.scan.elements import RULE, TABLE, TEXT, Parts
from got_loaders.layout.scan.intervals import Span, clusters, hull, spans, split, united
from got_loaders.layout.scan.tables import is_table
from got_loaders.layout.scan.text_lines import Block, paragraphs
from got_loaders.layout.scan.word_spacing import word_space

__all__ = ["bands", "cut"]

_DEPTH = 12
"""Cuts within cuts; what is left then is one column."""
_FLOWING = 7
"""Lines that a band has at least in which text may flow around something."""


def cut(parts: Parts, indices: Indices, depth: int = 0, space: float = 0.0) -> list[Block]:
    """The blocks that these parts of the page make, in reading order.

    ``space`` is between words, where these parts are too few to tell.
    """
    if depth > _DEPTH:
        return _column(parts, [indices])
    space = word_space(parts.boxes[indices[parts.kinds[indices] == TEXT]], parts.letter) or space
    blocks: list[Block] = []
    plain: list[Indices] = []
    for columns, kind in _sections(parts, bands(parts, indices), space):
        if len(columns) == 1 and kind == TEXT:
            plain += columns
            continue
        blocks += _column(parts, plain)
        plain = []
        for column in columns:
            if kind == TABLE:
                blocks.append(Block(column, TABLE))
            elif is_sidebar(parts, column):
                blocks.append(Block(column, TEXT, 1, parts.letter, parts.tall))
            else:
                blocks += cut(parts, column, depth + 1, space)
    return blocks + _column(parts, plain)


def bands(parts: Parts, indices: Indices) -> list[Indices]:
    """The parts between gaps that go all the way across and are wider than between lines."""
    if not len(indices):
        return []
    boxes = parts.boxes[indices]
    least = max(0.3 * parts.letter, parts.pitch - 0.85 * parts.letter)
    return split(indices, clusters(boxes[:, 1], boxes[:, 3], least))


def _sections(
    parts: Parts, rows: list[Indices], space: float, *, fine: bool = False
) -> Iterator[tuple[list[Indices], int]]:
    """Neighbouring bands that are cut in the same way: a column, several columns, or a table."""
    covers = [_cover(parts, row) for row in rows]
    start = 0
    while start < len(rows):
        end = _table_end(parts, rows, covers, start, space)
        if end > start:
            yield [np.concatenate(rows[start:end])], TABLE
            start = end
            continue
        end = _run_end(parts, rows, covers, start, space)
        columns = find_columns(parts, np.concatenate(rows[start:end]), space) if end > start else []
        if len(columns) > 1:
            if _is_stubbed(parts, columns):
                yield [np.concatenate(columns)], TABLE
            else:
                yield columns, TEXT
            start = end
            continue
        strips = _strips(parts, rows[start]) if not fine else []
        if len(strips) > 1:
            yield from _sections(parts, strips, space, fine=True)
        else:
            yield [rows[start]], TEXT
        start += 1


def _is_stubbed(parts: Parts, columns: list[Indices]) -> bool:
    """Whether columns are a ruled table and short text beside its rows, where no rules are."""
    indices = np.concatenate(columns)
    tables = parts.boxes[indices[parts.kinds[indices] == TABLE]]
    if len(tables) != 1:
        return False
    top, bottom = tables[0, 1] - 3 * parts.pitch, tables[0, 3] + parts.pitch
    for column in columns:
        boxes = parts.boxes[column]
        outside = boxes[:, 1].min() < top or boxes[:, 3].max() > bottom
        if outside or word_space(boxes[parts.kinds[column] == TEXT], parts.letter):
            return False
    return True


def _cover(parts: Parts, row: Indices) -> list[Span]:
    """What a band covers from left to right; words of larger type may stand further apart."""
    letter = parts.local_letter(row)
    return spans(parts.boxes[row], (GAP if letter < 1.2 * parts.letter else 2 * GAP) * letter)


def _strips(parts: Parts, row: Indices) -> list[Indices]:
    """A band's lines, where there are several: text that flows around something has gutters too,
    but no white space where the gutter ends."""
    boxes = parts.boxes[row]
    if np.ptp(boxes[:, (1, 3)]) < _FLOWING * parts.pitch:
        return []
    quarter = np.minimum(boxes[:, 3] - boxes[:, 1], 2 * parts.letter) / 4
    return split(row, clusters(boxes[:, 1] + quarter, boxes[:, 3] - quarter, 0))


def _table_end(
    parts: Parts, rows: list[Indices], covers: list[list[Span]], start: int, space: float
) -> int:
    """After which band the table ends that starts here; ``start`` where none does."""
    end, letters = start, np.zeros(0, np.intp)
    for stop in range(start + 1, len(rows) + 1):
        row = rows[stop - 1]
        text = row[parts.kinds[row] == TEXT]
        if not len(text) and np.all(parts.kinds[row] == RULE) and stop > start + 1:
            continue
        if np.any(parts.kinds[row] > RULE) or not len(text):
            break
        if len(text) == len(row) and len(covers[stop - 1]) < 2:
            break
        several = len(letters) > 0
        letters = np.concatenate([letters, text])
        if is_table(parts.boxes[letters], parts.letter, space):
            end = stop
        elif several:
            break
    return end


def _run_end(
    parts: Parts, rows: list[Indices], covers: list[list[Span]], start: int, space: float
) -> int:
    """After which band the gutters end that start here; ``start`` where there is no gutter."""
    gap = GAP * parts.letter
    cover, end = covers[start], start + 1
    if len(cover) < 2:
        return start
    while end < len(rows):
        both = united(cover, covers[end], gap)
        if len(both) < 2 or _table_end(parts, rows, covers, end, space) > end:
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
    return bool(box[3] - box[1] < 2.3 * height and height > 1.2 * parts.letter)


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
