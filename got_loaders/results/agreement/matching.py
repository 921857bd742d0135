"""Two sequences of words → which word of one is which of the other. Pure.

In order first, by the longest common subsequence; then what stands elsewhere in the other one, for
readers take columns, notes and the cells of tables in different orders.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from itertools import pairwise

from got_loaders.results.agreement.blocks import MatchingBlock, common_blocks, distance, joined
from got_loaders.results.agreement.free_words import Partners, free_lines, free_runs, gaps
from got_loaders.results.agreement.spelling import mirrored, same_letters
from got_loaders.results.agreement.words import ComparedWord

__all__ = ["match_words"]

_RUN = 3
"""So many words in a row are no accident, and are looked for anywhere; one or two may well be."""
_RUN_LETTERS = 8
"""And so many letters in all: of a script that counts by the character, eight characters."""
_FILLED = 6
"""Words of a gap, on either side, within which single words are matched again."""
_PLACES = 16
"""Of a run that stands in many places, those that are tried: a text may repeat itself for ever."""


def match_words(
    words: Sequence[ComparedWord], others: Sequence[ComparedWord]
) -> tuple[Partners, Partners]:
    """The partners of ``words`` among ``others``, and those of ``others`` among ``words``.

    Memory is a bit for each pair of words, time about 0.3 ns.
    """
    matching = _Matching(words, others)
    matching.in_order()
    matching.drop_accidents()
    for _ in range(2):  # what grows sets others free
        matching.moved_runs()
        matching.extend_runs()
    matching.moved_lines()
    matching.fill_gaps()
    matching.split_words()
    return matching.partners, matching.others


class _Matching:
    """Goes on from step to step; a word that has a partner keeps it."""

    def __init__(self, words: Sequence[ComparedWord], others: Sequence[ComparedWord]) -> None:
        numbers: dict[str, int] = {}
        self.words, self.other_words = words, others
        self.left = [numbers.setdefault(word.key, len(numbers)) for word in words]
        self.right = [numbers.setdefault(word.key, len(numbers)) for word in others]
        self.partners: Partners = [-1] * len(words)
        self.others: Partners = [-1] * len(others)

    def pair(self, i: int, j: int, length: int = 1) -> None:
        """These words are the same ones."""
        self.partners[i : i + length] = range(j, j + length)
        self.others[j : j + length] = range(i, i + length)

    def in_order(self) -> None:
        """As many as can be matched in order, each block as near to its neighbours as it may be."""
        blocks = common_blocks(self.left, self.right)
        for i, j, length in joined(blocks, self.left, self.right):
            self.pair(i, j, length)

    def drop_accidents(self) -> None:
        """A word or two in the middle of what else differs are the same by chance.

        Those are none that keep their distance to the blocks around them, as where single words
        were changed, left out or added.
        """
        end = MatchingBlock(len(self.left), len(self.right), 0)
        blocks = [MatchingBlock(0, 0, 0), *self._blocks(), end]
        kept = blocks[:1]
        for block, after in pairwise(blocks[1:]):
            i, j, length = block
            gap = min(distance(kept[-1], block), distance(block, after))
            if (
                gap > length
                and not self._is_run(i, length)
                and not _in_step(kept[-1], block, after)
            ):
                self.partners[i : i + length] = [-1] * length
                self.others[j : j + length] = [-1] * length
            else:
                kept.append(block)

    def moved_runs(self) -> None:
        """Runs of words without a partner that stand elsewhere on the other side."""
        places: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for start, end in free_runs(self.others):
            for j in range(start, end - _RUN + 1):
                found = places[tuple(self.right[j : j + _RUN])]
                if len(found) < _PLACES:
                    found.append(j)
        for start, end in free_runs(self.partners):
            i = start
            while i <= end - _RUN:
                found = places.get(tuple(self.left[i : i + _RUN]), [])
                length, place = max(((self._run(i, j), -j) for j in found), default=(0, 0))
                if self._is_run(i, length):
                    self.pair(i, -place, length)
                i += max(1, length)

    def extend_runs(self) -> None:
        """Runs go on where the words do, though single ones were matched elsewhere by chance."""
        blocks = list(self._blocks())
        runs = [block for block in blocks if self._is_run(block.left, block.length)]
        fixed = {i for run in runs for i in range(run.left, run.left + run.length)}
        for i, j, length in runs:
            for at, other, step in ((i - 1, j - 1, -1), (i + length, j + length, 1)):
                while self._goes_on(at, other, fixed):
                    self._pair_anew(at, other)
                    fixed.add(at)
                    at, other = at + step, other + step

    def moved_lines(self) -> None:
        """Lines or cells without any partner that the other side has as a line or cell, too."""
        places: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for j, length in free_lines(self.other_words, self.others):
            places[tuple(self.right[j : j + length])].append(j)
        for found in places.values():
            found.reverse()
        for i, length in free_lines(self.words, self.partners):
            if found := places.get(tuple(self.left[i : i + length]), []):
                self.pair(i, found.pop(), length)

    def fill_gaps(self) -> None:
        """Single words between those that were matched as moved."""
        for i, i_end, j, j_end in gaps(self.partners, self.others):
            if j_end > j and max(i_end - i, j_end - j) <= _FILLED:
                blocks = common_blocks(self.left[i:i_end], self.right[j:j_end])
                for at, other, length in blocks:
                    self.pair(i + at, j + other, length)

    def split_words(self) -> None:
        """What one side writes as one word and the other as two, from either end of a gap."""
        for i, i_end, j, j_end in gaps(self.partners, self.others):
            left = [word.key for word in self.words[i:i_end]]
            right = [word.key for word in self.other_words[j:j_end]]
            first, other = same_letters(left, right)
            self._pair_all(i, first, j, other)
            last, other_last = same_letters(mirrored(left[first:]), mirrored(right[other:]))
            self._pair_all(i_end - last, last, j_end - other_last, other_last)

    def _pair_all(self, i: int, length: int, j: int, others: int) -> None:
        for n in range(length):
            self.partners[i + n] = j + min(n, others - 1)
        for n in range(others):
            self.others[j + n] = i + min(n, length - 1)

    def _goes_on(self, i: int, j: int, fixed: Container[int]) -> bool:
        """Whether these are the same words, and neither is part of a run."""
        inside = 0 <= i < len(self.left) and 0 <= j < len(self.right)
        same = inside and self.left[i] == self.right[j]
        return same and i not in fixed and self.others[j] not in fixed

    def _pair_anew(self, i: int, j: int) -> None:
        """These words are the same ones, whatever partners they had."""
        if self.partners[i] >= 0:
            self.others[self.partners[i]] = -1
        if self.others[j] >= 0:
            self.partners[self.others[j]] = -1
        self.pair(i, j)

    def _blocks(self) -> Iterator[MatchingBlock]:
        """The runs of words whose partners are a run as well."""
        i = 0
        while i < len(self.partners):
            start, j = i, self.partners[i]
            i += 1
            if j < 0:
                continue
            while i < len(self.partners) and self.partners[i] == j + i - start:
                i += 1
            yield MatchingBlock(start, j, i - start)

    def _run(self, i: int, j: int) -> int:
        """How many words from here on are the same and have no partner yet."""
        start = i
        while (
            i < len(self.left)
            and j < len(self.right)
            and self.left[i] == self.right[j]
            and self.partners[i] < 0
            and self.others[j] < 0
        ):
            i, j = i + 1, j + 1
        return i - start

    def _is_run(self, i: int, length: int) -> bool:
        """Whether so many words are no accident."""
        letters = sum(len(word.key) for word in self.words[i : i + length])
        return length >= _RUN and letters >= _RUN_LETTERS


def _in_step(before: MatchingBlock, block: MatchingBlock, after: MatchingBlock) -> bool:
    """Whether the words between three blocks are as many on either side, or all on one."""
    gaps = [
        (later.left - earlier.left - earlier.length, later.right - earlier.right - earlier.length)
        for earlier, later in ((before, block), (block, after))
    ]
    if all(left == right for left, right in gaps):
        return True
    return any(max(side) == 0 for side in zip(*gaps, strict=True))
