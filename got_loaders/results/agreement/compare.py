"""A reading beside the words of the page's file: how many both have, and what only one has."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from got_loaders.results.agreement.free_words import Partners, free_runs
from got_loaders.results.agreement.matching import match_words
from got_loaders.results.agreement.words import ComparedWord, split_words

__all__ = ["MAX_LENGTH", "MAX_PAIRS", "Agreement", "TextSpan", "compare"]

MAX_LENGTH = 500_000
"""Characters of a text that is compared: of a page's own words there are 300,000 at most, with
blanks between them."""
MAX_PAIRS = 600_000_000
"""Words of one times words of the other: aligning them takes a bit for each pair, 75 MB."""

_LOW = 0.8
"""A choice: a fifth of the words is a paragraph of five, and more than is misread of print."""
_STAMP = 5
_FEW = 20

_COMMAND = re.compile(r"\\([A-Za-z]+)")
_NAMED = 3
"""Letters that a command may stand for: ``\\alpha`` is one, ``\\sin`` three."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSpan:
    """A part of a text: ``text[start:end]``, which has so many ``words``."""

    text: str
    start: int
    end: int
    words: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far a reading and the page's own words agree.

    ``score``, from 0 to 1, is the share of words that have a counterpart, in order or in a run that
    stands elsewhere: 1 - (words without one) / (words), either number of the side where it is
    greater. So it is 1.0 where both say the same, and falls by the share of words that were
    changed, left out or added. ``only_in_reading`` is what the page's own words do not have, in
    order, in :attr:`PageResult.text`; ``only_in_layer`` counts the words that the reading does not
    have. ``words_in_reading`` and ``words_in_layer`` are those that were compared: no formulas.
    """

    score: float
    words_in_reading: int
    words_in_layer: int
    only_in_reading: tuple[TextSpan, ...] = ()
    only_in_layer: int = 0

    @property
    def words(self) -> int:
        """Those of the longer side: weigh scores by them."""
        return max(self.words_in_reading, self.words_in_layer)

    @property
    def is_low(self) -> bool:
        """Whether the page should be looked at: the score is below 0.8.

        Not where there are less than 20 words, which tell little; and not where the page's own are
        less than a fifth of what was read: they are a stamp, or a header, and no text layer.
        """
        is_layer = self.words_in_layer * _STAMP >= self.words_in_reading
        return is_layer and self.words >= _FEW and self.score < _LOW


def compare(text: str, own_text: str, left_out: Sequence[tuple[int, int]] = ()) -> Agreement | None:
    """How far ``text``, a reading without mark-up, agrees with ``own_text``.

    ``left_out`` are parts of ``text`` (start, end, in order) that are no words of the page, such as
    formulas: they count neither for nor against it, and neither do the signs that the page's own
    text has in their place. None where either side leaves nothing to compare, or is too long.
    """
    if max(len(text), len(own_text)) > MAX_LENGTH:
        return None
    others = split_words(own_text)
    if not others:
        return None
    words, holes = _without(split_words(text), text, left_out)
    if len(words) * len(others) > MAX_PAIRS:
        return None
    partners, other_partners = match_words(words, others)
    forgiven = _forgiven(holes, others, partners, other_partners)
    only_in_layer = sum(partner < 0 for partner in other_partners) - forgiven
    alone = sum(partner < 0 for partner in partners)
    in_layer = len(others) - forgiven
    longer = max(len(words), in_layer)
    if not longer:
        return None
    return Agreement(
        score=1 - max(alone, only_in_layer) / longer,
        words_in_reading=len(words),
        words_in_layer=in_layer,
        only_in_reading=tuple(_spans(text, words, partners)),
        only_in_layer=only_in_layer,
    )


def _without(
    words: Sequence[ComparedWord], text: str, left_out: Sequence[tuple[int, int]]
) -> tuple[list[ComparedWord], list[tuple[int, int]]]:
    """The words outside the parts that are ``left_out``; before which of them each of these stands,
    and how many letters of the page it may have been."""
    kept: list[ComparedWord] = []
    holes: list[tuple[int, int]] = []
    parts = iter([*left_out, (len(text) + 1, len(text) + 1)])
    start, end = next(parts)
    for word in [*words, ComparedWord("", len(text) + 1, len(text) + 1, 0)]:
        while word.start >= end <= len(text):
            holes.append((len(kept), _count_letters(text[start:end])))
            start, end = next(parts)
        if word.start < start and word.key:
            kept.append(word)
    return kept, holes


def _count_letters(tex: str) -> int:
    """Letters and digits that a formula shows, at most."""
    named = sum(min(len(name), _NAMED) for name in _COMMAND.findall(tex))
    return named + sum(sign.isalnum() for sign in _COMMAND.sub("", tex))


def _forgiven(
    holes: Sequence[tuple[int, int]],
    others: Sequence[ComparedWord],
    partners: Partners,
    other_partners: Partners,
) -> int:
    """How many words of the page's own, without counterpart, stand where a part was left out.

    They are the shortest there, with as many letters as it had: formulas are made of short ones.
    """
    before = list(accumulate(partners, lambda last, p: p if p >= 0 else last, initial=-1))
    after = list(
        accumulate(reversed(partners), lambda last, p: p if p >= 0 else last, initial=len(others))
    )[::-1]
    allowed: dict[tuple[int, int], int] = defaultdict(int)
    for at, letters in holes:
        allowed[before[at] + 1, after[at]] += letters
    free = [partner < 0 for partner in other_partners]
    count = 0
    for (start, end), letters in allowed.items():
        for length, j in sorted((len(others[j].key), j) for j in _free_places(start, end, free)):
            letters -= length
            if letters < 0:
                break
            free[j] = False
            count += 1
    return count


def _free_places(start: int, end: int, free: Sequence[bool]) -> Iterator[int]:
    """The words without counterpart up to ``end``; of a part that was moved, up to the next."""
    for j in range(start, end if start <= end else len(free)):
        if free[j]:
            yield j
        elif start > end:
            return


def _spans(text: str, words: Sequence[ComparedWord], partners: Partners) -> Iterator[TextSpan]:
    """The runs of words that have no counterpart."""
    for first, last in free_runs(partners):
        start, end = words[first].start, words[last - 1].end
        yield TextSpan(text=text[start:end], start=start, end=end, words=last - first)
