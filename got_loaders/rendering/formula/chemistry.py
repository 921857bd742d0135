r"""Chemical formulas and reactions as mhchem spells them (``\ce{2H2 + O2 -> 2H2O}``) → plain TeX.

The part that papers use: atoms and groups, numbers below and above, charges, bonds, coefficients,
arrows with conditions, states, precipitates and gases, formulas between dollars. What is more is
shown as it is written, upright.
"""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = ["chemical_tex"]

_BRACED = r"\{[^{}]*\}"
_ARROWS = {
    "<=>>": r"\rightleftharpoons", "<<=>": r"\rightleftharpoons", "<-->": r"\leftrightarrows",
    "<=>": r"\rightleftharpoons", "<->": r"\leftrightarrow", "->": r"\rightarrow",
    "<-": r"\leftarrow",
}  # fmt: skip
_ARROW_NAMES = "|".join(map(re.escape, _ARROWS))
_PIECE = re.compile(
    rf"""
      (?P<space>\s+)
    | (?P<arrow>{_ARROW_NAMES})(?:\[(?P<above>[^\[\]]*)\])?(?:\[(?P<below>[^\[\]]*)\])?
    | (?P<math>\$[^$]*\$)
    | (?P<gas>(?<=\s)(?:\^|v)(?=\s|\Z))
    | (?P<up>\^(?:{_BRACED}|[0-9]*[+-]?|[A-Za-z]|\\[A-Za-z]+))
    | (?P<down>_(?:{_BRACED}|[0-9A-Za-z]|\\[A-Za-z]+))
    | (?P<count>(?<![A-Za-z0-9)\]}}])(?:[0-9]+/[0-9]+|[0-9]+(?:\.[0-9]+)?)(?=\s?[A-Za-z(\[]))
    | (?P<letters>[A-Za-z]+)
    | (?P<number>(?<=[A-Za-z)\]}}])[0-9]+)
    | (?P<charge>(?<=[A-Za-z0-9)\]}}])[+-](?=\s|\Z|[)\]^_]))
    | (?P<bond>(?<=[A-Za-z0-9)\]}}])[-=\#](?=[A-Za-z(\[]))
    | (?P<dot>\s?[*.]\s?(?=[0-9A-Z]))
    | (?P<command>\\[A-Za-z]+)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)  # fmt: skip


def chemical_tex(source: str) -> str:
    r"""What stands between the braces of ``\ce``, as TeX; linear in its length."""
    return "".join(_WRITERS[match.lastgroup or "other"](match) for match in _matches(source))


def _matches(source: str) -> list[re.Match[str]]:
    return list(_PIECE.finditer(" ".join(source.split())))


def _arrow(match: re.Match[str]) -> str:
    above, below = (chemical_tex(match[side] or "") for side in ("above", "below"))
    arrow = rf"\;{_ARROWS[match['arrow']]}\;"
    if above:
        arrow = rf"\overset{{{above}}}{{{arrow}}}"
    return rf"\underset{{{below}}}{{{arrow}}}" if below else arrow


def _script(sign: str) -> Callable[[re.Match[str]], str]:
    def write(match: re.Match[str]) -> str:
        content = match[0][1:].strip("{}")
        return rf"{sign}{{\mathrm{{{content}}}}}" if content else ""

    return write


def _count(match: re.Match[str]) -> str:
    whole, _, part = match[0].partition("/")
    return rf"\tfrac{{{whole}}}{{{part}}}\," if part else rf"{whole}\,"


_BONDS = {"-": "{-}", "=": "{=}", "#": r"{\equiv}"}
_OTHERS = {"#": r"\#", "%": r"\%", "&": r"\&", "+": "{}+{}", "{": "{", "}": "}"}
_WRITERS: dict[str, Callable[[re.Match[str]], str]] = {
    "space": lambda _: " ",
    "arrow": _arrow, "above": _arrow, "below": _arrow,
    "math": lambda match: f"{{{match[0][1:-1]}}}",
    "gas": lambda match: r"\uparrow " if match[0] == "^" else r"\downarrow ",
    "up": _script("^"),
    "down": _script("_"),
    "count": _count,
    "letters": lambda match: rf"\mathrm{{{match[0]}}}",
    "number": lambda match: f"_{{{match[0]}}}",
    "charge": lambda match: f"^{{{match[0]}}}",
    "bond": lambda match: _BONDS[match[0]],
    "dot": lambda _: r"\cdot ",
    "command": lambda match: f"{match[0]} ",
    "other": lambda match: _OTHERS.get(match[0], match[0]),
}  # fmt: skip
