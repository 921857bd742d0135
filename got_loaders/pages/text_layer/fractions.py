"""Finds fractions that are set with a raised and a small number: ``48½``. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from got_loaders.pages.text_layer.glyphs import Glyph
from got_loaders.pages.text_layer.styled_text import LOWERED, RAISED

_SLASHES = "/\u2044\u2215"
_FRACTIONS = {
    "1/2": "½", "1/3": "⅓", "2/3": "⅔", "1/4": "¼", "3/4": "¾", "1/5": "⅕", "2/5": "⅖",
    "3/5": "⅗", "4/5": "⅘", "1/6": "⅙", "5/6": "⅚", "1/7": "⅐", "1/8": "⅛", "3/8": "⅜",
    "5/8": "⅝", "7/8": "⅞", "1/9": "⅑", "1/10": "⅒",
}  # fmt: skip


_BEFORE = "-+\u00b1(\u2013"
"""What may stand right before a fraction, besides digits."""


def mark_fractions(glyphs: Sequence[Glyph], max_size: float) -> list[Glyph]:
    """Glyphs, in which fractions are one character where there is one for them, else their
    lower number is lowered; it is no larger than ``max_size``."""
    marked: list[Glyph] = []
    n = 0
    while n < len(glyphs):
        end = _fraction_end(glyphs, n, max_size)
        marked += _fraction(glyphs[n:end]) if end else glyphs[n : n + 1]
        n = end or n + 1
    return marked


def _fraction_end(glyphs: Sequence[Glyph], start: int, max_size: float) -> int:
    """Where a fraction ends that begins here: raised digits, a slash, small digits; else 0."""
    before = glyphs[start - 1] if start else None
    if before is not None and (
        before.style.script
        or not (before.char.isdigit() or before.is_blank or before.char in _BEFORE)
    ):
        return 0
    slash = start
    while slash < len(glyphs) and _is_digit(glyphs[slash], RAISED):
        slash += 1
    if slash == start or slash == len(glyphs) or glyphs[slash].char not in _SLASHES:
        return 0
    end = slash + 1
    while (
        end < len(glyphs) and glyphs[end].size <= max_size and _is_digit(glyphs[end], "", LOWERED)
    ):
        end += 1
    return end if end > slash + 1 else 0


def _is_digit(glyph: Glyph, *scripts: str) -> bool:
    return glyph.char.isdigit() and glyph.style.script in scripts


def _fraction(glyphs: Sequence[Glyph]) -> list[Glyph]:
    text = "".join("/" if glyph.char in _SLASHES else glyph.char for glyph in glyphs)
    first = glyphs[0]
    if text in _FRACTIONS:
        box = first.box.union(*(glyph.box for glyph in glyphs[1:]))
        style = first.style._replace(script="")
        return [first._replace(char=_FRACTIONS[text], box=box, style=style)]
    slash = text.index("/")
    scripts = [RAISED] * slash + [""] + [LOWERED] * (len(text) - slash - 1)
    return [
        glyph._replace(
            char="\u2044" if char == "/" else char,
            style=glyph.style._replace(script=script),
        )
        for glyph, char, script in zip(glyphs, text, scripts, strict=True)
    ]
