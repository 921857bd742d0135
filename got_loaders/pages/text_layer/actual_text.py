"""Tells whether the text that a PDF states in place of its letters is what is printed. Pure.

``/ActualText`` says how a ligature, a hyphen or letters without codes are read. A file may state
anything there; what is printed are the letters.
"""

from __future__ import annotations

import unicodedata

_UNKNOWN = "\ufffd"

_MAX_UNKNOWN = 0.05
"""The part of letters without a code up to which the stated text may name them."""

_MAX_LETTERS = 4
"""Letters that one letter without a code may stand for: a ligature's, such as ffi."""


def states_what_is_shown(stated: str, shown: str) -> bool:
    """Whether both are the same but for blanks, hyphens and a few letters without a code."""
    if stated == shown:
        return True
    rest, printed = _plain(stated), _plain(shown)
    if printed.count(_UNKNOWN) > _MAX_UNKNOWN * len(printed):
        return False
    first, *others = printed.split(_UNKNOWN)
    if not rest.startswith(first):
        return False
    rest = rest[len(first) :]
    for known in others:  # each after a letter that stands for a few
        start = rest.find(known, 0, len(known) + _MAX_LETTERS)
        if start < 0:
            return False
        rest = rest[start + len(known) :]
    return len(rest) <= (_MAX_LETTERS if others and not others[-1] else 0)


def _plain(text: str) -> str:
    """Without blanks, hyphens and what has no width; characters without a meaning are U+FFFD."""
    kinds = ((char, unicodedata.category(char)) for char in unicodedata.normalize("NFKD", text))
    return "".join(
        _UNKNOWN if kind in ("Co", "Cn") else char
        for char, kind in kinds
        if kind not in ("Zs", "Zl", "Zp", "Cc", "Cf", "Pd")
    )
