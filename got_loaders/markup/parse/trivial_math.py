r"""Formulas that are none: spaces, marks and ordinals, such as ``\(\quad\)`` and ``\({ }^{1}\)``.

And what the parser and all writers do with the text of a real one, whatever it says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = [
    "TrivialMath",
    "collapse_spaces",
    "escape_delimiters",
    "render_trivial_math",
    "strip_math",
    "to_subscript",
    "to_superscript",
    "wrap_aligned",
]

_MAX_CHARS = 200
"""Characters; a longer formula is one."""
_UP = dict(zip("0123456789+-=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾", strict=True))
_DOWN = dict(zip("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", strict=True))
_THEMSELVES = "*,;†‡§¶®©™°\N{PRIME}• "
"""Signs that are shown as they are above the line."""
_WORDS = {"TM": "™", "R": "®", "SM": "℠", "st": "st", "nd": "nd", "rd": "rd", "th": "th"}
_SIGNS = {
    "dagger": "†", "dag": "†", "ddagger": "‡", "ddag": "‡", "circledR": "®", "copyright": "©",
    "ast": "*", "star": "⋆", "circ": "°", "degree": "°", "bullet": "•", "checkmark": "✓",
    "S": "§", "P": "¶", "prime": "\N{PRIME}", "textregistered": "®",
}  # fmt: skip
_ALONE = {"dagger", "dag", "ddagger", "ddag", "circledR", "copyright", "bullet", "checkmark"}
"""Signs that are text on the line, too; there the others are a formula's."""

_FONT = r"\\(?:text|mathrm|textrm|textsuperscript|mathit|rm)\s*"
_BRACED = r"\{(?:[^{}]|\{[^{}]*\})*\}"
_UNIT = re.compile(
    rf"""
      (?P<blank>\s+|\{{\s*\}})
    | (?P<space>~|\\(?:quad|qquad|enspace|thinspace)(?![A-Za-z])|\\[,;:!>\ ])
    | \^\s*(?P<up>{_BRACED}|\\[A-Za-z]+|[0-9*†‡])
    | \\(?P<sign>{"|".join(_ALONE)})(?![A-Za-z])
    | (?P<comma>[,;])
    """,
    re.VERBOSE,
)
_ORDINAL = re.compile(rf"(\d+)\s*\^\s*\{{\s*(?:{_FONT})?\{{?\s*(st|nd|rd|th)[\s~]*\}}?\s*\}}")
_FONT_GROUP = re.compile(rf"{_FONT}\{{([^{{}}]*)\}}|{_FONT}")
_MATH_SIGNS = re.compile(r"(\\.)|[$%]", re.DOTALL)
_MARKS = re.compile(r"\\([A-Za-z]+)|\\[,;:!>]|[{}\s]|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class TrivialMath:
    """What a formula of mere layout shows; ``attached`` means to what stands before it."""

    text: str
    attached: bool = False


def render_trivial_math(tex: str) -> TrivialMath | None:
    """What is shown by a formula of mere layout; None for a real one."""
    tex = tex.strip()
    if not tex or len(tex) > _MAX_CHARS:
        return None
    if ordinal := _ORDINAL.fullmatch(tex):
        return TrivialMath(ordinal[1] + ordinal[2])
    units: list[str] = []
    position, attached = 0, False
    while position < len(tex):
        unit = _UNIT.match(tex, position)
        text = _unit_text(unit) if unit else None
        if unit is None or text is None:
            return None
        attached |= unit.lastgroup == "up" and not "".join(units)
        units.append(text)
        position = unit.end()
    return TrivialMath(re.sub(" +", " ", "".join(units)), attached)


def to_superscript(text: str) -> str | None:
    """Characters above the line, where each has one of its own; ordinals keep their letters."""
    return _signs(text, _UP)


def to_subscript(text: str) -> str | None:
    """Characters below the line, where each has one of its own."""
    return _signs(text, _DOWN)


def wrap_aligned(tex: str, environment: str) -> str:
    r"""A formula of several lines as one that may stand between dollars.

    ``aligned`` and ``gathered`` may; where lines have numbers of their own (``\tag``) only the
    environment that stands alone can show them.
    """
    if not environment:
        return tex
    name = f"{environment}*" if "\\tag" in tex else f"{environment}ed"
    return f"\\begin{{{name}}} {tex.strip()} \\end{{{name}}}"


def escape_delimiters(tex: str) -> str:
    """A formula in which ``$`` and ``%`` are characters: they would end it or hide its end."""
    return _MATH_SIGNS.sub(lambda match: match[1] or "\\" + match[0], tex)


def strip_math(tex: str) -> str:
    """A formula without the blanks around it, of which the last may be a control space."""
    tex = tex.strip()
    end = len(tex)
    while end and tex[end - 1] == "\\" and not _is_escaped(tex, end - 1):
        end -= 1
        while end and tex[end - 1].isspace():
            end -= 1
    return tex[:end]


def _is_escaped(tex: str, position: int) -> bool:
    """Whether the backslash there is the second of a pair."""
    before = position
    while before and tex[before - 1] == "\\":
        before -= 1
    return (position - before) % 2 == 1


def collapse_spaces(text: str) -> str:
    """``text`` on one line, with one blank for each white space in it."""
    return " ".join(text.split())


def _unit_text(unit: re.Match[str]) -> str | None:
    match unit.lastgroup:
        case "blank":
            return ""
        case "space":
            return " "
        case "up":
            return _signs(unit["up"], _UP)
        case "sign":
            return _SIGNS[unit["sign"]]
        case _:
            return unit["comma"]


def _signs(tex: str, characters: dict[str, str]) -> str | None:
    bare = _FONT_GROUP.sub(r"\1", tex)
    word = bare.strip("{} \t\n~")
    if word in _WORDS and characters is _UP:
        return _WORDS[word]
    parts: list[str] = []
    for mark in _MARKS.finditer(bare):
        if mark[1]:
            sign = _SIGNS.get(mark[1])
        elif mark[0][0] in "\\{}" or mark[0].isspace():
            sign = ""
        else:
            sign = characters.get(mark[0]) or (mark[0] if mark[0] in _THEMSELVES else None)
        if sign is None:
            return None
        parts.append(sign)
    return "".join(parts) or None
