r"""What each command of a reading becomes.

A command that is not known, or lacks what it needs, stays as text, and so do its arguments.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from got_loaders.markup.nodes import InlineFootnote, Inlines, Text, plain_text
from got_loaders.markup.parse.block_builder import BlockBuilder, Glue
from got_loaders.markup.parse.block_commands import BLOCK_COMMANDS, Handler, takes_content
from got_loaders.markup.parse.cell_spans import parse_span
from got_loaders.markup.parse.cursor import TokenCursor, take_arguments
from got_loaders.markup.parse.latex_commands import ACCENTS, ARGUMENTS, FONTS, STYLES, SYMBOLS
from got_loaders.markup.parse.sign_formulas import circled, ding
from got_loaders.markup.parse.spacing_commands import skip_layout_command
from got_loaders.markup.parse.styles import apply_style, footnote_mark, parse_accent

__all__ = ["parse_command"]

_NO_GAP = {"label", "phantom", "color", "cellcolor", "strut", "protect", "relax", "null"}
"""Commands without content that may stand within a word; the others separate words."""
_SLOPE = re.compile(r"\s*\(-?\d,-?\d\)\s*")
_MAX_PARTS = 3
"""Texts in a cell that is divided by diagonals."""
_GAP = Glue(" ", strip_before=True, strip_after=True)


def parse_command(cursor: TokenCursor, builder: BlockBuilder) -> None:
    """Take the next token, a command, and its arguments."""
    name = cursor.take().text
    start = cursor.position
    handler = _HANDLERS.get(name)
    if handler is None or not handler(cursor, builder, name):
        builder.add_text(f"\\{name}")
        cursor.position = start


def _style(cursor: TokenCursor, builder: BlockBuilder, name: str) -> bool:
    group = cursor.group()
    if group is None:
        return False
    content = apply_style(STYLES[name], cursor.inlines(group))
    builder.add(*cursor.with_spaces(group, content))
    return True


def _arguments(cursor: TokenCursor, builder: BlockBuilder, name: str) -> bool:
    if "+" not in ARGUMENTS[name]:
        builder.add(*([] if name in _NO_GAP else [_GAP]))
        skip_layout_command(cursor, name)
        return True
    for argument in take_arguments(cursor, ARGUMENTS[name]):
        builder.add(*cursor.with_spaces(argument, cursor.inlines(argument)))
    return True


def _symbol(cursor: TokenCursor, builder: BlockBuilder, name: str) -> bool:
    sign = SYMBOLS[name]
    builder.add(Glue(sign, strip_after=len(sign) == 1 and sign.isalpha()))
    start = cursor.position
    group = cursor.group()
    if group and group.low < group.high:
        cursor.position = start
    return True


def _without_arguments(write: Callable[[BlockBuilder], None]) -> Handler:
    """The handler of a command that takes nothing."""

    def handler(_cursor: TokenCursor, builder: BlockBuilder, _name: str) -> bool:
        write(builder)
        return True

    return handler


@takes_content
def _note(builder: BlockBuilder, _name: str, content: Inlines) -> None:
    if content:
        builder.add(Glue("", strip_before=True), InlineFootnote(content))


@takes_content
def _cite(builder: BlockBuilder, _name: str, content: Inlines) -> None:
    builder.add(Text("["), *content, Text("]"))


def _footnote_mark(cursor: TokenCursor, builder: BlockBuilder, _name: str) -> bool:
    builder.add(*footnote_mark(cursor, cursor.option()))
    return True


def _link(cursor: TokenCursor, builder: BlockBuilder, _name: str) -> bool:
    address = cursor.group()
    text = cursor.group() if address else None
    if address is None or text is None:
        return False
    builder.add(*cursor.inlines(text), Text(" ("), *cursor.inlines(address), Text(")"))
    return True


@takes_content
def _circled(builder: BlockBuilder, _name: str, content: Inlines) -> None:
    builder.add(Text(circled(plain_text(content))))


def _ding(cursor: TokenCursor, builder: BlockBuilder, _name: str) -> bool:
    group = cursor.group()
    sign = ding(cursor.prefix(group)) if group else None
    builder.add(*([Text(sign)] if sign else []))
    return sign is not None


def _diagonal(cursor: TokenCursor, builder: BlockBuilder, name: str) -> bool:
    r"""The two or three texts of a cell that a diagonal divides."""
    token = cursor.peek()
    if name == "diaghead" and token and _SLOPE.fullmatch(token.text[:20]):
        cursor.position += 1
    parts: list[Inlines] = []
    while len(parts) < _MAX_PARTS and (group := cursor.content_group()):
        parts.append(cursor.inlines(group))
    if name == "diaghead" and len(parts) == _MAX_PARTS:
        del parts[0]  # as wide as the cell, and not shown
    for number, part in enumerate(filter(None, parts)):
        builder.add(*([Text(" / ")] if number else []), *part)
    return bool(parts)


def _span(cursor: TokenCursor, builder: BlockBuilder, name: str) -> bool:
    span = parse_span(cursor, name)
    if span is not None and span.content is not None:
        builder.add(_GAP, *cursor.inlines(span.content), _GAP)
    return span is not None


_HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(STYLES, _style),
    **dict.fromkeys(
        FONTS, _without_arguments(lambda builder: builder.add(Glue("", strip_after=True)))
    ),
    **dict.fromkeys(ARGUMENTS, _arguments),
    **dict.fromkeys(SYMBOLS, _symbol),
    **dict.fromkeys(filter(str.isalpha, ACCENTS), parse_accent),
    **dict.fromkeys(
        ["newline", "linebreak", "and", "And", "AND", "tabularnewline"],
        _without_arguments(BlockBuilder.break_line),
    ),
    **dict.fromkeys(
        ["quad", "qquad", "enspace", "thinspace", "space"],
        _without_arguments(lambda builder: builder.add(_GAP)),
    ),
    **dict.fromkeys(["footnote", "thanks"], _note),
    **dict.fromkeys(["cite", "citep", "citet", "citealp", "parencite", "textcite"], _cite),
    **dict.fromkeys(["multirow", "multicolumn"], _span),
    **dict.fromkeys(["diagbox", "slashbox", "backslashbox", "diaghead"], _diagonal),
    **dict.fromkeys(["textcircled", "circled"], _circled),
    "ding": _ding,
    "par": _without_arguments(BlockBuilder.end_paragraph),
    "footnotemark": _footnote_mark,
    "href": _link,
    **BLOCK_COMMANDS,
}
