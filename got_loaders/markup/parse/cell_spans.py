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
_WIDEST = 9999
"""Rows or columns; no page has as many."""


@dataclass(frozen=True, slots=True)
class CellSpan:
    """How far a cell reaches, its content where there is one, and the token after it."""

    rows: int
    columns: int
    content: Argument | None
    after: int


def parse_span(cursor: TokenCursor, position: int, high: int, name: str) -> CellSpan | None:
    """The span whose command is before ``position``; None if it doesn't say how far it reaches."""
    if name == "multicolumn":
        return _columns(cursor, position, high)
    return _rows(cursor, position, high)


def _number(cursor: TokenCursor, argument: Argument | None) -> int | None:
    """The whole number that is an argument, within reason."""
    match = _NUMBER.fullmatch(cursor.start(argument)) if argument else None
    return max(-_WIDEST, min(_WIDEST, int(match[1] + match[2]))) if match else None


def _columns(cursor: TokenCursor, position: int, high: int) -> CellSpan | None:
    count = cursor.group(position, high)
    columns = _number(cursor, count)
    if count is None or columns is None:
        return None
    spec = cursor.group(count.after, high)
    content = cursor.group(spec.after, high) if spec else None
    if spec is not None and not _is_alignment(cursor.start(spec)):
        content = spec  # the alignment was left out
    last = content or spec or count
    return CellSpan(1, max(1, columns), content, last.after)


def _rows(cursor: TokenCursor, position: int, high: int) -> CellSpan | None:
    position = cursor.skip_option(position, high, _OPTION)
    count = cursor.group(position, high)
    rows = _number(cursor, count)
    if count is None or rows is None:
        return None
    rows = rows or 1
    position = cursor.skip_option(count.after, high, _OPTION)
    starred = cursor.skip_star(cursor.skip_blank(position, high), high)
    if starred > cursor.skip_blank(position, high):
        position = starred
    elif (width := cursor.group(position, high)) is not None:
        if not _WIDTH.fullmatch(cursor.start(width)):
            return CellSpan(rows, 1, width, width.after)  # the width was left out
        position = width.after
    position = cursor.skip_option(position, high, _OPTION)
    content = cursor.group(position, high)
    return CellSpan(rows, 1, content, content.after if content else position)


def _is_alignment(text: str) -> bool:
    return set(text) <= set("lcrXpmb|@{}!<>.0123456789*\\ ") and len(text) < 30
