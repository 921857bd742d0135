"""Writes the blocks of a formatted reading as Markdown: GFM tables, math between dollars."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

import got_loaders.markup.nodes as nodes
from got_loaders.markup.image_label import image_label
from got_loaders.markup.parse.languages import Language, parse_reading
from got_loaders.markup.parse.trivial_math import collapse_spaces, wrap_aligned
from got_loaders.markup.write.html import html_table
from got_loaders.markup.write.markdown_escape import escape_line_starts
from got_loaders.markup.write.markdown_inline import inline_markdown, inline_math
from got_loaders.markup.write.span_fill import fill_spans
from got_loaders.markup.write.text import mark_items

__all__ = ["to_markdown"]

_FENCES = re.compile(r"`{3,}")

TableFormat = Literal["gfm", "html"]


def to_markdown(
    text: str, *, table_format: TableFormat = "gfm", language: Language = "mathpix"
) -> str:
    r"""The model's formatted reading as Markdown.

    ``\title`` becomes ``#``, ``\section`` ``##`` and so on; ``\( … \)`` ``$…$`` and ``\[ … \]``
    ``$$…$$``; a ``tabular`` a GFM table whose first row is the header and in which a cell that
    spans others is repeated, or with ``table_format="html"`` an HTML table with real spans.
    Environments that are not understood are kept in a fenced ``latex`` block. Ordinary text
    keeps its lines and is escaped, so that it is never taken for mark-up.

    ``language`` is what the reading is written in: Mathpix Markdown, as GOT-OCR2 writes, or the
    Markdown of other models, which becomes ours: escaped, its tables of HTML tables of GFM.
    """
    if table_format not in ("gfm", "html"):
        raise ValueError(f"table_format must be 'gfm' or 'html', not {table_format!r}")
    return _Writer(table_format).blocks(parse_reading(text, language))


class _Writer:
    def __init__(self, table_format: TableFormat) -> None:
        self._table_format = table_format

    def blocks(self, blocks: Iterable[nodes.Block]) -> str:
        return "\n\n".join(filter(None, map(self._block, blocks)))

    def _block(self, block: nodes.Block) -> str:
        match block:
            case nodes.Heading(content, level, _):
                return _heading(content, level)
            case nodes.DisplayMath(tex, environment):
                return inline_math(wrap_aligned(tex, environment), "$$")
            case nodes.Table():
                return _table(block) if self._table_format == "gfm" else html_table(block)
            case nodes.CodeBlock(text, language):
                return _fenced(text, language)
            case nodes.ListBlock():
                bold = block.kind == "description"
                return mark_items(block, (self._item(item, bold) for item in block.items))
            case nodes.Abstract(blocks):
                body = self.blocks(blocks)
                return f"**Abstract**\n\n{body}" if block.needs_heading else body
            case nodes.Float(_, blocks):
                return self.blocks(blocks)
            case nodes.Image(path):
                return _paragraph((nodes.Text(image_label(path)),))
            case _:
                return _paragraph(block.content)

    def _item(self, item: nodes.Item, bold: bool) -> str:
        parts: list[str] = []
        for block in item.labeled_blocks(bold=bold):
            text = self._block(block)
            if parts and text:
                tight = isinstance(block, nodes.ListBlock) and block.start == 1
                parts.append("\n" if tight else "\n\n")
            parts.append(text)
        return "".join(parts)


def _paragraph(content: nodes.Inlines) -> str:
    return escape_line_starts(inline_markdown(content)).strip()


def _heading(content: nodes.Inlines, level: int) -> str:
    line = collapse_spaces(inline_markdown(content))
    bare = line.rstrip("#")
    line = bare + r"\#" * (len(line) - len(bare))  # they would close the heading and not be shown
    return f"{'#' * level} {line}" if line else ""


def _table(table: nodes.Table) -> str:
    rows = fill_spans(table, _cell)
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * table.width, *lines[1:]])


def _cell(content: nodes.Inlines) -> str:
    return collapse_spaces(inline_markdown(content, in_table=True))


def _fenced(text: str, language: str) -> str:
    fence = "`" * max([3, *(len(run) + 1 for run in _FENCES.findall(text))])
    return f"{fence}{language}\n{text}\n{fence}"
