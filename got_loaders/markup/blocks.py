r"""Splits a formatted reading into its blocks: headings, paragraphs, formulas, tables, the rest.

Hand-written because the reading is not quite LaTeX: it may be cut off anywhere, and braces and
environments need not match. What does not match is ordinary text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from got_loaders.markup.escape import with_newlines
from got_loaders.markup.inline import DISPLAY, INLINE
from got_loaders.markup.table import table_rows

__all__ = ["Block", "Display", "Heading", "Paragraph", "Table", "Verbatim", "blocks"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines of text and inline formulas; blank lines may separate several paragraphs."""

    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A title (level 1) or a section (2 and deeper)."""

    text: str
    level: int


@dataclass(frozen=True, slots=True)
class Display:
    """A formula that stands alone, without its delimiters."""

    tex: str


@dataclass(frozen=True, slots=True)
class Table:
    """A simple table: its rows of cells, as the model wrote them."""

    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class Verbatim:
    """LaTeX that is not understood here, kept as it is."""

    tex: str


Block = Paragraph | Heading | Display | Table | Verbatim

_LEVELS = {"title": 1, "section": 2, "subsection": 3, "subsubsection": 4, "author": 0}
_TOKEN = re.compile(
    rf"""
      \\\\                                              # a line break
    | {INLINE}
    | {DISPLAY}
    | \\(?P<command>{"|".join(_LEVELS)})\*?\s*(?={{)
    | \\begin\s*{{(?P<environment>[^{{}}\n]*)}}
    | \\.
    """,
    re.VERBOSE | re.DOTALL,
)
_BRACE = re.compile(r"\\.|([{}])", re.DOTALL)
_ENVIRONMENT = re.compile(r"\\\\|\\(begin|end)\s*\{([^{}\n]*)\}")


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a formatted reading, in its order; together they hold all of its text."""
    text = with_newlines(text)
    braces, environments = _closing_braces(text), _environment_ends(text)
    done = position = 0
    while token := _TOKEN.search(text, position):
        position = token.end()
        block: Block | None = None
        if token["command"] and (close := braces.get(token.end())):
            block, position = _titled(token["command"], text[token.end() + 1 : close]), close + 1
        elif token["environment"] is not None and (end := environments.get(token.start())):
            block, position = _environment(text[token.start() : end], token["environment"]), end
        elif token["display"] is not None:
            block = Display(token["display"])
        if block is not None:
            yield from _paragraph(text[done : token.start()])
            yield block
            done = position
    yield from _paragraph(text[done:])


def _paragraph(text: str) -> Iterator[Block]:
    if text.strip():
        yield Paragraph(text.strip())


def _titled(command: str, text: str) -> Block:
    level = _LEVELS[command]
    return Heading(text, level) if level else Paragraph(text.strip())


def _environment(tex: str, name: str) -> Block:
    rows = table_rows(tex) if name.strip() == "tabular" else None
    return Verbatim(tex) if rows is None else Table(rows)


def _closing_braces(text: str) -> dict[int, int]:
    """Where each ``{`` that is ever closed is closed, in one pass."""
    closing: dict[int, int] = {}
    opened: list[int] = []
    for brace in _BRACE.finditer(text):
        if brace[1] == "{":
            opened.append(brace.start())
        elif brace[1] == "}" and opened:
            closing[opened.pop()] = brace.start()
    return closing


def _environment_ends(text: str) -> dict[int, int]:
    r"""Where each environment ends, by where it begins; an open ``tabular`` runs to the end.

    GOT-OCR2 may leave a table open (its own evaluation expects as much).
    """
    ends: dict[int, int] = {}
    opened: dict[str, list[int]] = {}
    for mark in _ENVIRONMENT.finditer(text):
        name = (mark[2] or "").strip()
        if mark[1] == "begin":
            opened.setdefault(name, []).append(mark.start())
        elif mark[1] == "end" and opened.get(name):
            ends[opened[name].pop()] = mark.end()
    return ends | dict.fromkeys(opened.get("tabular", []), len(text))
