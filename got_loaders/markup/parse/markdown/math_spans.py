r"""Whether what stands between dollars, or brackets with backslashes, is a formula in Markdown.

A dollar may be money, and ``\[1\]`` a bracket that was only escaped. Formulas are written with
blanks inside their dollars by some models (``$ x $``).
"""

from __future__ import annotations

import re

from got_loaders.markup.parse.dollar_formulas import BEFORE_CHARS, MAX_CHARS, is_dollar_formula

__all__ = ["is_bracketed_formula", "is_inline_formula"]

_TAGS = re.compile(r"</?(?:t[dhr]|table|thead|tbody|p|div|li|br|h[1-6])[\s/>]", re.IGNORECASE)
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_TEX = re.compile(r"[\\^_{}=]")
_SUM = re.compile(r"[\d.,;\s\u2013-]*")
_SIGNS = re.compile(r"[\\^_{}=+<>]")
_WORD = re.compile(r"[^\W\d_]{3,}")
_MAX_BRACKETED = 300
"""Characters of text in brackets that were only escaped."""


def is_inline_formula(inner: str, text: str, start: int, end: int, *, display: bool) -> bool:
    """Whether ``inner``, between the dollars of ``text[start:end]``, is a formula."""
    if not inner.strip() or _TAGS.search(inner):
        return False
    if display:
        return not _BLANK_LINE.search(inner) or bool(_TEX.search(inner))
    if len(inner) > MAX_CHARS or _BLANK_LINE.search(inner):
        return False
    before, after = text[max(0, start - BEFORE_CHARS) : start], text[end : end + 1]
    if is_dollar_formula(before, inner, after):
        return True
    if not (inner[0].isspace() or inner[-1].isspace() or before[-1:].isalnum() or after.isdigit()):
        return not _WORD.search(inner)
    bare = inner.strip()
    is_padded = inner[0].isspace() and inner[-1].isspace() and not _SUM.fullmatch(bare)
    apart = not before[-1:].isalnum() and not after.isalnum()
    return is_padded and apart and is_dollar_formula("", bare, "")


def is_bracketed_formula(inner: str, text: str, start: int, end: int, *, display: bool) -> bool:
    r"""Whether ``inner``, between ``\(`` and ``\)`` or ``\[`` and ``\]``, is a formula."""
    if not inner.strip() or _TAGS.search(inner):
        return False
    if not display and _BLANK_LINE.search(inner):
        return False
    if len(inner) > _MAX_BRACKETED or _SIGNS.search(inner):
        return True
    words = len(_WORD.findall(inner))
    if not display:
        return words < 2
    return not words and not _SUM.fullmatch(inner) and _is_alone(text, start, end)


def _is_alone(text: str, start: int, end: int) -> bool:
    """Whether nothing else stands on the lines."""
    before = text[text.rfind("\n", max(0, start - 80), start) + 1 : start]
    line_end = text.find("\n", end, end + 80)
    after = text[end : line_end if line_end >= 0 else end + 80]
    return not before.strip() and not after.strip()
