r"""What each environment of a reading becomes.

One that is not known stays as it is, if it is closed; else its ``\begin`` is text and what
follows is read as if it weren't there.
"""

from __future__ import annotations

import re

import got_loaders.markup.nodes as nodes
from got_loaders.markup.parse.block_builder import BlockBuilder, normalize_line
from got_loaders.markup.parse.cursor import TokenCursor, take_arguments
from got_loaders.markup.parse.latex_commands import (
    FLOATS,
    INNER_MATH,
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
from got_loaders.markup.parse.text_formulas import display_block, text_of_formula
from got_loaders.markup.parse.trivial_math import render_trivial_math, strip_math

__all__ = ["LABEL", "parse_environment"]

LABEL = re.compile(r"\\label\s*\{[^{}\\]{0,200}\}")
"""What gives a formula a name, and shows nothing."""

_OPTIONS = re.compile(r"\A\s*\[[^\]\n]*\]")
_POSITION = re.compile(r"[htbpH!\s\d]*")
_LENGTH = r"-?[\d.]*\s*(?:pt|em|ex|mm|cm|in|\\[A-Za-z]+)?"
_ARGUMENT = re.compile(rf"\s*(?:[lrcRLOItbhp|!*]{{0,8}}|{_LENGTH}|[\w-]+=[^{{}}]*)\s*")
"""What shows nothing after the ``\\begin`` of an environment that is not known."""
_MAX_ARGUMENTS = 4
_FORMULA_MARKS = re.compile(r"\\\(|\$|\\multi(?:row|column)")
_NO_WORDS = re.compile(
    r"\\(?:text[a-z]*|mathrm|mbox|operatorname|begin|end|label)\*?\s*\{[^{}]*\}|\\[A-Za-z]+"
)
_WORD = re.compile(r"[^\W\d_]{4}|[\u3040-\u9fff\uac00-\ud7af]")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_COLUMN_PAIRS = re.compile(r"\s*\{\s*\d+\s*\}")
_KNOWN = {*TABLES, *LISTS, *THEOREMS, *PASS_THROUGH, *FLOATS, "abstract"}


def parse_environment(cursor: TokenCursor, builder: BlockBuilder) -> None:
    """Take the environment that begins with the next token."""
    paired, start = cursor.paired, cursor.position
    token, end = paired.tokens[start], paired.match[start]
    is_closed = start in paired.closed and end < cursor.end
    name = token.text.rstrip("*")
    blocks: tuple[nodes.Block, ...] | None = None
    if name in MATH_ENVIRONMENTS and is_closed:
        _formula(paired.slice(start + 1, end), builder, name)
        cursor.position = end + 1
        return
    if name in INNER_MATH and end and _is_math(cursor, is_closed):
        end = min(end + is_closed, cursor.end)
        builder.add_blocks(display_block(strip_math(paired.slice(start, end))))
        cursor.position = end
        return
    if name in VERBATIM and is_closed:
        text = paired.slice(start + 1, end)
        blocks = _code(text if name == "verbatim" else _OPTIONS.sub("", text, count=1), "")
    elif name == "tikzpicture" and end:
        blocks = _code(paired.slice(start, min(end + is_closed, cursor.end)), "tikz")
    elif name in _KNOWN:
        inner = cursor.narrow(start + 1, min(end, cursor.end))
        blocks = _known(inner, name, is_wide=token.text.endswith("*")) if end else None
    elif is_closed and cursor.may_nest and paired.holds_structure(start + 1, end):
        blocks = _unknown(cursor.narrow(start + 1, end))
    elif is_closed:
        blocks = _code(paired.slice(start, end + 1), "latex")
    if blocks is None:
        builder.add_text(paired.slice(start, start + 1))
        cursor.position += 1
        return
    builder.add_blocks(*blocks)
    cursor.position = paired.after(start, cursor.end)


def _formula(tex: str, builder: BlockBuilder, name: str) -> None:
    tex = strip_math(LABEL.sub("", tex))
    if name == "alignat":
        tex = _COLUMN_PAIRS.sub("", tex, count=1)
    if not tex:
        return
    if name == "math":
        if trivial := render_trivial_math(tex):
            builder.add(nodes.Text(trivial.text))
        else:
            said = text_of_formula(tex)
            builder.add(*(said.content if said else (nodes.InlineMath(tex),)))
    else:
        builder.add_blocks(display_block(tex, MATH_ENVIRONMENTS[name]))


def _code(text: str, language: str) -> tuple[nodes.Block, ...]:
    return (nodes.CodeBlock(text.strip("\n"), language),) if text.strip() else ()


def _known(cursor: TokenCursor, name: str, *, is_wide: bool) -> tuple[nodes.Block, ...] | None:
    """The blocks of an environment that is understood; None where it is too deep."""
    if not cursor.may_nest:
        return None
    if name in TABLES:
        return parse_tabular(cursor, has_width=is_wide or name in WIDE_TABLES)
    if name in LISTS:
        return parse_list(cursor, LISTS[name])
    if name in THEOREMS:
        return _theorem(cursor, name)
    if name in PASS_THROUGH:
        take_arguments(cursor, PASS_THROUGH[name])
        return cursor.blocks()
    if name not in FLOATS:
        blocks = cursor.blocks()
        return (nodes.Abstract(blocks),) if blocks else ()
    kind, signature = FLOATS[name]
    cursor.skip_option(_POSITION)
    take_arguments(cursor, signature)
    blocks = cursor.blocks()
    return (nodes.Float(kind, blocks),) if blocks else ()


def _unknown(cursor: TokenCursor) -> tuple[nodes.Block, ...]:
    """What stands in an environment that is not known, without the lengths and keys before it."""
    for _ in range(_MAX_ARGUMENTS):
        start = cursor.position
        argument = cursor.option() or cursor.group()
        if argument is None or not _ARGUMENT.fullmatch(cursor.prefix(argument)):
            cursor.position = start
            break
    return cursor.blocks()


def _is_math(cursor: TokenCursor, is_closed: bool) -> bool:
    """Whether an environment of formulas that stands in text is one, and no table in its name."""
    paired, start = cursor.paired, cursor.position
    tex = paired.slice(start + 1, min(paired.match[start], cursor.end))
    if _FORMULA_MARKS.search(tex) or (not is_closed and _BLANK_LINE.search(tex.strip())):
        return False
    return paired.tokens[start].text != "array" or not _WORD.search(_NO_WORDS.sub("", tex))


def _theorem(cursor: TokenCursor, name: str) -> tuple[nodes.Block, ...]:
    option = cursor.option()
    head: list[nodes.Inline] = [nodes.Text(name.capitalize())]
    if option and (title := cursor.inlines(option)):
        head = [nodes.Text(f"{name.capitalize()} ("), *title, nodes.Text(")")]
    label = nodes.Bold(normalize_line([*head, nodes.Text(".")]))
    return nodes.Item(cursor.blocks(), (label,)).labeled_blocks()
