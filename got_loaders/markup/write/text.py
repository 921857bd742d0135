"""Writes the blocks of a formatted reading as plain text."""

from __future__ import annotations

from collections.abc import Iterable

from got_loaders.markup.nodes import (
    Abstract,
    Block,
    Break,
    Code,
    Display,
    Fenced,
    Float,
    Heading,
    Image,
    Inline,
    Item,
    ItemList,
    Maths,
    Note,
    Subscript,
    Superscript,
    Table,
    Text,
)  # fmt: skip
from got_loaders.markup.parse.parser import parse
from got_loaders.markup.parse.trivial_math import aligned, unbroken
from got_loaders.markup.write.span_fill import repeated

__all__ = ["to_text"]


def to_text(text: str) -> str:
    """The model's formatted reading without its mark-up.

    Formulas keep what stands between their delimiters, cells are separated by tabs and repeated
    where they span others, items begin with a dash or their number, and LaTeX that is not
    understood is kept as it is.
    """
    return _blocks(parse(text))


def _blocks(blocks: Iterable[Block]) -> str:
    return "\n\n".join(filter(None, map(_block, blocks)))


def _block(block: Block) -> str:
    match block:
        case Heading(content, _, _):
            return unbroken(_inline(content))
        case Display(tex, environment):
            return aligned(tex, environment).strip()
        case Table():
            return "\n".join("\t".join(row) for row in repeated(block, _cell))
        case Fenced(text, _):
            return text
        case ItemList():
            return _list(block)
        case Abstract(blocks):
            return f"Abstract\n\n{_blocks(blocks)}" if block.needs_heading else _blocks(blocks)
        case Float(_, blocks):
            return _blocks(blocks)
        case Image(path):
            return f"[image: {path}]"
        case _:
            return _inline(block.content).strip()


def _list(block: ItemList) -> str:
    numbered = block.kind == "enumerate" and not any(item.label for item in block.items)
    lines: list[str] = []
    for number, item in enumerate(block.items, block.start):
        marker = f"{number}. " if numbered else "- "
        first, *others = _item(item).split("\n")
        lines.append(marker + first)
        lines.extend(" " * len(marker) + line if line else "" for line in others)
    return "\n".join(lines)


def _item(item: Item) -> str:
    parts: list[str] = []
    for block in item.labelled():
        if parts:
            parts.append("\n" if isinstance(block, ItemList) else "\n\n")
        parts.append(_block(block))
    return "".join(parts)


def _cell(content: tuple[Inline, ...]) -> str:
    return unbroken(_inline(content))


def _inline(content: tuple[Inline, ...]) -> str:
    parts: list[str] = []
    for item in content:
        match item:
            case Text(text) | Code(text, _):
                parts.append(text)
            case Maths(tex):
                parts.append(tex.strip())
            case Break():
                parts.append("\n")
            case Note(inner):
                parts.append(f" ({_inline(inner)})")
            case Superscript(inner):
                parts.append(_script("^", _inline(inner)))
            case Subscript(inner):
                parts.append(_script("_", _inline(inner)))
            case _:
                parts.append(_inline(item.content))
    return "".join(parts)


def _script(sign: str, text: str) -> str:
    return f"{sign}{text}" if len(text) == 1 or text.isalnum() else f"{sign}({text})"
