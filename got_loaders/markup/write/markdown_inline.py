r"""Writes what stands in a line as Markdown.

Emphasis is written only where CommonMark would take it for such: its marks need a blank or a
sign on one side. Formulas are left as they are but for what would end or begin something else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

import got_loaders.markup.nodes as nodes
from got_loaders.markup.parse.trivial_math import collapse_spaces
from got_loaders.markup.write.latex.escape import latex_text
from got_loaders.markup.write.markdown_escape import escape_inline
from got_loaders.markup.write.neutralize import neutralize

__all__ = ["inline_markdown", "inline_math"]

_IN_MATH = re.compile(r"(\\.)|([$%])|(<)(?=[A-Za-z/!?])|(\])(?=[(\[:])", re.DOTALL)
_BACKQUOTES = re.compile(r"`+")
_HARD_BREAK = "  \n"
"""Two blanks: the other way, a backslash, would be a character of the text for an index."""
_SCRIPT = re.compile(r"\s?\$(?:\{\s?\}\s?)?[\^_]")
_EMPHASIS: dict[type[nodes.Inline], str] = {nodes.Bold: "**", nodes.Italic: "*"}


class _LinePart(NamedTuple):
    """A part of a line; ``mark`` is what it must not touch, a plain text is not escaped yet."""

    text: str
    mark: str = ""
    is_plain: bool = False


def inline_markdown(content: nodes.Inlines, *, in_table: bool = False) -> str:
    """A line, or the lines of a paragraph; of a table's cell with ``<br>``."""
    return _join(_pieces(content, in_table))


def _join(pieces: Iterable[_LinePart]) -> str:
    """The pieces as one. Texts that come to stand side by side are escaped as one text: a tag or a
    link is none until its last letter is there."""
    parts: list[str] = []
    for is_plain, group in groupby(pieces, key=lambda piece: piece.is_plain):
        text = "".join(piece.text for piece in group)
        parts.append(escape_inline(text) if is_plain else text)
    return "".join(parts)


def _pieces(content: nodes.Inlines, in_table: bool) -> list[_LinePart]:
    items = [(item, _item(item, in_table)) for item in content]
    pieces: list[_LinePart] = []
    for number, (item, inner) in enumerate(items):
        before = pieces[-1].text[-1] if pieces else ""
        if inner and (mark := _EMPHASIS.get(type(item))):
            following = items[number + 1][1] if number + 1 < len(items) else []
            if _may_mark(before, inner, _first_sign(following)):
                inner = [_LinePart(f"{mark}{_join(inner)}{mark}")]
        for piece in inner:
            touches = pieces and _touches(pieces[-1], piece)
            pieces.append(piece._replace(text=f" {piece.text}") if touches else piece)
    return pieces


def _touches(before: _LinePart, after: _LinePart) -> bool:
    """Whether a blank must keep two parts apart: two formulas, or one and a letter or a digit,
    beside which few readers know a dollar for a formula's; a script stays at its letter."""
    last, first = before.text[-1], after.text[0]
    if after.mark and last == after.mark:
        return True
    if before.mark == "$" and last == "$" and first.isalnum():
        return first.isdigit() or not _SCRIPT.match(before.text)
    return after.mark == "$" and last.isalnum() and not _SCRIPT.match(after.text)


def inline_math(tex: str, delimiter: str) -> str:
    r"""A formula on one line between dollars; ``$`` and ``%`` in it are the characters."""
    tex = _IN_MATH.sub(_shield, neutralize(collapse_spaces(tex)))
    if (len(tex) - len(tex.rstrip("\\"))) % 2:
        tex += " "  # it ended in a control space
    return delimiter + tex + delimiter if tex.strip() else ""


def _shield(match: re.Match[str]) -> str:
    """A blank after a sign changes no formula, and keeps Markdown from seeing a tag or a link."""
    if match[2]:
        return "\\" + match[2]
    return match[1] or f"{match[0]} "


def _item(item: nodes.Inline, in_table: bool) -> list[_LinePart]:
    """What to write of an item, without its emphasis."""
    match item:
        case nodes.Text(text):
            piece = _LinePart(text, is_plain=True)
        case nodes.InlineMath(tex):
            piece = _LinePart(_protect_bars(inline_math(tex, "$") or " ", in_table), "$")
        case nodes.Code(text, _):
            piece = _LinePart(_protect_bars(_code(collapse_spaces(text)), in_table), "`")
        case nodes.LineBreak():
            piece = _LinePart("<br>" if in_table else _HARD_BREAK)
        case nodes.InlineFootnote(content):
            piece = _LinePart(f" ({inline_markdown(content, in_table=in_table)})")
        case nodes.Superscript(content):
            piece = _LinePart(_script("^", content, in_table), "$")
        case nodes.Subscript(content):
            piece = _LinePart(_script("_", content, in_table), "$")
        case _:
            return _pieces(item.content, in_table)
    return [piece] if piece.text else []


def _script(sign: str, content: nodes.Inlines, in_table: bool) -> str:
    tex = f"{sign}{{\\text{{{latex_text(collapse_spaces(nodes.plain_text(content)))}}}}}"
    return _protect_bars(inline_math(tex, "$"), in_table)


def _protect_bars(text: str, in_table: bool) -> str:
    return text.replace("|", r"\|") if in_table else text


def _code(text: str) -> str:
    runs = set(map(len, _BACKQUOTES.findall(text)))
    length = next(n for n in range(1, len(runs) + 2) if n not in runs)
    blank = " " if text[:1] == "`" or text[-1:] == "`" else ""
    return f"{'`' * length}{blank}{text}{blank}{'`' * length}" if text else ""


def _may_mark(before: str, inner: Sequence[_LinePart], after: str) -> bool:
    """Whether marks around ``inner`` are both taken for emphasis (CommonMark 0.31, 6.2)."""
    first, last = inner[0].text[0], inner[-1].text[-1]
    if first.isspace() or last.isspace() or before == "*" or after == "*":
        return False
    opens = not _is_sign(first) or not before or before.isspace() or _is_sign(before)
    closes = not _is_sign(last) or not after or after.isspace() or _is_sign(after)
    return opens and closes


def _first_sign(pieces: Sequence[_LinePart]) -> str:
    """The first sign that will be written of them; a star of a text comes after a backslash."""
    if not pieces:
        return ""
    return "\\" if pieces[0].is_plain and pieces[0].text[0] == "*" else pieces[0].text[0]


def _is_sign(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"
