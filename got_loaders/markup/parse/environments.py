r"""What each environment of a reading becomes.

One that is not known stays as it is, if it is closed; else its ``\begin`` is text and what
follows is read as if it weren't there.
"""

from __future__ import annotations

import re
from typing import Literal

from got_loaders.markup.nodes import (
    Abstract,
    Block,
    Bold,
    Display,
    Fenced,
    Float,
    Inline,
    Maths,
    Paragraph,
    Text,
)  # fmt: skip
from got_loaders.markup.parse.block_builder import Flow, tidy
from got_loaders.markup.parse.command_call import arguments
from got_loaders.markup.parse.cursor import Reader
from got_loaders.markup.parse.latex_commands import (
    LISTS,
    MATHS,
    TABLES,
    THEOREMS,
    TRANSPARENT,
    VERBATIM,
    WIDE_TABLES,
)  # fmt: skip
from got_loaders.markup.parse.lists import item_list
from got_loaders.markup.parse.tabular import tabular
from got_loaders.markup.parse.trivial_math import layout, trimmed

__all__ = ["environment"]

_LABEL = re.compile(r"\\label\s*\{[^{}]*\}")
_OPTIONS = re.compile(r"\A\s*\[[^\]\n]*\]")
_POSITION = re.compile(r"[htbpH!\s]*")
_COLUMN_PAIRS = re.compile(r"\s*\{\s*\d+\s*\}")
_FLOATS: dict[str, Literal["table", "figure"]] = {"table": "table", "figure": "figure"}
_KNOWN = {*TABLES, *LISTS, *THEOREMS, *TRANSPARENT, *_FLOATS, "abstract"}


def environment(reader: Reader, position: int, high: int, flow: Flow) -> int:
    """Take the environment at ``position`` in; gives the next token."""
    source = reader.source
    token, end = source.tokens[position], source.partner[position]
    whole = position in source.closed and end < high
    name = token.text.rstrip("*")
    found: tuple[Block, ...] | None = None
    if name in MATHS and whole:
        _formula(source.text[token.end : source.tokens[end].start], flow, name)
        return end + 1
    if name in VERBATIM and whole:
        text = source.text[token.end : source.tokens[end].start]
        found = _kept(text if name == "verbatim" else _OPTIONS.sub("", text, count=1), "")
    elif name == "tikzpicture" and end:
        found = _kept(source.slice(position, min(end + whole, high)), "tikz")
    elif name in _KNOWN:
        wide = token.text.endswith("*")
        found = _known(reader, position + 1, min(end, high), name, wide=wide) if end else None
    elif whole:
        found = _kept(source.slice(position, end + 1), "latex")
    if found is None:
        flow.text(source.text[token.start : token.end])
        return position + 1
    flow.block(*found)
    return source.after(position, high)


def _formula(tex: str, flow: Flow, name: str) -> None:
    tex = trimmed(_LABEL.sub("", tex))
    if name == "alignat":
        tex = _COLUMN_PAIRS.sub("", tex, count=1)
    if not tex:
        return
    if name == "math":
        shown = layout(tex)
        flow.add(Text(shown.text) if shown else Maths(tex))
    else:
        flow.block(Display(tex, MATHS[name]))


def _kept(text: str, language: str) -> tuple[Block, ...]:
    return (Fenced(text.strip("\n"), language),) if text.strip() else ()


def _known(
    reader: Reader, low: int, high: int, name: str, *, wide: bool
) -> tuple[Block, ...] | None:
    """The blocks of an environment that is understood; None where it is too deep."""
    if not reader.may_nest:
        return None
    if name in TABLES:
        return tabular(reader, low, high, has_width=wide or name in WIDE_TABLES)
    if name in LISTS:
        return item_list(reader, low, high, LISTS[name])
    if name in THEOREMS:
        return _theorem(reader, low, high, name)
    if name in TRANSPARENT:
        return reader.blocks(arguments(reader, low, high, TRANSPARENT[name])[1], high)
    if name == "abstract":
        blocks = reader.blocks(low, high)
        return (Abstract(blocks),) if blocks else ()
    blocks = reader.blocks(reader.skip_option(low, high, _POSITION), high)
    return (Float(_FLOATS[name], blocks),) if blocks else ()


def _theorem(reader: Reader, low: int, high: int, name: str) -> tuple[Block, ...]:
    option = reader.option(low, high)
    head: list[Inline] = [Text(name.capitalize())]
    if option and (given := reader.line(option)):
        head = [Text(f"{name.capitalize()} ("), *given, Text(")")]
    title = Bold(tidy([*head, Text(".")]))
    blocks = reader.blocks(option.after if option else low, high)
    if blocks and isinstance(blocks[0], Paragraph):
        return Paragraph((title, Text(" "), *blocks[0].content)), *blocks[1:]
    return Paragraph((title,)), *blocks
