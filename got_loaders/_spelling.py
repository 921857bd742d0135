"""Finds what was meant by a word that is not known: an option, a flag, a command, a model. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["closest", "did_you_mean"]

_MAX_LETTERS = 100
"""A longer word is no misspelling, and comparing it takes long."""


def did_you_mean(word: str, known: Iterable[str], *, quoted: bool = True) -> str:
    """``"; did you mean 'pages'?"``, or nothing where none of ``known`` looks like ``word``."""
    found = closest(word, known)
    if found is None:
        return ""
    return f"; did you mean {found!r}?" if quoted else f"; did you mean {found}?"


def closest(word: str, known: Iterable[str]) -> str | None:
    """The one of ``known`` that is spelt most like ``word``, or shares its parts, if any does.

    A third of the letters may be wrong, and of those of a short word one; of several that are as
    close, one with the same number of letters is meant, then the first. Capitals and dashes don't
    count: ``"max_tokens"`` means ``"max_new_tokens"``, ``"Page"`` means ``"pages"``.
    """
    if len(word) > _MAX_LETTERS:
        return None
    names, key = list(known), _key(word)
    scored = [(_distance(key, _key(name)), abs(len(key) - len(_key(name))), name) for name in names]
    best = min(scored, key=lambda score: score[:2], default=None)
    if key and best is not None and best[0] <= max(1, len(key) // 3) and best[0] < len(key):
        return best[2]
    shared = [(_shared_parts(word, name), name) for name in names]
    share, name = max(shared, key=lambda score: score[0], default=(0.0, ""))
    return name if share >= 0.5 else None


def _key(text: str) -> str:
    """The text without what is easily mistaken: capitals, dashes, blanks."""
    return re.sub(r"[\W_]+", "", text.casefold())


def _shared_parts(word: str, name: str) -> float:
    """How much of the longer is the shorter one: 0 to 1; 0 unless all of its parts are there."""
    one, other = _parts(word), _parts(name)
    few, many = sorted((one, other), key=len)
    return len(few) / len(many) if few and few <= many else 0.0


def _parts(text: str) -> set[str]:
    return {part.removesuffix("s") for part in re.split(r"[\W_]+", text.casefold()) if part}


def _distance(one: str, other: str) -> int:
    """Letters to drop, add, change or swap with the next one (optimal string alignment)."""
    before, last = [0] * (len(other) + 1), list(range(len(other) + 1))
    for i, char in enumerate(one, 1):
        row = [i]
        for j, wanted in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (char != wanted))
            if i > 1 and j > 1 and char == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
