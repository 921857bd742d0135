r"""What each environment of a reading becomes.

One that is not known stays as it is, if it is closed; else its ``\begin`` is text and what
follows is read as if it weren't there.
"""

from __future__ import annotations

import re
from typing import Literal

import got_loaders.markup.nodes as nodes
from got_loaders.markup.parse.block_builder import BlockBuilder, normalize_line
from got_loaders.markup.parse.command_call import take_arguments
from got_loaders.markup.parse.cursor import TokenCursor
from got_loaders.markup.parse.latex_commands import (
    LISTS,
    MATH_ENVIRONMENTS,
    PASS_THROUGH,
    TABLES,
    THEOREMS,
    VERBATIM,
    WIDE_TABLES,
)  # fmt: skip
from got_loaders.markup.parse.lists import parse_list
from got_loaders.markup.parse.tabular import parse_tabular
from got_loaders.markup.parse.trivial_math import render_trivial_math, strip_math

__all__ = ["parse_environment"]

_LABEL = re.compile(r"\\label\s*\{[^{}]*\}")
_OPTIONS = re.compile(r"\A\s*\[[^\]\n]*\]")
_POSITION = re.compile(r"[htbpH!\s]*")
_COLUMN_PAIRS = re.compile(r"\s*\{\s*\d+\s*\}")
_FLOATS: dict[str, Literal["table", "figure"]] = {"table": "table", "figure": "figure"}
_KNOWN = {*TABLES, *LISTS, *THEOREMS, *PASS_THROUGH, *_FLOATS, "abstract"}


def parse_environment(cursor: TokenCursor, position: int, high: int, builder: BlockBuilder) -> int:
    """Take the environment at ``position`` in; gives the next token."""
    source = cursor.source
    token, end = source.tokens[position], source.partner[position]
    whole = position in source.closed and end < high
    name = token.text.rstrip("*")
    found: tuple[nodes.Block, ...] | None = None
    if name in MATH_ENVIRONMENTS and whole:
        _formula(source.text[token.end : source.tokens[end].start], builder, name)
        return end + 1
    if name in VERBATIM and whole:
        text = source.text[token.end : source.tokens[end].start]
        found = _kept(text if name == "verbatim" else _OPTIONS.sub("", text, count=1), "")
    elif name == "tikzpicture" and end:
        found = _kept(source.slice(position, min(end + whole, high)), "tikz")
    elif name in _KNOWN:
        wide = token.text.endswith("*")
        found = _known(cursor, position + 1, min(end, high), name, wide=wide) if end else None
    elif whole:
        found = _kept(source.slice(position, end + 1), "latex")
    if found is None:
        builder.text(source.text[token.start : token.end])
        return position + 1
    builder.block(*found)
    return source.after(position, high)


def _formula(tex: str, builder: BlockBuilder, name: str) -> None:
    tex = strip_math(_LABEL.sub("", tex))
    if name == "alignat":
        tex = _COLUMN_PAIRS.sub("", tex, count=1)
    if not tex:
        return
    if name == "math":
        shown = render_trivial_math(tex)
        builder.add(nodes.Text(shown.text) if shown else nodes.InlineMath(tex))
    else:
        builder.block(nodes.DisplayMath(tex, MATH_ENVIRONMENTS[name]))


def _kept(text: str, language: str) -> tuple[nodes.Block, ...]:
    return (nodes.CodeBlock(text.strip("\n"), language),) if text.strip() else ()


def _known(
    cursor: TokenCursor, low: int, high: int, name: str, *, wide: bool
) -> tuple[nodes.Block, ...] | None:
    """The blocks of an environment that is understood; None where it is too deep."""
    if not cursor.may_nest:
        return None
    if name in TABLES:
        return parse_tabular(cursor, low, high, has_width=wide or name in WIDE_TABLES)
    if name in LISTS:
        return parse_list(cursor, low, high, LISTS[name])
    if name in THEOREMS:
        return _theorem(cursor, low, high, name)
    if name in PASS_THROUGH:
        return cursor.blocks(take_arguments(cursor, low, high, PASS_THROUGH[name])[1], high)
    if name == "abstract":
        blocks = cursor.blocks(low, high)
        return (nodes.Abstract(blocks),) if blocks else ()
    blocks = cursor.blocks(cursor.skip_option(low, high, _POSITION), high)
    return (nodes.Float(_FLOATS[name], blocks),) if blocks else ()


def _theorem(cursor: TokenCursor, low: int, high: int, name: str) -> tuple[nodes.Block, ...]:
    option = cursor.option(low, high)
    head: list[nodes.Inline] = [nodes.Text(name.capitalize())]
    if option and (given := cursor.line(option)):
        head = [nodes.Text(f"{name.capitalize()} ("), *given, nodes.Text(")")]
    title = nodes.Bold(normalize_line([*head, nodes.Text(".")]))
    blocks = cursor.blocks(option.after if option else low, high)
    if blocks and isinstance(blocks[0], nodes.Paragraph):
        return nodes.Paragraph((title, nodes.Text(" "), *blocks[0].content)), *blocks[1:]
    return nodes.Paragraph((title,)), *blocks
