r"""Reads a formatted reading into blocks: tolerant LaTeX, in one pass over its tokens.

What has a meaning to a reader becomes a node; what has none (lengths, rules, labels) goes; what
is not understood stays as text. Each token is looked at in the innermost range that holds it,
and ranges nest to a limit only, beyond which everything is text.
"""

from __future__ import annotations

from dataclasses import replace

from got_loaders.markup.nodes import Block, Code, CodeBlock, DisplayMath, InlineMath
from got_loaders.markup.parse.block_builder import BlockBuilder, Glue, flatten
from got_loaders.markup.parse.commands import parse_command
from got_loaders.markup.parse.content_kind import split_languages
from got_loaders.markup.parse.cursor import TokenCursor
from got_loaders.markup.parse.environments import parse_environment
from got_loaders.markup.parse.latex_commands import ACCENTS, ESCAPED, FONTS, Style
from got_loaders.markup.parse.pairing import pair_tokens
from got_loaders.markup.parse.spacing_commands import skip_height
from got_loaders.markup.parse.styles import apply_style, parse_accent
from got_loaders.markup.parse.trivial_math import render_trivial_math, strip_math

__all__ = ["parse", "parse_counted"]

_SPACES = {",": " ", ";": " ", ":": " ", ">": " ", "!": "", "-": "", "/": "", "@": ""}


def parse(text: str) -> tuple[Block, ...]:
    """The blocks of a formatted reading, in its order; together they hold all of its text."""
    return parse_counted(text)[0]


def parse_counted(text: str) -> tuple[tuple[Block, ...], int]:
    """The blocks of a formatted reading, and how many steps it took to find them."""
    blocks: list[Block] = []
    steps = 0
    for part in split_languages(text.replace("\r\n", "\n").replace("\r", "\n")):
        if part.language:
            blocks.append(CodeBlock(part.text.strip("\n"), part.language))
            continue
        found = pair_tokens(part.text)
        blocks.extend(_read(TokenCursor(found, _read), 0, len(found.tokens)))
        steps += found.steps
    return tuple(blocks), steps


def _read(cursor: TokenCursor, low: int, high: int) -> tuple[Block, ...]:
    builder = BlockBuilder()
    position = low
    while position < high:
        cursor.source.steps += 1
        position = _token(cursor, position, high, builder)
    return builder.done()


def _token(cursor: TokenCursor, position: int, high: int, builder: BlockBuilder) -> int:
    """Take the token at ``position`` in, with all that belongs to it; gives the next one."""
    token = cursor.source.tokens[position]
    match token.kind:
        case "command":
            return parse_command(cursor, position, high, builder)
        case "symbol":
            return _symbol(cursor, position, high, builder)
        case "dollar":
            return _formula(cursor, position, high, builder)
        case "open":
            return _group(cursor, position, high, builder)
        case "begin":
            return parse_environment(cursor, position, high, builder)
        case "smiles":
            builder.add(Code(token.text.strip(), "smiles"))
        case "end":
            builder.text(cursor.source.text[token.start : token.end])
        case _:
            builder.text(token.text)
    return position + 1


def _symbol(cursor: TokenCursor, position: int, high: int, builder: BlockBuilder) -> int:
    sign = cursor.source.tokens[position].text
    after: int | None = position + 1
    if sign in ("(", "["):
        return _formula(cursor, position, high, builder)
    if sign == "\\":
        builder.break_line()
        return skip_height(cursor, position + 1, high)
    if sign and sign in ESCAPED:
        builder.text(sign)
    elif sign in ACCENTS:
        after = parse_accent(cursor, position + 1, high, builder, sign)
    elif sign in _SPACES:
        builder.text(_SPACES[sign])
    elif sign or not _is_control_space(cursor, position):
        after = None
    if after is None:
        builder.text(f"\\{sign}")
        return position + 1
    return after


def _is_control_space(cursor: TokenCursor, position: int) -> bool:
    r"""Whether a backslash before a blank is that of ``Fig.\ 1``; apart it stands for itself."""
    token = cursor.source.tokens[position]
    text = cursor.source.text
    before = text[token.start - 1] if token.start else " "
    return not before.isspace() and text[token.end : token.end + 1] == " "


def _formula(cursor: TokenCursor, position: int, high: int, builder: BlockBuilder) -> int:
    source = cursor.source
    token, partner = source.tokens[position], source.partner[position]
    if not 0 < partner < high:
        builder.text(source.text[token.start : token.end])
        return position + 1
    tex = strip_math(source.text[token.end : source.tokens[partner].start])
    if token.text in ("[", "$$"):
        builder.block(*([DisplayMath(tex)] if tex else []))
    elif (shown := render_trivial_math(tex)) is None:
        builder.add(*([InlineMath(tex)] if tex else []))
    else:
        blank = shown.text[:1] == " "
        builder.add(Glue(shown.text, shown.attached or blank, shown.text[-1:] == " "))
    return partner + 1


def _group(cursor: TokenCursor, position: int, high: int, builder: BlockBuilder) -> int:
    """Braces: those that only hold a change of font go, the others are text."""
    group = cursor.group(position, high)
    if group is not None and cursor.skip_blank(group.low, group.high) == group.high:
        return group.after
    first = cursor.skip_blank(group.low, group.high) if group else high
    style, content = _fonts(cursor, first, group.high) if group else (None, first)
    if group is None or content == first or not cursor.may_nest:
        builder.text("{")
        return position + 1
    inner = replace(group, low=content)
    builder.add(
        *cursor.spaced(inner, apply_style(style, flatten(cursor.blocks(content, group.high))))
    )
    return group.after


def _fonts(cursor: TokenCursor, position: int, high: int) -> tuple[Style | None, int]:
    """The style that the commands at the start of a group ask for, and the token after them."""
    style: Style | None = None
    while position < high:
        token = cursor.source.tokens[position]
        if token.kind != "command" or token.text not in FONTS:
            break
        style = FONTS[token.text] or style
        position = cursor.skip_blank(position + 1, high)
    return style, position
