r"""Writes what stands in a line as Markdown.

Emphasis is written only where CommonMark would take it for such: its marks need a blank or a
sign on one side. Formulas are left as they are but for what would end or begin something else.
"""

from __future__ import annotations

import re
import unicodedata

import got_loaders.markup.nodes as nodes
from got_loaders.markup.parse.trivial_math import collapse_spaces
from got_loaders.markup.write.latex.escape import latex_text
from got_loaders.markup.write.markdown_escape import escape_inline
from got_loaders.markup.write.neutralize import neutralize

__all__ = ["inline_markdown", "inline_math"]

_IN_MATH = re.compile(r"(\\.)|([$%])|(<)(?=[A-Za-z/!?])|(\])(?=[(\[:])", re.DOTALL)
_BACKQUOTES = re.compile(r"`+")


def inline_markdown(content: nodes.Inlines, *, in_table: bool = False) -> str:
    """A line, or the lines of a paragraph; of a table's cell with ``<br>``."""
    pieces = [_piece(item, in_table) for item in content]
    parts: list[str] = []
    for number, (mark, text) in enumerate(pieces):
        before = parts[-1][-1:] if parts else ""
        if mark in ("*", "**"):
            after = pieces[number + 1][1][:1] if number + 1 < len(pieces) else ""
            marked = _may_mark(before, text, after)
            text = f"{mark}{text}{mark}" if marked else text
        elif mark and before == mark:
            text = f" {text}"  # two formulas, or two spans of code, would be one
        if text:
            parts.append(text)
    return "".join(parts)


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


def _piece(item: nodes.Inline, in_table: bool) -> tuple[str, str]:
    """What to write, and the mark around it, or that it must not touch."""
    match item:
        case nodes.Text(text):
            return "", escape_inline(text)
        case nodes.InlineMath(tex):
            return "$", _protect_bars(inline_math(tex, "$") or " ", in_table)
        case nodes.Code(text, _):
            return "`", _protect_bars(_code(collapse_spaces(text)), in_table)
        case nodes.LineBreak():
            return "", "<br>" if in_table else "\n"
        case nodes.Bold(content):
            return "**", inline_markdown(content, in_table=in_table)
        case nodes.Italic(content):
            return "*", inline_markdown(content, in_table=in_table)
        case nodes.Underline(content):
            return "", inline_markdown(content, in_table=in_table)
        case nodes.InlineFootnote(content):
            return "", f" ({inline_markdown(content, in_table=in_table)})"
        case nodes.Superscript(content):
            return "$", _script("^", content, in_table)
        case nodes.Subscript(content):
            return "$", _script("_", content, in_table)


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


def _may_mark(before: str, text: str, after: str) -> bool:
    """Whether marks around ``text`` are both taken for emphasis (CommonMark 0.31, 6.2)."""
    if not text or text[0].isspace() or text[-1].isspace() or before == "*" or after == "*":
        return False
    opens = not _is_sign(text[0]) or not before or before.isspace() or _is_sign(before)
    closes = not _is_sign(text[-1]) or not after or after.isspace() or _is_sign(after)
    return opens and closes


def _is_sign(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"
