"""Takes tables out of a page's Markdown, as Mistral's answers have them beside it. Pure.

That is possible in the text, for what was read is escaped in it: a line that begins with a bar, or
``<table>``, outside of a fenced block, is a table of ours and nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

__all__ = ["ExtractedTable", "extract_tables"]

_FENCE = re.compile(r"`{3,}")


@dataclass(frozen=True, slots=True)
class ExtractedTable:
    """A table; ``id`` is the name under which the Markdown mentions it: ``tbl-0.html``."""

    id: str
    content: str
    format: Literal["markdown", "html"]


def extract_tables(
    markdown: str, table_format: Literal["markdown", "html"]
) -> tuple[str, list[ExtractedTable]]:
    """The Markdown with a link ``[tbl-0.html](tbl-0.html)`` for each table, and the tables.

    ``table_format`` is what its tables are written in. Tables inside of lists stay where they are.
    """
    suffix = "md" if table_format == "markdown" else "html"
    kept: list[str] = []
    tables: list[ExtractedTable] = []
    lines = markdown.split("\n")
    position, fence = 0, ""
    while position < len(lines):
        line = lines[position]
        opened = _FENCE.match(line)
        if fence:
            fence = "" if line == fence else fence
        elif opened is not None:
            fence = opened[0]
        end = position if fence or opened else _table_end(lines, position, table_format)
        if end == position:
            kept.append(line)
            position += 1
            continue
        name = f"tbl-{len(tables)}.{suffix}"
        tables.append(ExtractedTable(name, "\n".join(lines[position:end]), table_format))
        kept.append(f"[{name}]({name})")
        position = end
    return "\n".join(kept), tables


def _table_end(lines: list[str], start: int, table_format: str) -> int:
    """The line after the table that begins at ``start``; ``start`` where none does."""
    end = start
    if table_format == "markdown":
        while end < len(lines) and lines[end].startswith("|"):
            end += 1
        return end
    if not lines[start].startswith("<table"):
        return start
    while end < len(lines) and lines[end] != "</table>":
        end += 1
    return end + 1 if end < len(lines) else start
