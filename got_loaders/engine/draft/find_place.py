"""Where in a draft an answer is that has left it. Pure.

No index is kept: comparing a page's 8,000 tokens at once takes 10 µs, and it is rarely needed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["GRAM", "find_anywhere", "find_near"]

GRAM = 3
"""Tokens by which a place anywhere in the draft is found."""

_BACK, _AHEAD = 8, 48
"""Tokens around a place that are looked at."""
_TRUSTED = 4
"""So far ahead one equal token is enough; elsewhere two are asked for. Measured by simulation."""
_SUFFIX = 8
"""Tokens at the end of the answer that are compared, at most."""


def find_near(draft: Sequence[int], written: Sequence[int], place: int) -> int | None:
    """The position around ``place`` whose token is the newest one, and whose context fits best.

    That is the one with the longest end in common with the answer; of equals the nearest.
    """
    newest = written[-1]
    position, end = max(place - _BACK, 0), min(place + _AHEAD, len(draft))
    best, best_score = None, (0, 0)
    while position < end:
        try:
            position = draft.index(newest, position, end)
        except ValueError:
            break
        common = _common_end(draft, written, position)
        if common > 1 or 0 <= position - place <= _TRUSTED:
            score = (common, -abs(position - place))
            if best is None or score > best_score:
                best, best_score = position, score
        position += 1
    return best


def find_anywhere(draft: npt.NDArray[np.int32], written: Sequence[int], place: int) -> int | None:
    """Where the draft has the newest tokens, the nearest to ``place``; the position of the last."""
    if min(len(written), len(draft)) < GRAM:
        return None
    found = np.flatnonzero(draft[GRAM - 1 :] == written[-1])
    for back in range(2, GRAM + 1):
        found = found[draft[found + GRAM - back] == written[-back]]
    if not len(found):
        return None
    return int(found[np.abs(found - place).argmin()]) + GRAM - 1


def _common_end(draft: Sequence[int], written: Sequence[int], position: int) -> int:
    """How many tokens up to ``position`` are those at the end of the answer."""
    length, most = 0, min(_SUFFIX, position + 1, len(written))
    while length < most and draft[position - length] == written[-1 - length]:
        length += 1
    return length
