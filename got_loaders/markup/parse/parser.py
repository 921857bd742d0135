r"""Reads a formatted reading into blocks: tolerant LaTeX, in one pass over its tokens.

What has a meaning to a reader becomes a node; what has none (lengths, rules, labels) goes; what
is not understood stays as text. Each token is looked at in the innermost range that holds it,
and ranges nest to a limit only, beyond which everything is text.
"""

from __future__ import annotations

from dataclasses import replace

from got_loaders.markup.nodes import Block, Code, Display, Fenced, Maths
from got_loaders.markup.parse.block_builder import Flow, Joint, flattened
from got_loaders.markup.parse.commands import command
from got_loaders.markup.parse.content_kind import parts
from got_loaders.markup.parse.cursor import Reader
from got_loaders.markup.parse.environments import environment
from got_loaders.markup.parse.latex_commands import ACCENTS, ESCAPED, FONTS, Style
from got_loaders.markup.parse.pairing import source
from got_loaders.markup.parse.spacing_commands import skip_height
from got_loaders.markup.parse.styles import accent, styled
from got_loaders.markup.parse.trivial_math import layout, trimmed

__all__ = ["parse", "parse_counted"]

_SPACES = {",": " ", ";": " ", ":": " ", ">": " ", "!": "", "-": "", "/": "", "@": ""}


def parse(text: str) -> tuple[Block, ...]:
    """The blocks of a formatted reading, in its order; together they hold all of its text."""
    return parse_counted(text)[0]


def parse_counted(text: str) -> tuple[tuple[Block, ...], int]:
    """The blocks of a formatted reading, and how many steps it took to find them."""
    blocks: list[Block] = []
    steps = 0
    for part in parts(text.replace("\r\n", "\n").replace("\r", "\n")):
        if part.language:
            blocks.append(Fenced(part.text.strip("\n"), part.language))
            continue
        found = source(part.text)
        blocks.extend(_read(Reader(found, _read), 0, len(found.tokens)))
        steps += found.steps
    return tuple(blocks), steps


def _read(reader: Reader, low: int, high: int) -> tuple[Block, ...]:
    flow = Flow()
    position = low
    while position < high:
        reader.source.steps += 1
        position = _token(reader, position, high, flow)
    return flow.done()


def _token(reader: Reader, position: int, high: int, flow: Flow) -> int:
    """Take the token at ``position`` in, with all that belongs to it; gives the next one."""
    token = reader.source.tokens[position]
    match token.kind:
        case "command":
            return command(reader, position, high, flow)
        case "symbol":
            return _symbol(reader, position, high, flow)
        case "dollar":
            return _formula(reader, position, high, flow)
        case "open":
            return _group(reader, position, high, flow)
        case "begin":
            return environment(reader, position, high, flow)
        case "smiles":
            flow.add(Code(token.text.strip(), "smiles"))
        case "end":
            flow.text(reader.source.text[token.start : token.end])
        case _:
            flow.text(token.text)
    return position + 1


def _symbol(reader: Reader, position: int, high: int, flow: Flow) -> int:
    sign = reader.source.tokens[position].text
    after: int | None = position + 1
    if sign in ("(", "["):
        return _formula(reader, position, high, flow)
    if sign == "\\":
        flow.break_line()
        return skip_height(reader, position + 1, high)
    if sign and sign in ESCAPED:
        flow.text(sign)
    elif sign in ACCENTS:
        after = accent(reader, position + 1, high, flow, sign)
    elif sign in _SPACES:
        flow.text(_SPACES[sign])
    elif sign or not _is_control_space(reader, position):
        after = None
    if after is None:
        flow.text(f"\\{sign}")
        return position + 1
    return after


def _is_control_space(reader: Reader, position: int) -> bool:
    r"""Whether a backslash before a blank is that of ``Fig.\ 1``; apart it stands for itself."""
    token = reader.source.tokens[position]
    text = reader.source.text
    before = text[token.start - 1] if token.start else " "
    return not before.isspace() and text[token.end : token.end + 1] == " "


def _formula(reader: Reader, position: int, high: int, flow: Flow) -> int:
    source = reader.source
    token, partner = source.tokens[position], source.partner[position]
    if not 0 < partner < high:
        flow.text(source.text[token.start : token.end])
        return position + 1
    tex = trimmed(source.text[token.end : source.tokens[partner].start])
    if token.text in ("[", "$$"):
        flow.block(*([Display(tex)] if tex else []))
    elif (shown := layout(tex)) is None:
        flow.add(*([Maths(tex)] if tex else []))
    else:
        blank = shown.text[:1] == " "
        flow.add(Joint(shown.text, shown.attached or blank, shown.text[-1:] == " "))
    return partner + 1


def _group(reader: Reader, position: int, high: int, flow: Flow) -> int:
    """Braces: those that only hold a change of font go, the others are text."""
    group = reader.group(position, high)
    if group is not None and reader.skip_blank(group.low, group.high) == group.high:
        return group.after
    first = reader.skip_blank(group.low, group.high) if group else high
    style, content = _fonts(reader, first, group.high) if group else (None, first)
    if group is None or content == first or not reader.may_nest:
        flow.text("{")
        return position + 1
    inner = replace(group, low=content)
    flow.add(*reader.spaced(inner, styled(style, flattened(reader.blocks(content, group.high)))))
    return group.after


def _fonts(reader: Reader, position: int, high: int) -> tuple[Style | None, int]:
    """The style that the commands at the start of a group ask for, and the token after them."""
    style: Style | None = None
    while position < high:
        token = reader.source.tokens[position]
        if token.kind != "command" or token.text not in FONTS:
            break
        style = FONTS[token.text] or style
        position = reader.skip_blank(position + 1, high)
    return style, position
