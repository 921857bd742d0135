"""Writes the blocks of a formatted reading as Markdown: GFM tables, maths between dollars."""

from __future__ import annotations

import re

from got_loaders.markup.blocks import Block, Display, Heading, Paragraph, Table, blocks
from got_loaders.markup.escape import escape_inline, escape_line_starts
from got_loaders.markup.inline import plain, runs, unbroken

__all__ = ["to_markdown"]

_MATHS_ESCAPE = re.compile(r"(\\.)|[$%]", re.DOTALL)
_FENCES = re.compile(r"`{3,}")


def to_markdown(text: str) -> str:
    r"""The model's formatted reading as Markdown.

    ``\title`` becomes ``#``, ``\section`` ``##`` and so on; ``\( … \)`` ``$…$`` and ``\[ … \]``
    ``$$…$$``; a simple ``tabular`` a GFM table whose first row is the header. Tables with spans
    or with one row far longer than the rest, and environments that are not understood, are kept as
    they are in a fenced ``latex`` block.
    Ordinary text keeps its lines and is escaped, so that it is never taken for mark-up.
    """
    return "\n\n".join(filter(None, map(_block, blocks(text))))


def _block(block: Block) -> str:
    match block:
        case Heading(text, level):
            return _heading(text, level)
        case Paragraph(text):
            return escape_line_starts(_inline(text)).strip()
        case Display(tex):
            return _maths(tex, "$$")
        case Table(rows):
            return _table(rows)
        case _:
            return _fenced(block.tex)


def _heading(text: str, level: int) -> str:
    line = unbroken(_inline(text))
    bare = line.rstrip("#")
    line = bare + r"\#" * (len(line) - len(bare))  # they would close the heading and not be shown
    return f"{'#' * level} {line}" if line else ""


def _table(rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(map(_cell, row)) + " |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]])


def _cell(text: str) -> str:
    return unbroken(_inline(text, in_table=True))


def _fenced(tex: str) -> str:
    fence = "`" * max([3, *(len(run) + 1 for run in _FENCES.findall(tex))])
    return f"{fence}latex\n{tex}\n{fence}"


def _inline(text: str, *, in_table: bool = False) -> str:
    parts: list[str] = []
    for kind, part in runs(text):
        if kind == "text":
            parts.append(escape_inline(plain(part)))
        else:
            maths = _maths(part, "$$" if kind == "display" else "$") or " "
            touching = bool(parts) and parts[-1].endswith("$")
            parts.append(" " * touching + (maths.replace("|", r"\|") if in_table else maths))
    return "".join(parts)


def _maths(tex: str, delimiter: str) -> str:
    r"""A formula on one line between dollars; ``$`` and ``%`` in it are the characters."""
    tex = _MATHS_ESCAPE.sub(lambda match: match[1] or "\\" + match[0], unbroken(tex))
    if (len(tex) - len(tex.rstrip("\\"))) % 2:
        tex += " "  # it ended in a control space
    return delimiter + tex + delimiter if tex.strip() else ""
