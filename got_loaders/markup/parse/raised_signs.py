r"""Signs above and below the line that are characters: ``²``, ``₂``, ``†``, ``⁽ᵃ⁾``."""

from __future__ import annotations

import re

__all__ = ["LOWERED", "RAISED", "SIGNS", "to_mark", "to_subscript", "to_superscript"]

_UP = dict(zip("0123456789+-=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾", strict=True))
_DOWN = dict(zip("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", strict=True))
_UP_LETTERS = dict(
    zip(
        "abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW",
        "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ",
        strict=True,
    )
)
"""All that fonts have: Unicode's others (C, F, Q, q, S) are too new."""
_MARK_UP = {**_UP, **_UP_LETTERS, "\N{MINUS SIGN}": "⁻", "\N{EN DASH}": "⁻"}
RAISED = {ord(sign): character for character, sign in _MARK_UP.items() if character.isascii()}
"""What stands on its line for a sign above it, as `str.translate` takes it."""
LOWERED = {ord(sign): character for character, sign in _DOWN.items()}
"""The same for signs below the line."""
_THEMSELVES = "*,;†‡§¶®©™°#‖\N{PRIME}• "
"""Signs that are shown as they are above the line."""
_WORDS = {"TM": "™", "R": "®", "SM": "℠", "st": "st", "nd": "nd", "rd": "rd", "th": "th"}
SIGNS = {
    "dagger": "†", "dag": "†", "ddagger": "‡", "ddag": "‡", "circledR": "®", "copyright": "©",
    "ast": "*", "star": "⋆", "circ": "°", "degree": "°", "bullet": "•", "checkmark": "✓",
    "S": "§", "P": "¶", "prime": "\N{PRIME}", "textregistered": "®", "parallel": "‖",
    "dprime": "\N{DOUBLE PRIME}", "textdagger": "†", "textdaggerdbl": "‡", "textdegree": "°",
    "textasteriskcentered": "*", "textsection": "§", "textparagraph": "¶", "texttrademark": "™",
}  # fmt: skip
"""Commands of signs that stand above the line."""

_FONT = r"\\(?:text|mathrm|textrm|textsuperscript|mathit|textit|mathbf|textbf|boldsymbol|rm)\s*"
_FONT_GROUP = re.compile(rf"{_FONT}\{{([^{{}}]*)\}}|{_FONT}(?![A-Za-z])")
_BRACKETED = re.compile(r"\[[\s0-9A-Za-z,;*†‡\N{EN DASH}-]{1,30}\]")
_MARKS = re.compile(r"\\([A-Za-z]+)|\\[,;:!>\ ]|\\[#|]|[{}\s]|.", re.DOTALL)
_SUM = re.compile("[-+=]")
_LETTERS = re.compile(r"(?![ivx]{1,4}(?![A-Za-z]))[A-Za-z]{3}")
"""Letters that are a word; two can be the mark of a note, or a number such as ``viii``."""


def to_superscript(tex: str) -> str | None:
    """Characters above the line, where each has one of its own; ordinals keep their letters."""
    return _signs(tex, _UP)


def to_mark(tex: str) -> str | None:
    r"""The same for the mark of a note, which may be letters; ``[12]`` stays on its line."""
    bare = _FONT_GROUP.sub(r"\1", tex)
    if _BRACKETED.fullmatch(bracketed := bare.strip("{} \t\n~")):
        return re.sub(r"\s+", "", bracketed)
    letters = re.sub(r"\\[A-Za-z]+|\s", "", bare)
    if _LETTERS.search(letters) or (_SUM.search(letters) and re.search("[A-Za-z]", letters)):
        return None  # a word, an exponent
    return _signs(tex, _MARK_UP)


def to_subscript(tex: str) -> str | None:
    """Characters below the line, where each has one of its own."""
    return _signs(tex, _DOWN)


def _signs(tex: str, characters: dict[str, str]) -> str | None:
    bare = _FONT_GROUP.sub(r"\1", tex)
    word = "".join(bare.split()).strip("{}~")
    if word in _WORDS and characters is not _DOWN:
        return _WORDS[word]
    parts: list[str] = []
    for mark in _MARKS.finditer(bare):
        if mark[1]:
            sign = SIGNS.get(mark[1])
        elif mark[0] in (r"\#", r"\|"):
            sign = {r"\#": "#", r"\|": "‖"}[mark[0]]
        elif mark[0][0] in "\\{}~" or mark[0].isspace():
            sign = ""
        else:
            sign = characters.get(mark[0]) or (mark[0] if mark[0] in _THEMSELVES else None)
        if sign is None:
            return None
        parts.append(sign)
    return "".join(parts).replace("\N{PRIME}" * 2, "\N{DOUBLE PRIME}") or None
