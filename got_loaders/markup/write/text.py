"""Writes the blocks of a formatted reading as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable

import got_loaders.markup.nodes as nodes
from got_loaders.markup.image_label import image_label
from got_loaders.markup.parse.languages import Language, parse_reading
from got_loaders.markup.parse.trivial_math import collapse_spaces, wrap_aligned
from got_loaders.markup.write.span_fill import fill_spans

__all__ = ["mark_items", "to_text"]

_COMMAND = re.compile(r"\\[A-Za-z]{1,40}\s*\Z")
"""A command at the end of a formula, whose name a letter would change."""


def to_text(text: str, *, language: Language = "mathpix") -> str:
    """The model's formatted reading without its mark-up.

    Formulas keep what stands between their delimiters, cells are separated by tabs and repeated
    where they span others, items begin with a dash or their number, and LaTeX that is not
    understood is kept as it is. ``language`` is what it is written in.
    """
    return _blocks(parse_reading(text, language))


def _blocks(blocks: Iterable[nodes.Block]) -> str:
    return "\n\n".join(filter(None, map(_block, blocks)))


def _block(block: nodes.Block) -> str:
    match block:
        case nodes.Heading(content, _, _):
            return collapse_spaces(_inline(content))
        case nodes.DisplayMath(tex, environment):
            return wrap_aligned(tex, environment).strip()
        case nodes.Table():
            return "\n".join("\t".join(row) for row in fill_spans(block, _cell))
        case nodes.CodeBlock(text, _):
            return text
        case nodes.ListBlock():
            return mark_items(block, map(_item, block.items))
        case nodes.Abstract(blocks):
            return f"Abstract\n\n{_blocks(blocks)}" if block.needs_heading else _blocks(blocks)
        case nodes.Float(_, blocks):
            return _blocks(blocks)
        case nodes.Image(path):
            return image_label(path)
        case _:
            return _inline(block.content).strip()


def mark_items(block: nodes.ListBlock, items: Iterable[str]) -> str:
    """The items of a list with a dash or their number, their further lines indented."""
    lines: list[str] = []
    for number, item in enumerate(items, block.start):
        marker = f"{number}. " if block.kind == "enumerate" else "- "
        first, *rest = item.split("\n")
        lines.append(marker + first)
        lines.extend(" " * len(marker) + line if line else "" for line in rest)
    return "\n".join(lines)


def _item(item: nodes.Item) -> str:
    parts: list[str] = []
    for block in item.labeled_blocks():
        if parts:
            parts.append("\n" if isinstance(block, nodes.ListBlock) else "\n\n")
        parts.append(_block(block))
    return "".join(parts)


def _cell(content: nodes.Inlines) -> str:
    return collapse_spaces(_inline(content))


def _inline(content: nodes.Inlines) -> str:
    parts: list[str] = []
    for before, item in zip((None, *content), content, strict=False):
        match item:
            case nodes.Text(text) | nodes.Code(text, _):
                touches = isinstance(before, nodes.InlineMath) and _COMMAND.search(before.tex)
                parts.append(f" {text}" if touches and text[:1].isalpha() else text)
            case nodes.InlineMath(tex):
                parts.append(tex.strip())
            case nodes.LineBreak():
                parts.append("\n")
            case nodes.InlineFootnote(inner):
                parts.append(f" ({_inline(inner)})")
            case nodes.Superscript(inner):
                parts.append(_script("^", _inline(inner)))
            case nodes.Subscript(inner):
                parts.append(_script("_", _inline(inner)))
            case _:
                parts.append(_inline(item.content))
    return "".join(parts)


def _script(sign: str, text: str) -> str:
    return f"{sign}{text}" if len(text) == 1 or text.isalnum() else f"{sign}({text})"
