"""Tables of GFM, as models write them: rows may be too short or too long, and nothing is dropped.

GitHub's specification leaves out the cells beyond the header's, and makes a row of a line that
has no bar. Here a table ends before such a line.
"""

from __future__ import annotations

import re

from markdown_it.rules_block import StateBlock

__all__ = ["parse_table", "split_row"]

_BAR = re.compile(r"\\.|\|", re.DOTALL)
_DELIMITER = re.compile(r"(:?)-+(:?)")
_DELIMITER_SIGNS = frozenset("|-: \t")
_ALIGNMENTS = {("", ""): "", (":", ""): "l", ("", ":"): "r", (":", ":"): "c"}


def parse_table(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """A block rule of markdown-it: a line with bars, one of dashes and bars, and the rows."""
    if start_line + 2 > end_line or state.sCount[start_line + 1] < state.blkIndent:
        return False
    head = _line(state, start_line)
    alignments = _alignments(_line(state, start_line + 1)) if "|" in head else None
    if alignments is None:
        return False
    if silent:
        return True
    rows = [head]
    line = start_line + 2
    while line < end_line and state.sCount[line] >= state.blkIndent:
        text = _line(state, line)
        if "|" not in text:
            break
        rows.append(text)
        line += 1
    state.line = line
    _push(state, rows, "".join(each or "l" for each in alignments) if any(alignments) else "")
    return True


def split_row(line: str) -> list[str]:
    """The cells of a row; a bar after a backslash divides none, and loses the backslash."""
    line = line.strip()
    cells: list[str] = []
    pieces: list[str] = []
    done = 1 if line.startswith("|") else 0
    for match in _BAR.finditer(line, done):
        if match[0] == "|":
            pieces.append(line[done : match.start()])
            cells.append("".join(pieces).strip())
            pieces.clear()
            done = match.end()
        elif match[0] == r"\|":
            pieces.append(line[done : match.start()])
            done = match.start() + 1
    last = "".join([*pieces, line[done:]]).strip()
    return [*cells, last] if last or not line.endswith("|") or not cells else cells


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _alignments(line: str) -> list[str] | None:
    """One of ``lcr``, or nothing, for each column; None for a line that does not delimit."""
    if "|" not in line or "-" not in line or not _DELIMITER_SIGNS.issuperset(line):
        return None
    cells = [_DELIMITER.fullmatch(cell) for cell in split_row(line)]
    return [_ALIGNMENTS[cell[1], cell[2]] for cell in cells if cell] if all(cells) else None


def _push(state: StateBlock, rows: list[str], alignments: str) -> None:
    state.push("table_open", "table", 1).attrs["alignments"] = alignments
    for number, row in enumerate(rows):
        state.push("tr_open", "tr", 1)
        for cell in split_row(row):
            tag = "td" if number else "th"
            state.push(f"{tag}_open", tag, 1)
            inline = state.push("inline", "", 0)
            inline.content, inline.children = cell, []
            state.push(f"{tag}_close", tag, -1)
        state.push("tr_close", "tr", -1)
    state.push("table_close", "table", -1)
