"""A PDF's page labels ("iv", "A-3"), by the rules of ISO 32000-1, 12.4.2. Pure.

PyMuPDF's own reader mistakes prefixes that hold a slash, a bracket or UTF-16, and counts aa, ab,
ac where the standard says aa, bb, cc.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class LabelRule:
    """From 0-based page ``start`` on: ``prefix``, then the number counted from ``first``."""

    start: int
    style: str = ""
    prefix: str = ""
    first: int = 1


def page_label(number: int, rules: Sequence[LabelRule]) -> str:
    """The label of 0-based page ``number``; ``rules`` are sorted. "" where there is none."""
    index = bisect_right(rules, number, key=lambda rule: rule.start) - 1
    if index < 0:
        return ""
    rule = rules[index]
    return rule.prefix + _numeral(number - rule.start + rule.first, rule.style)


def _numeral(value: int, style: str) -> str:
    if not 0 < value < 5000:  # no real numeral, and a hostile one would fill the memory
        return str(value) if style else ""
    if style in ("r", "R"):
        text = _roman(value)
    elif style in ("a", "A"):
        text = chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 + 1)
    else:
        return str(value) if style == "D" else ""
    return text.upper() if style.isupper() else text


def _roman(value: int) -> str:
    text = ""
    for worth, letters in _ROMAN:
        count, value = divmod(value, worth)
        text += letters * count
    return text
