"""Where in two sequences of words none has a partner on the other side. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from got_loaders.results.agreement.words import ComparedWord

__all__ = ["Partners", "free_lines", "free_runs", "gaps"]

Partners = list[int]
"""For each word the other side's, by its place; -1 where there is none."""

_TALLER = 64
"""Times as many words as one side of a gap, at which nobody looks for words in the other."""


def gaps(partners: Partners, others: Partners) -> Iterator[tuple[int, int, int, int]]:
    """Where neither side has partners, between words that are matched in order: both begin and end.

    A gap may be empty on the other side, never on the first.
    """
    for i, i_end in free_runs(partners):
        j = partners[i - 1] + 1 if i else 0
        j_end = partners[i_end] if i_end < len(partners) else len(others)
        short = j_end - j <= _TALLER * (i_end - i)  # looking at long ones again and again is slow
        if j <= j_end and short and max(others[j:j_end], default=-1) < 0:
            yield i, i_end, j, j_end


def free_runs(partners: Partners) -> Iterator[tuple[int, int]]:
    """Where words without partners begin and end."""
    i = 0
    while i < len(partners):
        start = i
        while i < len(partners) and partners[i] < 0:
            i += 1
        if i > start:
            yield start, i
        i += 1


def free_lines(words: Sequence[ComparedWord], partners: Partners) -> Iterator[tuple[int, int]]:
    """Lines of which no word has a partner: where they begin, and how many words they have."""
    i = 0
    while i < len(words):
        start = i
        while i < len(words) and words[i].line == words[start].line:
            i += 1
        if max(partners[start:i]) < 0:
            yield start, i - start
