r"""Reads a formatted reading into blocks: tolerant LaTeX, in one pass over its tokens.

What has a meaning to a reader becomes a node; what has none (lengths, rules, labels) goes; what
is not understood stays as text. Each token is looked at in the innermost range that holds it,
and ranges nest to a limit only, beyond which everything is text.
"""

from __future__ import annotations

from dataclasses import replace

from got_loaders._characters import clean_text
from got_loaders.markup.nodes import (
    Block,
    Code,
    CodeBlock,
    Paragraph,
)
from got_loaders.markup.parse.block_builder import BlockBuilder, flatten
from got_loaders.markup.parse.commands import parse_command
from got_loaders.markup.parse.content_kind import split_languages
from got_loaders.markup.parse.cursor import Argument, TokenCursor
from got_loaders.markup.parse.cut_off import close_cut_off
from got_loaders.markup.parse.environments import LABEL, parse_environment
from got_loaders.markup.parse.inline_formulas import inline_formula
from got_loaders.markup.parse.latex_commands import ACCENTS, ESCAPED, FONTS, STYLES, Style
from got_loaders.markup.parse.lexer import tokenize
from got_loaders.markup.parse.pairing import PairedTokens, pair_tokens
from got_loaders.markup.parse.paragraph_lines import arrange_lines
from got_loaders.markup.parse.spacing_commands import skip_height
from got_loaders.markup.parse.styles import apply_style, parse_accent
from got_loaders.markup.parse.text_formulas import display_block
from got_loaders.markup.parse.text_in_formulas import split_dollars
from got_loaders.markup.parse.trivial_math import strip_math

__all__ = ["parse", "parse_tokens"]

_AFTER_CHARS = 8
"""Characters after a formula that tell what it is: a unit, or the word that it belongs to."""
_SPACES = {",": " ", ";": " ", ":": " ", ">": " ", "!": "", "-": "", "/": "", "@": ""}


def parse(text: str) -> tuple[Block, ...]:
    """The blocks of a formatted reading, in its order; together they hold all of its text."""
    blocks: list[Block] = []
    chunks = split_languages(clean_text(text))
    for number, chunk in enumerate(chunks, 1):
        if chunk.language:
            blocks.append(CodeBlock(chunk.text.strip("\n"), chunk.language))
            continue
        tokens = tokenize(chunk.text)
        if number == len(chunks):
            tokens = close_cut_off(chunk.text, tokens)
        blocks.extend(parse_tokens(pair_tokens(chunk.text, tokens)))
    return arrange_lines(blocks)


def parse_tokens(paired: PairedTokens) -> tuple[Block, ...]:
    """The blocks of a reading in one language."""
    return _blocks(TokenCursor(paired, _blocks, 0, len(paired.tokens)))


def _blocks(cursor: TokenCursor) -> tuple[Block, ...]:
    """The blocks of a range of tokens."""
    builder = BlockBuilder()
    while (token := cursor.peek()) is not None:
        match token.kind:
            case "command":
                parse_command(cursor, builder)
            case "symbol":
                _symbol(cursor, builder)
            case "dollar":
                _formula(cursor, builder)
            case "open":
                _group(cursor, builder)
            case "begin":
                parse_environment(cursor, builder)
            case "end" if cursor.position in cursor.paired.leftover:
                cursor.position += 1
            case "smiles":
                builder.add(Code(token.text.strip(), "smiles"))
                cursor.position += 1
            case _:
                _raw(cursor, builder)
    return builder.finish()


def _raw(cursor: TokenCursor, builder: BlockBuilder) -> None:
    """Take a token as text."""
    token = cursor.take()
    builder.add_text(cursor.paired.text[token.start : token.end])


def _symbol(cursor: TokenCursor, builder: BlockBuilder) -> None:
    token = cursor.take()
    start, sign = cursor.position, token.text
    if sign in ("(", "["):
        cursor.position -= 1
        _formula(cursor, builder)
    elif sign == "\\":
        builder.break_line()
        skip_height(cursor)
    elif sign and sign in ESCAPED:
        builder.add_text(sign)
    elif sign in _SPACES:
        builder.add_text(_SPACES[sign])
    elif sign in ACCENTS:
        if not parse_accent(cursor, builder, sign):
            builder.add_text(f"\\{sign}")
            cursor.position = start
    elif sign or not _is_control_space(cursor.paired.text, token.start):
        builder.add_text(f"\\{sign}")


def _is_control_space(text: str, position: int) -> bool:
    r"""Whether a backslash before a blank is that of ``Fig.\ 1``; apart it stands for itself."""
    before = text[position - 1] if position else " "
    return not before.isspace() and text[position + 1 : position + 2] == " "


def _formula(cursor: TokenCursor, builder: BlockBuilder) -> None:
    start, closing = cursor.position, cursor.paired.match[cursor.position]
    if not 0 < closing < cursor.end:
        _raw(cursor, builder)
        return
    opening, cursor.position = cursor.take(), closing + 1
    tex = split_dollars(strip_math(LABEL.sub("", cursor.paired.slice(start + 1, closing))))
    if opening.text in ("[", "$$"):
        builder.add_blocks(*([display_block(tex)] if tex else []))
        return
    text, end = cursor.paired.text, cursor.paired.tokens[closing].end
    before, after = text[max(0, opening.start - 1) : opening.start], text[end : end + _AFTER_CHARS]
    builder.add(*inline_formula(tex, before, after))


def _group(cursor: TokenCursor, builder: BlockBuilder) -> None:
    """Braces: those that only hold a change of font go, the others are text."""
    start = cursor.position
    if group := cursor.group():
        inner = cursor.narrow(group.low, group.high)
        inner.skip_blank()
        if inner.peek() is None:
            return
        first = inner.position
        style = _take_fonts(inner)
        if cursor.may_nest and (inner.position > first or _is_one(inner)):
            _add_group(cursor, builder, style, replace(group, low=inner.position))
            return
    cursor.position = start
    _raw(cursor, builder)


def _is_one(cursor: TokenCursor) -> bool:
    """Whether the rest of a range is one formula, environment or text in a style, and blanks."""
    position = cursor.position
    if cursor.at("command") and cursor.paired.tokens[position].text in STYLES:
        position += 1
    elif not cursor.at("begin") and not cursor.at("symbol") and not cursor.at("dollar"):
        return False
    if position >= cursor.end or not cursor.paired.match[position]:
        return False
    rest = cursor.narrow(cursor.paired.after(position, cursor.end), cursor.end)
    rest.skip_blank()
    return rest.peek() is None


def _add_group(
    cursor: TokenCursor, builder: BlockBuilder, style: Style | None, group: Argument
) -> None:
    """Add what stands in braces: as part of the line, unless there is more than a line."""
    blocks = cursor.narrow(group.low, group.high).blocks()
    if all(isinstance(block, Paragraph) for block in blocks):
        builder.add(*cursor.with_spaces(group, apply_style(style, flatten(blocks))))
    else:
        builder.add_blocks(*blocks)


def _take_fonts(cursor: TokenCursor) -> Style | None:
    """Take the commands at the start of a group that ask for a style, and give it."""
    style: Style | None = None
    while cursor.at("command") and (name := cursor.paired.tokens[cursor.position].text) in FONTS:
        style = FONTS[name] or style
        cursor.position += 1
        cursor.skip_blank()
    return style
