r"""Takes formulas out of the words of a formula: ``\text{if $x>0$}`` becomes ``\text{if }x>0``.

Between dollars in Markdown, and for some readers of formulas, no other dollars may stand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from got_loaders.markup.parse.lexer import Token

__all__ = ["split_dollars", "text_braces"]

_TEXT_COMMANDS = frozenset(
    ["text", "textrm", "textnormal", "textup", "textmd", "mbox", "hbox", "textit", "textbf"]
)
"""Commands whose argument is text, also within a formula."""

_MARK = re.compile(r"\\(?P<name>[A-Za-z]+)|\\.|(?P<mark>[{}$])", re.DOTALL)
_EMPTY = re.compile(rf"\\(?:{'|'.join(sorted(_TEXT_COMMANDS))})\s*\{{\}}")
_MATH_LIKE = re.compile(r"[\\^_=<>]")


@dataclass(slots=True)
class _Group:
    """Braces that are open; those of a text know their command and the dollars in them."""

    command: str = ""
    dollars: list[int] = field(default_factory=list)


def split_dollars(tex: str) -> str:
    """The formula with every formula in its texts outside them; other dollars stay."""
    if "$" not in tex:
        return tex
    cuts: list[tuple[int, int, str]] = []
    groups: list[_Group] = []
    command, command_end = "", -1
    for match in _MARK.finditer(tex):
        if name := match["name"]:
            command, command_end = name, match.end()
        elif match["mark"] == "{":
            is_text = command in _TEXT_COMMANDS and not tex[command_end : match.start()].strip()
            groups.append(_Group(command if is_text else ""))
            command = ""
        elif match["mark"] == "}" and groups:
            group = groups.pop()
            cuts.extend((*pair, group.command) for pair in _pairs(tex, group.dollars))
        elif match["mark"] == "$" and groups and groups[-1].command:
            groups[-1].dollars.append(match.start())
    return _EMPTY.sub("", _cut(tex, sorted(cuts))) if cuts else tex


def text_braces(tokens: list[Token]) -> dict[int, int]:
    r"""The braces of each ``\text{…}``: dollars in them are none of the formula around it."""
    texts: dict[int, int] = {}
    opened: list[int] = []
    for position, token in enumerate(tokens):
        if token.kind == "open":
            opened.append(position)
        elif token.kind == "close" and opened:
            opening = opened.pop()
            before = tokens[opening - 1] if opening else None
            if before and before.kind == "text" and before.text.isspace():
                before = tokens[opening - 2] if opening > 1 else None
            if before and before.kind == "command" and before.text in _TEXT_COMMANDS:
                texts[opening] = position
    return texts


def _pairs(tex: str, dollars: list[int]) -> list[tuple[int, int]]:
    """The dollars that have a formula between them."""
    pairs: list[tuple[int, int]] = []
    opened = -1
    for dollar in dollars:
        if opened >= 0 and _is_formula(tex[opened + 1 : dollar], tex[dollar + 1 : dollar + 2]):
            pairs.append((opened, dollar))
            opened = -1
        else:
            opened = dollar
    return pairs


def _is_formula(inside: str, following: str) -> bool:
    if not inside or inside[0].isspace() or inside[-1].isspace() or following.isdigit():
        return False
    return bool(_MATH_LIKE.search(inside)) or not any(map(str.isspace, inside))


def _cut(tex: str, cuts: list[tuple[int, int, str]]) -> str:
    parts: list[str] = []
    done = 0
    for opening, closing, command in cuts:
        if opening < done:
            continue  # in a text within the formula that was taken out
        parts.append(f"{tex[done:opening]}}}{{{tex[opening + 1 : closing]}}}\\{command}{{")
        done = closing + 1
    return "".join([*parts, tex[done:]])
