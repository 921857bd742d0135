r"""Finds the mark of an item in its line, and takes it away, also out of bold type and formulas.

``\textbf{1.} Open the case`` is marked ``1.``, and ``\( (i) \) Open it`` is marked ``(i)``; all
other formulas are no marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

import got_loaders.markup.nodes as nodes

__all__ = ["mark_text", "without_mark"]

_FORMULA_MARK = re.compile(r"\(?\s*(?:[A-Za-z]|[ivxIVX\s]{2,7})\s*\)")
_OPAQUE = "\ufffc"
"""Stands for what is no text, so that no mark reaches into it."""


def mark_text(content: Iterable[nodes.Inline]) -> str:
    """The characters of a line among which a mark may be."""
    return "".join(map(_characters, content))


def without_mark(content: Sequence[nodes.Inline], length: int) -> list[nodes.Inline]:
    """The line without its first characters, as `mark_text` counts them."""
    return _cut(content, length)[0]


def _characters(item: nodes.Inline) -> str:
    match item:
        case nodes.Text(text):
            return text
        case nodes.Bold(inner) | nodes.Italic(inner) | nodes.Underline(inner):
            return mark_text(inner)
        case nodes.InlineMath(tex) if _FORMULA_MARK.fullmatch(tex):
            return "".join(tex.split())
        case _:
            return _OPAQUE


def _cut(content: Sequence[nodes.Inline], left: int) -> tuple[list[nodes.Inline], int]:
    kept: list[nodes.Inline] = []
    for number, item in enumerate(content):
        if not left:
            return [*kept, *content[number:]], 0
        match item:
            case nodes.Text(text):
                kept.extend([nodes.Text(text[left:])] if text[left:] else [])
                left -= min(left, len(text))
            case nodes.Bold(inner) | nodes.Italic(inner) | nodes.Underline(inner):
                rest, left = _cut(inner, left)
                kept.extend([replace(item, content=tuple(rest))] if rest else [])
            case _:
                left -= min(left, len(_characters(item)))
    return kept, left
