r"""Reads ``\multicolumn{2}{|c|} { x }`` and ``\multirow{2}{*} {}`` in all the forms they come in.

Blanks stand between the arguments, the width may lack its braces, the content may be missing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from got_loaders.markup.parse.cursor import Argument, TokenCursor

__all__ = ["CellSpan", "parse_span"]

_NUMBER = re.compile(r"\s*(-?)\s*0*(\d{1,9})\d*\s*")
_WIDTH = re.compile(r"\s*(?:[*=lcrXpmb|]{0,5}|-?\d*\.?\d*\s*(?:pt|em|ex|mm|cm|in|\\\w+)?)\s*")
_OPTION = re.compile(r"\s*(?:[tcbvh]|-?\d*\.?\d*\s*(?:pt|em|ex|mm|cm|in|\\\w+)?)\s*")
_MAX_SPAN = 9999
"""Rows or columns; no page has as many."""


@dataclass(frozen=True, slots=True)
class CellSpan:
    """How far a cell reaches, and its content where there is one."""

    rows: int
    columns: int
    content: Argument | None


def parse_span(cursor: TokenCursor, name: str) -> CellSpan | None:
    """Take the arguments of a span's command; None if they don't say how far it reaches."""
    return _columns(cursor) if name == "multicolumn" else _rows(cursor)


def _count(cursor: TokenCursor) -> int | None:
    """The whole number that is the next argument, within reason."""
    argument = cursor.group()
    match = _NUMBER.fullmatch(cursor.prefix(argument)) if argument else None
    return max(-_MAX_SPAN, min(_MAX_SPAN, int(match[1] + match[2]))) if match else None


def _columns(cursor: TokenCursor) -> CellSpan | None:
    columns = _count(cursor)
    if columns is None:
        return None
    content = cursor.group()
    if content is not None and _is_alignment(cursor.prefix(content)):
        content = cursor.group()
    return CellSpan(1, max(1, columns), content)


def _rows(cursor: TokenCursor) -> CellSpan | None:
    cursor.skip_option(_OPTION)
    rows = _count(cursor)
    if rows is None:
        return None
    rows = rows or 1
    cursor.skip_option(_OPTION)
    start = cursor.position
    cursor.skip_blank()
    if not cursor.skip_star():
        cursor.position = start
        width = cursor.group()
        if width is not None and not _WIDTH.fullmatch(cursor.prefix(width)):
            return CellSpan(rows, 1, width)  # the width was left out
    cursor.skip_option(_OPTION)
    return CellSpan(rows, 1, cursor.group())


def _is_alignment(text: str) -> bool:
    return set(text) <= set("lcrXpmb|@{}!<>.0123456789*\\ ") and len(text) < 30
