r"""Writes a block of a page in the model's language (Mathpix Markdown), as OCR would. Pure.

Text is escaped, so that what stands on the page is never taken for mark-up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from got_loaders.pages.text_layer.assign_lines import TextBlock
from got_loaders.pages.text_layer.code_blocks import code_rows
from got_loaders.pages.text_layer.paragraphs import join_rows, row_texts
from got_loaders.pages.text_layer.tables import table_rows
from got_loaders.pages.text_layer.words import Line

_SPECIAL = {
    "\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    **{char: "\\" + char for char in "&%#_{}$"},
}  # fmt: skip
_ESCAPES = str.maketrans(_SPECIAL)

_BULLETS = "•‣◦▪▫■□●○◆◇►▶▸➢➤✓✔✗❖\u2043∙·–—*\u2010\u2011\uf0b7\uf0a7\uf0d8\uf076\uf06e\uf0fc-"
_BULLET = re.compile(rf"[{re.escape(_BULLETS)}](?:\s+|$)")
_NUMBER = re.compile(r"(\d{1,3})[.)](?:\s+|$)")
_LABEL = re.compile(r"\(?(?:\d{1,3}|[a-zA-Z]|[ivxlc]{1,6})[.)](?:\s+|$)")
_SECTION = re.compile(r"\d{1,2}((?:\.\d{1,2}){0,3})\.?\s")
_SECTIONS = ("section", "subsection", "subsubsection")


def to_mmd(
    block: TextBlock, hyphenated: frozenset[str] = frozenset(), *, has_code: bool = True
) -> str:
    """What stands in ``block``, in the model's language; "" where nothing does.

    ``has_code``: paragraphs in a font of fixed width are code.
    """
    kind = block.kind
    if not block.lines:
        return ""
    if kind == "table":
        return _table(block, hyphenated) or _lines(block.lines)
    if kind == "list":
        return _list([item for part in block.items for item in _items(part, hyphenated)])
    if kind == "figure":
        return _lines(block.lines)
    if has_code and kind == "text" and all(line.mono for line in block.lines):
        return _code(block.lines)
    text = join_rows(row_texts(block.lines), hyphenated)
    if kind in ("title", "heading"):
        return rf"\{_command(text) if kind == 'heading' else 'title'}{{{escape(text)}}}"
    return escape(text)


def escape(text: str) -> str:
    """``text`` so that it stands for itself in the model's language."""
    return text.translate(_ESCAPES)


def _command(text: str) -> str:
    """The level of a heading, by its number: ``2.1`` is a subsection."""
    number = _SECTION.match(text)
    dots = number[1].count(".") if number else 0
    return _SECTIONS[min(dots, 2)] + "*"


def _lines(lines: Sequence[Line]) -> str:
    """Rows that stay rows: the labels in a figure."""
    return "\\\\\n".join(escape(text) for text in row_texts(lines))


def _code(lines: Sequence[Line]) -> str:
    texts = code_rows(lines)
    body = "\n".join(texts)
    if len(texts) < 2 or r"\end{" in body:
        return _lines(lines)
    return f"\\begin{{verbatim}}\n{body}\n\\end{{verbatim}}"


@dataclass(frozen=True, slots=True)
class _Item:
    """An item of a list; ``number`` where it has one, else None."""

    text: str
    number: int | None = None


def _items(lines: Sequence[Line], hyphenated: frozenset[str]) -> list[_Item]:
    """One box of the layout model: one item, or several that each begin with a mark."""
    texts: list[list[str]] = []
    for text in row_texts(lines):
        if not texts or _begins_item(text, texts[0][0], texts[-1][0]):
            texts.append([text])
        else:
            texts[-1].append(text)
    return [_item(join_rows(part, hyphenated)) for part in texts]


def _begins_item(text: str, first: str, last: str) -> bool:
    """Whether a row begins with the mark that the first item has; numbers have to follow on."""
    before, now = _NUMBER.match(last), _NUMBER.match(text)
    if before and now:
        return int(now[1]) == int(before[1]) + 1
    mark = _BULLET if _BULLET.match(first) else _LABEL if _LABEL.match(first) else None
    return mark is not None and not now and mark.match(text) is not None


def _item(text: str) -> _Item:
    bullet, number = _BULLET.match(text), _NUMBER.match(text)
    if number:
        return _Item(text[number.end() :], int(number[1]))
    return _Item(text[bullet.end() :] if bullet else text)


def _list(items: Sequence[_Item]) -> str:
    """Numbers that count from 1 are left to the list; others stay in the text."""
    counts = [item.number for item in items] == list(range(1, len(items) + 1))
    name = "enumerate" if counts else "itemize"
    texts = [
        escape(item.text if counts or item.number is None else f"{item.number}. {item.text}")
        for item in items
    ]
    body = "\n".join(rf"\item {text}" for text in texts)
    return f"\\begin{{{name}}}\n{body}\n\\end{{{name}}}"


def _table(block: TextBlock, hyphenated: frozenset[str]) -> str:
    """ "" where it has no grid, or one column only."""
    cells = [
        [escape(join_rows(row_texts(cell), hyphenated)) for cell in row]
        for row in table_rows(block.layout, block.lines)
    ]
    if not cells or len(cells[0]) < 2:
        return ""
    columns = "|".join("l" * len(cells[0]))
    body = "\n".join(f"{' & '.join(row)} \\\\\n\\hline" for row in cells)
    return f"\\begin{{tabular}}{{|{columns}|}}\n\\hline\n{body}\n\\end{{tabular}}"
