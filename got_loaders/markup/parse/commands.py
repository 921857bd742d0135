r"""What each command of a reading becomes.

A command that is not known, or lacks what it needs, stays as text, and so do its arguments.
"""

from __future__ import annotations

from got_loaders.markup.nodes import InlineFootnote, Text
from got_loaders.markup.parse.block_builder import BlockBuilder, Glue
from got_loaders.markup.parse.block_commands import BLOCK_COMMANDS
from got_loaders.markup.parse.cell_spans import parse_span
from got_loaders.markup.parse.command_call import CommandCall, Handler, take_arguments
from got_loaders.markup.parse.cursor import TokenCursor
from got_loaders.markup.parse.latex_commands import ACCENTS, ARGUMENTS, FONTS, STYLES, SYMBOLS
from got_loaders.markup.parse.spacing_commands import skip_layout_command
from got_loaders.markup.parse.styles import apply_style, footnote_mark, parse_accent

__all__ = ["parse_command"]

_NO_GAP = {"label", "phantom", "color", "cellcolor", "strut", "protect", "relax", "null"}
"""Commands without content that may stand within a word; the others separate words."""


def parse_command(cursor: TokenCursor, position: int, high: int, builder: BlockBuilder) -> int:
    """Take the command at ``position`` and its arguments in; gives the next token."""
    name = cursor.source.tokens[position].text
    handler = _HANDLERS.get(name)
    after = handler(CommandCall(cursor, name, position + 1, high, builder)) if handler else None
    if after is None:
        builder.text(f"\\{name}")
        return position + 1
    return after


def _style(call: CommandCall) -> int | None:
    group = call.group()
    if group is None:
        return None
    call.builder.add(*call.cursor.spaced(group, apply_style(STYLES[call.name], call.line(group))))
    return group.after


def _arguments(call: CommandCall) -> int:
    if "+" not in ARGUMENTS[call.name]:
        call.builder.add(*([] if call.name in _NO_GAP else [Glue(" ", before=True, after=True)]))
        return skip_layout_command(call.cursor, call.position, call.high, call.name)
    found, after = take_arguments(call.cursor, call.position, call.high, ARGUMENTS[call.name])
    for argument in found:
        call.builder.add(*call.cursor.spaced(argument, call.line(argument)))
    return after


def _symbol(call: CommandCall) -> int:
    sign = SYMBOLS[call.name]
    call.builder.add(Glue(sign, after=len(sign) == 1 and sign.isalpha()))
    group = call.group()
    return group.after if group and group.low == group.high else call.position


def _accent(call: CommandCall) -> int | None:
    return parse_accent(call.cursor, call.position, call.high, call.builder, call.name)


def _font(call: CommandCall) -> int:
    call.builder.add(Glue("", after=True))
    return call.position


def _newline(call: CommandCall) -> int:
    call.builder.break_line()
    return call.position


def _paragraph(call: CommandCall) -> int:
    call.builder.end_paragraph()
    return call.position


def _quad(call: CommandCall) -> int:
    call.builder.add(Glue(" ", before=True, after=True))
    return call.position


def _note(call: CommandCall) -> int | None:
    group = call.content()
    if group is None:
        return None
    content = call.line(group)
    if content:
        call.builder.add(Glue("", before=True), InlineFootnote(content))
    return group.after


def _footnote_mark(call: CommandCall) -> int:
    option = call.option()
    call.builder.add(*footnote_mark(call.cursor, option))
    return option.after if option else call.position


def _link(call: CommandCall) -> int | None:
    address = call.group()
    text = call.group(address) if address else None
    if address is None or text is None:
        return None
    call.builder.add(*call.line(text), Text(" ("), *call.line(address), Text(")"))
    return text.after


def _cite(call: CommandCall) -> int | None:
    group = call.content()
    if group is None:
        return None
    call.builder.add(Text("["), *call.line(group), Text("]"))
    return group.after


def _span(call: CommandCall) -> int | None:
    found = parse_span(call.cursor, call.position, call.high, call.name)
    if found is None:
        return None
    if found.content is not None:
        call.builder.add(*call.cursor.spaced(found.content, call.line(found.content)))
    return found.after


_HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(STYLES, _style),
    **dict.fromkeys(FONTS, _font),
    **dict.fromkeys(ARGUMENTS, _arguments),
    **dict.fromkeys(SYMBOLS, _symbol),
    **dict.fromkeys(filter(str.isalpha, ACCENTS), _accent),
    **dict.fromkeys(["newline", "linebreak", "and", "And", "AND", "tabularnewline"], _newline),
    **dict.fromkeys(["quad", "qquad", "enspace", "thinspace", "space"], _quad),
    **dict.fromkeys(["footnote", "thanks"], _note),
    **dict.fromkeys(["cite", "citep", "citet", "citealp", "parencite", "textcite"], _cite),
    **dict.fromkeys(["multirow", "multicolumn"], _span),
    "par": _paragraph,
    "footnotemark": _footnote_mark,
    "href": _link,
    **BLOCK_COMMANDS,
}
