r"""Formulas that are none: spaces, marks and ordinals, such as ``\(\quad\)`` and ``\({ }^{1}\)``.

And what the parser and all writers do with the text of a real one, whatever it says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from got_loaders.markup.parse.raised_signs import SIGNS, to_mark, to_subscript

__all__ = [
    "TrivialMath", "collapse_spaces", "render_trivial_math", "strip_math", "wrap_aligned",
]  # fmt: skip

_MAX_CHARS = 200
"""Characters; a longer formula is one."""
_ALONE = {"dagger", "dag", "ddagger", "ddag", "circledR", "copyright", "bullet", "checkmark"}
"""Signs that are text on the line, too; there the others are a formula's."""

_FONT = r"\\(?:text|mathrm|textrm|textsuperscript|mathit|rm)\s*"
_BRACED = r"\{(?:[^{}]|\{[^{}]*\})*\}"
_UNIT = re.compile(
    rf"""
      (?P<blank>\s+|\{{\s*\}})
    | (?P<space>~|\\(?:quad|qquad|enspace|thinspace)(?![A-Za-z])|\\[,;:!>\ ])
    | \^\s*(?P<up>{_BRACED}|\\[A-Za-z]+|[0-9A-Za-z*†‡§¶+-])
    | _\s*(?P<down>{_BRACED}|[0-9])
    | \\(?P<sign>{"|".join(_ALONE)})(?![A-Za-z])
    | (?P<comma>[,;])
    """,
    re.VERBOSE,
)
_ORDINAL = re.compile(rf"(\d+)\s*\^\s*\{{\s*(?:{_FONT})?\{{?\s*(st|nd|rd|th)[\s~]*\}}?\s*\}}")


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
        attached |= unit.lastgroup in ("up", "down") and not "".join(units)
        units.append(text)
        position = unit.end()
    return TrivialMath(re.sub(" +", " ", "".join(units)), attached)


def wrap_aligned(tex: str, environment: str) -> str:
    r"""A formula of several lines as one that may stand between dollars.

    ``aligned`` and ``gathered`` may; where lines have numbers of their own (``\tag``) only the
    environment that stands alone can show them.
    """
    if not environment:
        return tex
    name = f"{environment}*" if "\\tag" in tex else f"{environment}ed"
    return f"\\begin{{{name}}} {tex.strip()} \\end{{{name}}}"


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
            return to_mark(unit["up"])
        case "down":
            return to_subscript(unit["down"])
        case "sign":
            return SIGNS[unit["sign"]]
        case _:
            return unit["comma"]
