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

_MAX_SPEC_CHARS = 2000
"""Characters of a column specification."""
_REPEATED = re.compile(r"\*\s*\{\s*(\d{1,3})\s*\}\s*\{([^{}]*)\}")
_NO_COLUMN = re.compile(r"[@!<>]\s*\{(?:[^{}]|\{[^{}]*\})*\}|(?<=[pmbwXS])\s*[\[{][^\[\]{}]*[\]}]")
_KNOWN = re.compile(r"[\s|lcrpmbXSLCRJ*@!<>.:;,0-9]*")
_POSITION = re.compile(r"[tcbm\s]*")
_WORD = re.compile(r"[^\W\d_]{2}|[^\x00-\x7f]")
_ALIGNMENT = {"c": "c", "C": "c", "S": "c", "r": "r", "R": "r"}
_OPEN_COLUMNS = re.compile(r"\s*(?:[|lcr]+(?![A-Za-z])\s*)*")
_MAX_COLUMNS = 200
"""Columns that a specification may announce."""


def parse_tabular(cursor: TokenCursor, *, has_width: bool) -> tuple[Block, ...]:
    """The captions and the table in a range that begins after its ``begin``."""
    alignments, lead = _columns(cursor, has_width)
    captions: list[Block] = []
    rows: list[list[RawCell]] = []
    for cells in _split(cursor):
        row = [_cell(cell, captions) for cell in cells]
        if lead and row:
            row[0] = RawCell(normalize_line((*lead, *row[0].content)), row[0].rows, row[0].columns)
            lead = ()
        if len(row) > 1 or row[0].content:
            rows.append(row)
    return (*captions, layout_table(rows, alignments)) if rows else tuple(captions)


def _columns(cursor: TokenCursor, has_width: bool) -> tuple[str, Inlines]:
    """Take the columns' alignments, and text that stood among them and the rows."""
    cursor.skip_option(_POSITION)
    start = cursor.position
    group = cursor.group()
    if group is None:
        return _open_columns(cursor)
    if has_width and cursor.is_layout(group):
        group = cursor.group() or group  # the first one was the table's width
    alignments = None
    if group.high - group.low < _MAX_SPEC_CHARS:
        alignments = _alignments(cursor.raw(group)[:_MAX_SPEC_CHARS])
    if alignments is None:
        cursor.position = start
    return alignments or "", ()


def _open_columns(cursor: TokenCursor) -> tuple[str, Inlines]:
    """Columns whose closing brace is missing: as many letters as can only be columns."""
    cursor.skip_blank()
    if not cursor.at("open"):
        return "", ()
    cursor.position += 1
    if not cursor.at("text"):
        return "", ()
    text = cursor.take().text
    match = _OPEN_COLUMNS.match(text)
    end = match.end() if match else 0
    rest = text[end:]
    return _letters(text[:end]), (Text(rest),) if rest.strip() else ()


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
    return "".join(_ALIGNMENT.get(letter, "l") for letter in letters)[:_MAX_COLUMNS]


def _split(cursor: TokenCursor) -> Iterator[list[TokenCursor]]:
    """The ranges of each row's cells."""
    cells: list[TokenCursor] = []
    start = cursor.position
    while (token := cursor.peek()) is not None:
        end = cursor.position
        cursor.position = cursor.paired.after(end, cursor.end)
        if token.kind == "cell":
            cells.append(cursor.narrow(start, end))
            start = cursor.position
        elif token[:2] in (("symbol", "\\"), ("command", "tabularnewline"), ("command", "cr")):
            yield [*cells, cursor.narrow(start, end)]
            cells = []
            skip_height(cursor)
            start = cursor.position
    yield [*cells, cursor.narrow(start, cursor.end)]


def _cell(cursor: TokenCursor, captions: list[Block], *, is_nested: bool = False) -> RawCell:
    r"""A cell with its ``\multirow`` or ``\multicolumn``, or with one of each."""
    _skip_layout(cursor)
    start = cursor.position
    name, span = _span_command(cursor), None
    if name and (cursor.may_nest or not is_nested):
        cursor.position += 1
        span = parse_span(cursor, name)
    if span is None:
        cursor.position = start
        return RawCell(_content(cursor, captions))
    if span.content is None:  # perhaps it was cut off after its brace
        _skip_open(cursor)
        return RawCell(_content(cursor, captions), span.rows, span.columns)
    rest = _content(cursor, captions)
    inner = cursor.narrow(span.content.low, span.content.high)
    if is_nested:
        cell = RawCell(_content(inner, captions))
    else:
        cell = _cell(inner, captions, is_nested=True)
    content = normalize_line((*cell.content, *((Text(" "),) if rest else ()), *rest))
    rows = cell.rows if name == "multicolumn" else span.rows
    return RawCell(content, rows, max(span.columns, cell.columns))


def _span_command(cursor: TokenCursor) -> str:
    token = cursor.peek()
    is_span = token and token.kind == "command" and token.text in ("multirow", "multicolumn")
    return token.text if token and is_span else ""


def _skip_open(cursor: TokenCursor) -> None:
    start = cursor.position
    cursor.skip_blank()
    cursor.position = cursor.position + 1 if cursor.at("open") else start


def _skip_layout(cursor: TokenCursor) -> None:
    """Skip blanks, rules and lengths."""
    while (token := cursor.peek()) is not None:
        if token.kind == "text" and token.text.isspace():
            cursor.position += 1
        elif token.kind == "command" and "+" not in ARGUMENTS.get(token.text, "+"):
            cursor.position += 1
            skip_layout_command(cursor, token.text)
        else:
            break


def _content(cursor: TokenCursor, captions: list[Block]) -> Inlines:
    blocks = cursor.blocks()
    captions.extend(block for block in blocks if isinstance(block, Caption))
    return flatten(block for block in blocks if not isinstance(block, Caption))
