r"""What each command of a reading becomes.

A command that is not known, or lacks what it needs, stays as text, and so do its arguments.
"""

from __future__ import annotations

from got_loaders.markup.nodes import Note, Text
from got_loaders.markup.parse.block_builder import Flow, Joint
from got_loaders.markup.parse.block_commands import APART
from got_loaders.markup.parse.cell_spans import span
from got_loaders.markup.parse.command_call import Call, Handler, arguments
from got_loaders.markup.parse.cursor import Reader
from got_loaders.markup.parse.latex_commands import ACCENTS, ARGUMENTS, FONTS, STYLES, SYMBOLS
from got_loaders.markup.parse.spacing_commands import layout_command
from got_loaders.markup.parse.styles import accent, marked, styled

__all__ = ["command"]

_NO_GAP = {"label", "phantom", "color", "cellcolor", "strut", "protect", "relax", "null"}
"""Commands without content that may stand within a word; the others separate words."""


def command(reader: Reader, position: int, high: int, flow: Flow) -> int:
    """Take the command at ``position`` and its arguments in; gives the next token."""
    name = reader.source.tokens[position].text
    handler = _HANDLERS.get(name)
    after = handler(Call(reader, name, position + 1, high, flow)) if handler else None
    if after is None:
        flow.text(f"\\{name}")
        return position + 1
    return after


def _style(call: Call) -> int | None:
    group = call.group()
    if group is None:
        return None
    call.flow.add(*call.reader.spaced(group, styled(STYLES[call.name], call.line(group))))
    return group.after


def _arguments(call: Call) -> int:
    if "+" not in ARGUMENTS[call.name]:
        call.flow.add(*([] if call.name in _NO_GAP else [Joint(" ", before=True, after=True)]))
        return layout_command(call.reader, call.position, call.high, call.name)
    found, after = arguments(call.reader, call.position, call.high, ARGUMENTS[call.name])
    for argument in found:
        call.flow.add(*call.reader.spaced(argument, call.line(argument)))
    return after


def _symbol(call: Call) -> int:
    sign = SYMBOLS[call.name]
    call.flow.add(Joint(sign, after=len(sign) == 1 and sign.isalpha()))
    group = call.group()
    return group.after if group and group.low == group.high else call.position


def _accent(call: Call) -> int | None:
    return accent(call.reader, call.position, call.high, call.flow, call.name)


def _font(call: Call) -> int:
    call.flow.add(Joint("", after=True))
    return call.position


def _newline(call: Call) -> int:
    call.flow.break_line()
    return call.position


def _paragraph(call: Call) -> int:
    call.flow.end_paragraph()
    return call.position


def _quad(call: Call) -> int:
    call.flow.add(Joint(" ", before=True, after=True))
    return call.position


def _note(call: Call) -> int | None:
    group = call.content()
    if group is None:
        return None
    content = call.line(group)
    if content:
        call.flow.add(Joint("", before=True), Note(content))
    return group.after


def _footnote_mark(call: Call) -> int:
    option = call.option()
    call.flow.add(*marked(call.reader, option))
    return option.after if option else call.position


def _link(call: Call) -> int | None:
    address = call.group()
    text = call.group(address) if address else None
    if address is None or text is None:
        return None
    call.flow.add(*call.line(text), Text(" ("), *call.line(address), Text(")"))
    return text.after


def _cite(call: Call) -> int | None:
    group = call.content()
    if group is None:
        return None
    call.flow.add(Text("["), *call.line(group), Text("]"))
    return group.after


def _span(call: Call) -> int | None:
    found = span(call.reader, call.position, call.high, call.name)
    if found is None:
        return None
    if found.content is not None:
        call.flow.add(*call.reader.spaced(found.content, call.line(found.content)))
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
    **APART,
}
