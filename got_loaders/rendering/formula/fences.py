r"""Brackets that are never closed, which a model that runs away writes by the hundred.

``math_core`` 0.9 looks for the other half of each bracket, and begins anew at each that has none:
its time doubles with every one of them, and some thirty would take a day. Where there are many, all
brackets become text, which pairs with nothing and looks the same.
"""

from __future__ import annotations

import re

__all__ = ["without_open_brackets"]

_MAX_OPEN = 8
"""Brackets without their other half that are left as they are: 2**8 attempts, some microseconds."""

_OPENING = {
    "(": "(", "[": "[", r"\{": r"\{", r"\lbrace": r"\{", r"\lbrack": "[", r"\langle": "⟨",
    r"\lang": "⟨", r"\lfloor": "⌊", r"\lceil": "⌈", r"\lvert": "|", r"\lVert": "‖",
    r"\lgroup": "⟮", r"\lmoustache": "⎰", r"\ulcorner": "⌜", r"\llcorner": "⌞",
    r"\llbracket": "⟦", "⟨": "⟨", "⌊": "⌊", "⌈": "⌈", "⟦": "⟦", "⟪": "⟪", "⟮": "⟮",
}  # fmt: skip
_CLOSING = frozenset(
    [")", "]", r"\}", r"\rbrace", r"\rbrack", r"\rangle", r"\rang", r"\rfloor", r"\rceil",
     r"\rvert", r"\rVert", r"\rgroup", r"\rmoustache", r"\urcorner", r"\lrcorner", r"\rrbracket",
     "⟩", "⌋", "⌉", "⟧", "⟫", "⟯"]
)  # fmt: skip
_SIZED_OPENING = re.compile(r"\\[bB]igg?l\Z")
_SIZED_CLOSING = re.compile(r"\\[bB]igg?r\Z")
"""Before any sign, be it a bar: it opens, or closes."""

_SIZED = re.compile(r"\\[bB]igg?[lmr]?\Z")
_TOKEN = re.compile(r"\\(?:begin|end)\{[A-Za-z]+\*?\}|\\[A-Za-z]+|\\.|.", re.DOTALL)
_OPTION = re.compile(
    r"\\(?:left|middle|right|sqrt|x(?:[lrLR]|maps|hook|tofrom|twohead)[A-Za-z]*)\Z"
)
"""Before a bracket whose other half is known, or that is none."""


def without_open_brackets(tex: str) -> str:
    """The formula, its brackets as text if more than a few of them are never closed."""
    tokens = _TOKEN.findall(tex)
    if _open(tokens) <= _MAX_OPEN:
        return tex
    parts: list[str] = []
    for before, token in zip(["", *tokens], tokens, strict=False):
        if _SIZED.match(token):
            parts.append("")
        elif token in _OPENING and not _OPTION.match(before):
            parts.append(rf"\text{{{_OPENING[token]}}}")
        else:
            parts.append(token)
    return "".join(parts)


def _open(tokens: list[str]) -> int:
    """How many brackets have no other half within the same braces, cell or line."""
    total, levels = 0, [0]
    for before, token in zip(["", *tokens], tokens, strict=False):
        if _OPTION.match(before) or _SIZED.match(before):
            continue
        if token in _OPENING or _SIZED_OPENING.match(token):
            levels[-1] += 1
        elif token in _CLOSING or _SIZED_CLOSING.match(token):
            levels[-1] = max(0, levels[-1] - 1)
        elif token in ("{", r"\left") or token.startswith(r"\begin"):
            levels.append(0)
        elif (token in ("}", r"\right") or token.startswith(r"\end")) and len(levels) > 1:
            total += levels.pop()
        elif token in ("&", r"\\", r"\middle"):
            total += levels[-1]
            levels[-1] = 0
    return total + sum(levels)
