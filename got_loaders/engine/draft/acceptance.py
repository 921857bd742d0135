"""How likely proposals are to be right, learned from those that would have been made. Pure."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["NONE", "Acceptance", "AcceptanceRate"]

_KEEP = 0.95
_KEEP_SHARE = 0.7
"""How much of what was seen before a step still counts after it: for chances, and for a choice."""


class Acceptance(NamedTuple):
    """The chance that the next proposal is right, and that one is whose predecessors were."""

    first: float
    then: float

    def expected(self, count: int) -> float:
        """How many of so many proposals will be accepted, on average."""
        if self.then >= 1:
            return self.first * count
        return self.first * (1 - self.then**count) / (1 - self.then)


NONE = Acceptance(0.0, 0.0)
"""Where there is nothing to propose."""


class AcceptanceRate:
    """Counts how often a text is right while it is followed, and how often just after it was not.

    After a mismatch the next token is a guess; as soon as one is right, the next ones mostly are.
    ``share`` is how much of the latest tokens was right. The arguments say what is thought of a
    text that nothing is known of yet.
    """

    def __init__(self, *, share: float, then: float, after_mismatch: float) -> None:
        self.share = share
        self._right, self._seen = 10 * then, 10.0
        self._right_after, self._seen_after = 4 * after_mismatch, 4.0

    def estimate(self, *, after_mismatch: bool) -> Acceptance:
        """What to expect now."""
        then = self._right / self._seen
        return Acceptance(self._right_after / self._seen_after if after_mismatch else then, then)

    def observe(self, right: int, of: int, *, after_mismatch: bool) -> None:
        """Of ``of`` tokens the first ``right`` were those that would have been proposed."""
        self.share = _KEEP_SHARE * self.share + (1 - _KEEP_SHARE) * right / of
        if after_mismatch:
            self._right_after = _KEEP * self._right_after + (right > 0)
            self._seen_after = _KEEP * self._seen_after + 1
            if not right:
                return
            right, of = right - 1, of - 1
        self._right = _KEEP * self._right + right
        self._seen = _KEEP * self._seen + right + (right < of)
