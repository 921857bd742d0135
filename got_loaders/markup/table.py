r"""Reads a simple LaTeX ``tabular``: rows of cells, nothing that spans, nothing nested."""

from __future__ import annotations

import re

__all__ = ["table_rows"]

_BEGIN = re.compile(
    r"""
    \\begin\s*\{[^{}]*\} \s* (?:\[[tbc]\]\s*)?
    \{ (?: [\s|lcrX] | [pmb@!<>]\s*\{[^{}]*\} )* \}
    """,
    re.VERBOSE,
)
_END = re.compile(r"\\end\s*\{[^{}\n]*\}\Z")
_BEYOND = re.compile(r"\\(?:multirow|multicolumn|begin|end)(?![A-Za-z])")
_RULE = re.compile(
    r"\\(?:(?:hline|toprule|midrule|bottomrule)(?![A-Za-z])|c(?:line|midrule)\s*\{[\d\s-]*\})"
)
_ROW_END = re.compile(r"\\\\(?:[ \t]*\[[ \t]*-?[\d.]+[ \t]*(?:pt|em|ex|mm|cm)[ \t]*\])?")
_CELL_END = re.compile(r"(?<!\\)&")
_MAX_PADDING = 10
"""Cells of the filled-up table for each that was read. Beyond it one row is a model going in
circles (`&` for ever), and the others filled up to it would take quadratic space."""


def table_rows(tex: str) -> list[list[str]] | None:
    r"""The rows of a ``tabular``, all of one length; None where it is more than a simple table.

    ``tex`` starts at its ``\begin``; its ``\end`` may be missing. Cells are as the model wrote
    them, stripped. Rules between the rows are dropped. Short rows are filled up, but a table in
    which nearly all cells would be of that kind is not simple.
    """
    begin = _BEGIN.match(tex)
    if begin is None:
        return None
    body = _END.sub("", tex[begin.end() :])
    if _BEYOND.search(body):
        return None
    lines = (_RULE.sub(" ", line).strip() for line in _ROW_END.split(body))
    rows = [[cell.strip() for cell in _CELL_END.split(line)] for line in lines if line]
    width = max(map(len, rows), default=0)
    if not rows or width * len(rows) > _MAX_PADDING * sum(map(len, rows)):
        return None
    return [row + [""] * (width - len(row)) for row in rows]
