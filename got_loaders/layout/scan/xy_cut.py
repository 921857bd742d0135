"""Cuts a page along its white gaps, again and again, into blocks in reading order.

Across where a gap is wider than between lines, but bands that share a gutter stay together and
are cut down along it: so columns are read one after the other, and what spans them ends them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from got_loaders.layout.scan.columns import GAP, find_columns, is_sidebar
from got_loaders.layout.scan.components import Indices
from got_loaders.layout.scan.elements import RULE, TABLE, TEXT, PageElements
from got_loaders.layout.scan.insets import cut_around_inset
from got_loaders.layout.scan.intervals import (
    Span,
    bounding_box,
    centers,
    clusters,
    line_labels,
    merge_spans,
    sizes,
    spans,
    split,
)
from got_loaders.layout.scan.tables import is_table
from got_loaders.layout.scan.text_lines import ScanBlock, find_paragraphs
from got_loaders.layout.scan.word_spacing import word_space

__all__ = ["split_into_bands", "xy_cut"]

_MAX_DEPTH = 12
"""Cuts within cuts; what is left then is one column."""
_MIN_FLOWING = 7
"""Lines of a band in which text may flow around something."""


def xy_cut(
    page: PageElements, indices: Indices, depth: int = 0, space: float = 0.0
) -> list[ScanBlock]:
    """The blocks that these elements of the page make, in reading order.

    ``space`` is between words, where these elements are too few to tell.
    """
    if depth > _MAX_DEPTH:
        return _column(page, [indices])
    space = word_space(page.boxes[indices[page.kinds[indices] == TEXT]], page.x_height) or space
    blocks: list[ScanBlock] = []
    plain: list[Indices] = []
    for columns, kind in _sections(page, split_into_bands(page, indices), space):
        if len(columns) == 1 and kind == TEXT:
            plain += columns
            continue
        blocks += _column(page, plain)
        plain = []
        for column in columns:
            if kind == TABLE:
                blocks.append(ScanBlock(column, TABLE))
            elif is_sidebar(page, column):
                blocks.append(ScanBlock(column, TEXT, 1, page.x_height, page.cap_height))
            else:
                blocks += xy_cut(page, column, depth + 1, space)
    return blocks + _column(page, plain)


def split_into_bands(page: PageElements, indices: Indices) -> list[Indices]:
    """The elements between gaps that go all the way across and are wider than between lines."""
    if not len(indices):
        return []
    boxes = page.boxes[indices]
    max_gap = max(0.3 * page.x_height, page.line_spacing - 0.85 * page.x_height)
    return split(indices, clusters(boxes[:, 1], boxes[:, 3], max_gap))


def _sections(
    page: PageElements, rows: list[Indices], space: float, *, fine: bool = False
) -> Iterator[tuple[list[Indices], int]]:
    """Neighbouring bands that are cut in the same way: a column, several columns, or a table."""
    covers = [_cover(page, row) for row in rows]
    start = 0
    while start < len(rows):
        end = _table_end(page, rows, covers, start, space)
        if end > start:
            yield [np.concatenate(rows[start:end])], TABLE
            start = end
            continue
        end = _gutters_end(page, rows, covers, start, space)
        columns = find_columns(page, np.concatenate(rows[start:end]), space) if end > start else []
        if len(columns) > 1:
            has_stub = _is_table_with_stub(page, columns)
            yield ([np.concatenate(columns)], TABLE) if has_stub else (columns, TEXT)
            start = end
            continue
        lines = _lines(page, rows[start]) if not fine else []
        around = cut_around_inset(page, rows[start], space) if len(lines) > 1 else []
        if around:
            yield around, TEXT
        elif len(lines) > 1:
            yield from _sections(page, lines, space, fine=True)
        else:
            yield [rows[start]], TEXT
        start += 1


def _is_table_with_stub(page: PageElements, columns: list[Indices]) -> bool:
    """Whether columns are a ruled table and short text beside its rows, where no rules are."""
    indices = np.concatenate(columns)
    tables = page.boxes[indices[page.kinds[indices] == TABLE]]
    if len(tables) != 1:
        return False
    top, bottom = tables[0, 1] - 3 * page.line_spacing, tables[0, 3] + page.line_spacing
    for column in columns:
        boxes = page.boxes[column]
        outside = boxes[:, 1].min() < top or boxes[:, 3].max() > bottom
        if outside or word_space(boxes[page.kinds[column] == TEXT], page.x_height):
            return False
    return True


def _cover(page: PageElements, row: Indices) -> list[Span]:
    """What a band covers from left to right; words of larger type may stand further apart."""
    x_height = page.local_x_height(row)
    return spans(page.boxes[row], (GAP if x_height < 1.2 * page.x_height else 2 * GAP) * x_height)


def _lines(page: PageElements, row: Indices) -> list[Indices]:
    """A band's lines, where there are several: text that flows around something has gutters too,
    but no white space where the gutter ends."""
    boxes = page.boxes[row]
    if np.ptp(boxes[:, (1, 3)]) < _MIN_FLOWING * page.line_spacing:
        return []
    return split(row, line_labels(boxes, 2 * page.x_height))


def _table_end(
    page: PageElements, rows: list[Indices], covers: list[list[Span]], start: int, space: float
) -> int:
    """After which band the table ends that starts here; ``start`` where none does."""
    end, letters = start, np.zeros(0, np.intp)
    for stop in range(start + 1, len(rows) + 1):
        row = rows[stop - 1]
        text = row[page.kinds[row] == TEXT]
        if not len(text) and np.all(page.kinds[row] == RULE) and stop > start + 1:
            continue
        if np.any(page.kinds[row] > RULE) or not len(text):
            break
        if len(text) == len(row) and len(covers[stop - 1]) < 2:
            break
        several = len(letters) > 0
        letters = np.concatenate([letters, text])
        if is_table(page.boxes[letters], page.x_height, space, page.width):
            end = stop
        elif several:
            break
    return end


def _gutters_end(
    page: PageElements, rows: list[Indices], covers: list[list[Span]], start: int, space: float
) -> int:
    """After which band the gutters end that start here; ``start`` where there is no gutter."""
    cover, end = covers[start], start + 1
    if len(cover) < 2:
        return start
    while end < len(rows):
        merged = merge_spans([*cover, *covers[end]], GAP * page.x_height)
        if len(merged) < 2 or _table_end(page, rows, covers, end, space) > end:
            break
        cover, end = merged, end + 1
    while end - 1 > start and len(covers[end - 1]) == 1 and _is_heading(page, rows, end - 1):
        end -= 1
    return end


def _is_heading(page: PageElements, rows: list[Indices], number: int) -> bool:
    """Whether a band is one line of larger type, which can't end a column."""
    boxes = page.boxes[rows[number]]
    height = float(np.median(sizes(boxes)[1]))
    box = bounding_box(boxes)
    return bool(box[3] - box[1] < 2.3 * height and height > 1.2 * page.x_height)


def _column(page: PageElements, rows: list[Indices]) -> list[ScanBlock]:
    """The blocks of one column, from top to bottom; rules that cross it part paragraphs."""
    if not rows:
        return []
    indices = np.concatenate(rows)
    kinds, boxes = page.kinds[indices], page.boxes[indices]
    middle = centers(boxes)[1]
    long = sizes(boxes)[0] > 0.5 * np.ptp(boxes[:, (0, 2)])
    atoms = np.flatnonzero((kinds > RULE) | ((kinds == RULE) & long))
    atoms = atoms[np.argsort(middle[atoms])]
    text = np.flatnonzero(kinds == TEXT)
    place = np.searchsorted(middle[atoms], middle[text])
    blocks: list[ScanBlock] = []
    for number in range(len(atoms) + 1):
        blocks += find_paragraphs(page, indices[text[place == number]])
        if number < len(atoms) and kinds[atoms[number]] != RULE:
            blocks.append(ScanBlock(indices[atoms[number : number + 1]], int(kinds[atoms[number]])))
    return blocks
