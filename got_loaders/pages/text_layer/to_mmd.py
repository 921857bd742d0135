r"""Writes a block of a page in the model's language (Mathpix Markdown), as OCR would. Pure.

Text is escaped, so that what stands on the page is never taken for mark-up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from got_loaders.pages.text_layer.assign_lines import TextBlock
from got_loaders.pages.text_layer.code_blocks import code_rows
from got_loaders.pages.text_layer.hyphens import KnownWords
from got_loaders.pages.text_layer.inline_mmd import inline_mmd
from got_loaders.pages.text_layer.lists import is_list, list_mmd
from got_loaders.pages.text_layer.paragraphs import NO_WORDS, join_rows, row_texts
from got_loaders.pages.text_layer.styled_text import StyledText
from got_loaders.pages.text_layer.tables import table_rows
from got_loaders.pages.text_layer.words import Line

_UNKNOWN_BULLET = re.compile(r"[\ufffd\ue000-\uf8ff]\s")
"""A sign that no standard names, before a text."""

_SECTION = re.compile(r"\d{1,2}((?:\.\d{1,2}){0,3})\.?\s")
_SECTIONS = ("section", "subsection", "subsubsection")


def to_mmd(
    block: TextBlock, known: KnownWords = NO_WORDS, *, has_code: bool = True, has_bold: bool = True
) -> str:
    """What stands in ``block``, in the model's language; "" where nothing does.

    ``has_code``: paragraphs in a font of fixed width are code. ``has_bold``: so are bold letters
    marked, but in headings, which are set off by themselves.
    """
    kind = block.kind
    if not block.lines:
        return ""
    if kind == "table":
        return _table(block, known, has_bold) or _lines(block.lines)
    if kind == "list":
        return list_mmd(block.items, known, bold=has_bold)
    if kind == "figure":
        return _lines(block.lines)
    if has_code and kind == "text" and all(line.mono for line in block.lines):
        return _code(block.lines)
    if kind == "text" and is_list(block.lines):
        return list_mmd([block.lines], known, bold=has_bold)
    text = join_rows(row_texts(block.lines), known)
    if _UNKNOWN_BULLET.match(text.text):
        text = StyledText("•") + text[1:]
    if kind in ("title", "heading"):
        command = _command(text.text) if kind == "heading" else "title"
        return rf"\{command}{{{inline_mmd(text, bold=False)}}}"
    return inline_mmd(text, bold=has_bold)


def _command(text: str) -> str:
    """The level of a heading, by its number: ``2.1`` is a subsection."""
    number = _SECTION.match(text)
    dots = number[1].count(".") if number else 0
    return _SECTIONS[min(dots, 2)] + "*"


def _lines(lines: Sequence[Line]) -> str:
    """Rows that stay rows: the labels in a figure."""
    return "\\\\\n".join(inline_mmd(text, bold=False) for text in row_texts(lines))


def _code(lines: Sequence[Line]) -> str:
    texts = code_rows(lines)
    body = "\n".join(texts)
    if len(texts) < 2 or r"\end{" in body:
        return _lines(lines)
    return f"\\begin{{verbatim}}\n{body}\n\\end{{verbatim}}"


def _table(block: TextBlock, known: KnownWords, bold: bool) -> str:
    """ "" where it has no grid, or one column only."""
    cells = [
        [inline_mmd(join_rows(row_texts(cell), known), bold=bold) for cell in row]
        for row in table_rows(block.layout, block.lines)
    ]
    if not cells or len(cells[0]) < 2:
        return ""
    columns = "|".join("l" * len(cells[0]))
    body = "\n".join(f"{' & '.join(row)} \\\\\n\\hline" for row in cells)
    return f"\\begin{{tabular}}{{|{columns}|}}\n\\hline\n{body}\n\\end{{tabular}}"
