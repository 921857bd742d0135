"""Words that are written as one on one side and as several on the other. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

__all__ = ["mirrored", "same_letters"]


def same_letters(left: Sequence[str], right: Sequence[str]) -> tuple[int, int]:
    """How many words of either side begin it with the same letters, however they are parted."""
    if not left or not right:
        return 0, 0
    from rapidfuzz.distance import Prefix  # here: reading needs none of it

    common = Prefix.similarity("".join(left), "".join(right))
    ends = {end: n for n, end in enumerate(accumulate(map(len, left)), 1) if end <= common}
    others = {end: n for n, end in enumerate(accumulate(map(len, right)), 1) if end <= common}
    shared = max(ends.keys() & others.keys(), default=0)
    return ends.get(shared, 0), others.get(shared, 0)


def mirrored(keys: Sequence[str]) -> list[str]:
    """The same from behind."""
    return [key[::-1] for key in reversed(keys)]
