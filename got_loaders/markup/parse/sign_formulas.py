r"""Signs that are characters of their own: ``\textcircled{1}``, ``\ding{51}``, a box in a formula.

What a form shows as a box to tick is a sign on its line, not mathematics; within a longer
formula the same commands stay what they are.
"""

from __future__ import annotations

import re

__all__ = ["circled", "ding", "sign_of_formula"]

_CIRCLED = {str(n): c for n, c in enumerate("⓪①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳")}
_CIRCLED |= {str(n): chr(0x3251 + n - 21) for n in range(21, 36)}
_CIRCLED |= {str(n): chr(0x32B1 + n - 36) for n in range(36, 51)}
_CIRCLED |= {chr(ord("A") + n): chr(0x24B6 + n) for n in range(26)}
_CIRCLED |= {chr(ord("a") + n): chr(0x24D0 + n) for n in range(26)}
_CIRCLED |= {"R": "®", "c": "©", "P": "℗", "+": "⊕", "-": "⊖", "×": "⊗", "*": "⊛", "": "○"}

_DINGS = {
    "33": "✁", "34": "✂", "37": "☎", "41": "✉", "45": "✍", "46": "✎", "51": "✓", "52": "✔",
    "53": "✕", "54": "✖", "55": "✗", "56": "✘", "72": "★", "73": "✩", "108": "●", "109": "❍",
    "110": "■", "111": "❑", "115": "▲", "116": "▼", "117": "◆", "118": "❖", "167": "▪",
    **{str(171 + n): chr(0x245F + n) for n in range(1, 11)},
    **{str(181 + n): chr(0x2775 + n) for n in range(1, 11)},
    **{str(191 + n): chr(0x277F + n) for n in range(1, 11)},
    **{str(201 + n): chr(0x2789 + n) for n in range(1, 11)},
    "212": "➔", "213": "→", "214": "↔", "217": "➙", "220": "➜", "222": "➞", "224": "➠", "228": "➤",
}  # fmt: skip
"""The dingbats of ``pifont`` that texts have, by their number."""

_ALONE = {
    "square": "□", "Box": "□", "blacksquare": "■", "boxtimes": "☒", "checkmark": "✓",
    "bigcirc": "○", "bigstar": "★", "cmark": "✓", "xmark": "✗",
}  # fmt: skip
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_BOXED = re.compile(r"\\(?:boxed|fbox)\s*\{\s*(.{0,40}?)\s*\}", re.DOTALL)
_IN_BOXES = {
    r"\checkmark": "☑", "✓": "☑", r"\times": "☒", "×": "☒", "": "□", r"\quad": "□", r"\ ": "□",
    "~": "□", r"\phantom{x}": "□", r"\phantom{X}": "□",
}  # fmt: skip
_CIRCLE = re.compile(r"\\(?:textcircled|circled)\s*(?:\{\s*([^{}]{0,30}?)\s*\}|([A-Za-z0-9]))")
_WRAPPED = re.compile(r"\\(?:text|mathrm|textrm|mbox)\s*\{\s*(.*?)\s*\}", re.DOTALL)
_FONTS = re.compile(
    r"\\(?:small|footnotesize|scriptsize|tiny|normalsize|raisebox|bf|rm|mathbf)\b\s*"
)
_MAX_CHARS = 60
"""Characters; a longer formula is no sign."""


def circled(text: str) -> str:
    """A number or letter in a circle; in brackets where there is no such character."""
    text = text.strip()
    return _CIRCLED.get(text) or f"({text})"


def ding(number: str) -> str | None:
    """The dingbat of that number; None where it is not known."""
    return _DINGS.get(number.strip())


def sign_of_formula(tex: str) -> str | None:
    r"""The character that is all that a formula shows (``\square`` → □); None for a real one."""
    tex = tex.strip()
    if len(tex) > _MAX_CHARS or "\\" not in tex:
        return None
    if command := _COMMAND.fullmatch(tex):
        return _ALONE.get(command[1])
    if circle := _CIRCLE.fullmatch(tex):
        return _CIRCLED.get(_FONTS.sub("", circle[1] or circle[2] or ""))
    if boxed := _BOXED.fullmatch(tex):
        return _IN_BOXES.get(boxed[1])
    wrapped = _WRAPPED.fullmatch(tex)
    return sign_of_formula(wrapped[1]) if wrapped else None
