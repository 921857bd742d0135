r"""Reads ``\multicolumn{2}{|c|} { x }`` and ``\multirow{2}{*} {}`` in all the forms they come in.

Blanks stand between the arguments, the width may lack its braces, the content may be missing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from got_loaders.markup.parse.cursor import Argument, Reader

__all__ = ["Span", "span"]

_NUMBER = re.compile(r"\s*(-?)\s*0*(\d{1,9})\d*\s*")
_WIDTH = re.compile(r"\s*(?:[*=lcrXpmb|]{0,5}|-?\d*\.?\d*\s*(?:pt|em|ex|mm|cm|in|\\\w+)?)\s*")
_OPTION = re.compile(r"\s*(?:[tcbvh]|-?\d*\.?\d*\s*(?:pt|em|ex|mm|cm|in|\\\w+)?)\s*")
_WIDEST = 9999
"""Rows or columns; no page has as many."""


@dataclass(frozen=True, slots=True)
class Span:
    """How far a cell reaches, its content where there is one, and the token after it."""

    rows: int
    columns: int
    content: Argument | None
    after: int


def span(reader: Reader, position: int, high: int, name: str) -> Span | None:
    """The span whose command is before ``position``; None if it doesn't say how far it reaches."""
    if name == "multicolumn":
        return _columns(reader, position, high)
    return _rows(reader, position, high)


def _number(reader: Reader, argument: Argument | None) -> int | None:
    """The whole number that is an argument, within reason."""
    match = _NUMBER.fullmatch(reader.start(argument)) if argument else None
    return max(-_WIDEST, min(_WIDEST, int(match[1] + match[2]))) if match else None


def _columns(reader: Reader, position: int, high: int) -> Span | None:
    count = reader.group(position, high)
    columns = _number(reader, count)
    if count is None or columns is None:
        return None
    spec = reader.group(count.after, high)
    content = reader.group(spec.after, high) if spec else None
    if spec is not None and not _is_alignment(reader.start(spec)):
        content = spec  # the alignment was left out
    last = content or spec or count
    return Span(1, max(1, columns), content, last.after)


def _rows(reader: Reader, position: int, high: int) -> Span | None:
    position = reader.skip_option(position, high, _OPTION)
    count = reader.group(position, high)
    rows = _number(reader, count)
    if count is None or rows is None:
        return None
    rows = rows or 1
    position = reader.skip_option(count.after, high, _OPTION)
    starred = reader.skip_star(reader.skip_blank(position, high), high)
    if starred > reader.skip_blank(position, high):
        position = starred
    elif (width := reader.group(position, high)) is not None:
        if not _WIDTH.fullmatch(reader.start(width)):
            return Span(rows, 1, width, width.after)  # the width was left out
        position = width.after
    position = reader.skip_option(position, high, _OPTION)
    content = reader.group(position, high)
    return Span(rows, 1, content, content.after if content else position)


def _is_alignment(text: str) -> bool:
    return set(text) <= set("lcrXpmb|@{}!<>.0123456789*\\ ") and len(text) < 30
