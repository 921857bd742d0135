"""Bounds how deep Markdown may nest lists and quotations, before its parser sees it.

markdown-it leaves out what is nested deeper than it is told to. Here the marks beyond the limit
become characters, and indents no longer than the limit's, so that nothing is left out.
"""

from __future__ import annotations

import re

__all__ = ["limit_nesting"]

_MAX_MARKS = 8
"""Marks of lists and quotations that a line begins with."""
_MAX_INDENT = 24
"""Columns of blanks in front of a line; a list within a list is two or three further in."""
_LONG = re.compile(r"^(?=[ \t]{25}|(?:[ \t]*+(?:[>*+-]|\d{1,9}[.)])){9})", re.MULTILINE)
_LEADING = re.compile(r"[ \t]++|[>*+-](?=[ \t>]|$)|\d{1,9}[.)](?=[ \t]|$)|>", re.MULTILINE)
_MORE_THAN = re.compile(r"^([ \t]*)>(?=[ \t]?[.,]?\d)", re.MULTILINE)
"""``> 5 %`` at the start of a line is a comparison, and no quotation."""


def limit_nesting(text: str) -> str:
    """``text`` with less deep beginnings of lines; the lines of code in it are not told apart."""
    text = _MORE_THAN.sub(r"\1\\>", text)
    if not _LONG.search(text):
        return text
    return "\n".join(map(_limit_line, text.split("\n")))


def _limit_line(line: str) -> str:
    position = marks = indent = 0
    kept: list[str] = []
    while (match := _LEADING.match(line, position)) is not None:
        position = match.end()
        if match[0].isspace():
            blanks = match[0].expandtabs(4)[: max(1, _MAX_INDENT - indent)]
            indent += len(blanks)
            kept.append(blanks)
        elif marks == _MAX_MARKS:
            digits = match[0][:-1]
            kept.append(f"{digits}\\{match[0][-1]}")
            break
        else:
            marks += 1
            kept.append(match[0])
    return "".join([*kept, line[position:]])
