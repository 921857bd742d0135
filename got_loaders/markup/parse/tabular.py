r"""Reads a ``tabular`` and its kin: columns, rows, cells.

Rules between the rows go with the layout. A caption within (``longtable``) stands before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from got_loaders.markup.nodes import Block, Caption, Inlines, Text
from got_loaders.markup.parse.block_builder import flatten, normalize_line
from got_loaders.markup.parse.cell_spans import parse_span
from got_loaders.markup.parse.cursor import TokenCursor
from got_loaders.markup.parse.latex_commands import ARGUMENTS
from got_loaders.markup.parse.spacing_commands import skip_height, skip_layout_command
from got_loaders.markup.parse.table_grid import RawCell, layout_table

__all__ = ["parse_tabular"]

Content = Inlines

_LONGEST_COLUMNS = 2000
"""Characters of a column specification."""
_REPEATED = re.compile(r"\*\s*\{\s*(\d{1,3})\s*\}\s*\{([^{}]*)\}")
_NO_COLUMN = re.compile(r"[@!<>]\s*\{(?:[^{}]|\{[^{}]*\})*\}|(?<=[pmbwXS])\s*[\[{][^\[\]{}]*[\]}]")
_KNOWN = re.compile(r"[\s|lcrpmbXSLCRJ*@!<>.:;,0-9]*")
_POSITION = re.compile(r"[tcbm\s]*")
_WORD = re.compile(r"[^\W\d_]{2}|[^\x00-\x7f]")
_ALIGNMENT = {"c": "c", "C": "c", "S": "c", "r": "r", "R": "r"}
_OPEN_COLUMNS = re.compile(r"\s*(?:[|lcr]+(?![A-Za-z])\s*)*")
_MOST_COLUMNS = 200
"""Columns that a specification may announce."""


def parse_tabular(
    cursor: TokenCursor, low: int, high: int, *, has_width: bool
) -> tuple[Block, ...]:
    """The captions and the table in a range that begins after its ``begin``."""
    alignments, low, lead = _columns(cursor, low, high, has_width)
    captions: list[Block] = []
    rows: list[list[RawCell]] = []
    for cells in _split(cursor, low, high):
        row = [_cell(cursor, *cell, captions) for cell in cells]
        if lead and row:
            row[0] = RawCell(normalize_line((*lead, *row[0].content)), row[0].rows, row[0].columns)
            lead = ()
        if len(row) > 1 or row[0].content:
            rows.append(row)
    return (*captions, layout_table(rows, alignments)) if rows else tuple(captions)


def _columns(cursor: TokenCursor, low: int, high: int, has_width: bool) -> tuple[str, int, Content]:
    """The columns' alignments, the first token of the rows, and text that stood among both."""
    position = cursor.skip_option(low, high, _POSITION)
    group = cursor.group(position, high)
    if group is None:
        return _open_columns(cursor, position, high)
    if has_width and cursor.is_layout(group) and (second := cursor.group(group.after, high)):
        group = second  # the first one was the table's width
    alignments = None
    if group.high - group.low < _LONGEST_COLUMNS:
        alignments = _alignments(cursor.raw(group)[:_LONGEST_COLUMNS])
    if alignments is None:
        return "", position, ()
    return alignments, group.after, ()


def _open_columns(cursor: TokenCursor, position: int, high: int) -> tuple[str, int, Content]:
    """Columns whose closing brace is missing: as many letters as can only be columns."""
    position = cursor.skip_blank(position, high)
    if position >= high or cursor.source.tokens[position].kind != "open":
        return "", position, ()
    position += 1
    if position >= high or cursor.source.tokens[position].kind != "text":
        return "", position, ()
    text = cursor.source.tokens[position].text
    match = _OPEN_COLUMNS.match(text)
    end = match.end() if match else 0
    rest = text[end:]
    return _letters(text[:end]), position + 1, (Text(rest),) if rest.strip() else ()


def _alignments(spec: str) -> str | None:
    """One of ``lcr`` for each column; None if it is no specification but content."""
    if "&" in spec or "\\\\" in spec:
        return None
    spec = _REPEATED.sub(lambda match: match[2][:20] * min(int(match[1]), 50), spec)
    spec = _NO_COLUMN.sub("", spec)
    if not _KNOWN.fullmatch(spec) and _WORD.search(spec):
        return None
    return _letters(spec)


def _letters(spec: str) -> str:
    letters = filter(str.isalpha, spec)
    return "".join(_ALIGNMENT.get(letter, "l") for letter in letters)[:_MOST_COLUMNS]


def _split(cursor: TokenCursor, low: int, high: int) -> Iterator[list[tuple[int, int]]]:
    """The ranges of each row's cells."""
    cells: list[tuple[int, int]] = []
    position = start = low
    while position < high:
        cursor.source.steps += 1
        token = cursor.source.tokens[position]
        after = cursor.source.after(position, high)
        if token.kind == "cell":
            cells.append((start, position))
            start = after
        elif token[:2] in (("symbol", "\\"), ("command", "tabularnewline"), ("command", "cr")):
            yield [*cells, (start, position)]
            cells = []
            start = after = skip_height(cursor, after, high)
        position = after
    yield [*cells, (start, high)]


def _cell(
    cursor: TokenCursor, low: int, high: int, captions: list[Block], *, inner: bool = False
) -> RawCell:
    position = _skip_layout(cursor, low, high)
    name = cursor.source.tokens[position].text if _is_span(cursor, position, high) else None
    if name is None or (inner and not cursor.may_nest):
        return RawCell(_content(cursor, position, high, captions))
    found = parse_span(cursor, position + 1, high, name)
    if found is None:
        return RawCell(_content(cursor, position, high, captions))
    rest_low = found.after
    if found.content is None:  # perhaps it was cut off after its brace
        rest_low = _skip_open(cursor, found.after, high)
    rest = _content(cursor, rest_low, high, captions)
    if found.content is None:
        return RawCell(rest, found.rows, found.columns)
    if inner:
        content = RawCell(_content(cursor, found.content.low, found.content.high, captions))
    else:
        content = _cell(cursor, found.content.low, found.content.high, captions, inner=True)
    joined = (*content.content, *((Text(" "),) if rest else ()), *rest)
    rows = content.rows if name == "multicolumn" else found.rows
    return RawCell(normalize_line(joined), rows, max(found.columns, content.columns))


def _is_span(cursor: TokenCursor, position: int, high: int) -> bool:
    if position >= high or cursor.source.tokens[position].kind != "command":
        return False
    return cursor.source.tokens[position].text in ("multirow", "multicolumn")


def _skip_open(cursor: TokenCursor, position: int, high: int) -> int:
    after = cursor.skip_blank(position, high)
    return after + 1 if after < high and cursor.source.tokens[after].kind == "open" else position


def _skip_layout(cursor: TokenCursor, position: int, high: int) -> int:
    """The first token that is more than blanks, rules and lengths."""
    while position < high:
        cursor.source.steps += 1
        token = cursor.source.tokens[position]
        if token.kind == "text" and token.text.isspace():
            position += 1
        elif token.kind == "command" and "+" not in ARGUMENTS.get(token.text, "+"):
            position = skip_layout_command(cursor, position + 1, high, token.text)
        else:
            break
    return position


def _content(cursor: TokenCursor, low: int, high: int, captions: list[Block]) -> Content:
    blocks = cursor.blocks(low, high) if low < high else ()
    captions.extend(block for block in blocks if isinstance(block, Caption))
    return flatten(block for block in blocks if not isinstance(block, Caption))
