"""Proposes what followed the last time: tables and forms repeat themselves. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from got_loaders.engine.draft.acceptance import NONE, Acceptance, AcceptanceRate

__all__ = ["OwnRepetition"]

_GRAM = 3
_SHOWS, _AMONG = 3, 64
"""So many n-grams that stood there before, among so many tokens, are a repetition."""
_GUESSES = 4
"""Tokens after one that was new in which the last place is still followed."""


class OwnRepetition:
    """What the row has written itself, as a draft, while it shows a repetition.

    A row of a table is its neighbour with other numbers: after a new token what comes next is
    proposed as if nothing had happened, until three tokens show where the row is.
    """

    def __init__(self) -> None:
        self._ends: dict[tuple[int, ...], int] = {}
        self._repeats: list[int] = []
        self._written: Sequence[int] = ()
        self._source: int | None = None
        self._guesses = 0
        self._rate = AcceptanceRate(share=0.0, then=0.8, after_mismatch=0.4)

    @property
    def share(self) -> float:
        """Of what was written lately, as far as it repeated itself."""
        return -1.0 if self._source is None else self._rate.share

    @property
    def acceptance(self) -> Acceptance:
        """As it was lately; none while nothing repeats itself."""
        if self._source is None:
            return NONE
        return self._rate.estimate(after_mismatch=self._guesses > 0)

    def propose(self, limit: int) -> Sequence[int]:
        """What followed when the newest tokens stood there before."""
        return self._continued(len(self._written), limit)

    def observe(self, written: Sequence[int], tokens: tuple[int, ...]) -> None:
        """Remember where each n-gram ends."""
        count, new = len(written), len(tokens)
        right = 0
        if self._source is not None:
            expected = self._continued(count - new, new)
            while right < new and expected[right] == tokens[right]:
                right += 1
            self._rate.observe(right, new, after_mismatch=self._guesses > 0)
        self._written = written
        found = self._remember(count - new, count)
        if found is not None:
            self._source, self._guesses = found, 0
        elif self._source is not None:
            self._source, self._guesses = self._source + new, self._guesses + new - right
        shown = len(self._repeats) == _SHOWS and self._repeats[0] > count - _AMONG
        if not shown or self._guesses > _GUESSES:
            self._source = None

    def _remember(self, start: int, count: int) -> int | None:
        """Where the newest n-gram ended before; None if it is new."""
        written, ends, before = self._written, self._ends, None
        for end in range(max(start + 1, _GRAM), count + 1):
            gram = tuple(written[end - _GRAM : end])
            before = ends.get(gram)
            ends[gram] = end
            if before is not None:
                self._repeats = [*self._repeats[1 - _SHOWS :], end]
        return before

    def _continued(self, end: int, limit: int) -> Sequence[int]:
        """The tokens after the source, and round again where they come to ``end``."""
        source, written = self._source, self._written
        if source is None:
            return ()
        return [written[source + index % (end - source)] for index in range(limit)]
