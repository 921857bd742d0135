"""Proposes the next tokens of one running row, and learns from what became of them. Pure.

Whatever is proposed, the row writes what the model says: a proposal is checked, never believed.
"""

from __future__ import annotations

from collections.abc import Sequence

from got_loaders.engine.draft.acceptance import Acceptance
from got_loaders.engine.draft.given_text import GivenText
from got_loaders.engine.draft.own_repetition import OwnRepetition
from got_loaders.engine.draft.proposer import Proposer

__all__ = ["Drafter"]


_GOOD, _BEHIND = 0.8, 24
"""While the best one proposes so much of what is written, the others hear of so many at a time."""


class Drafter:
    """Of several places where a row's next tokens may be found, asks the one that was right lately.

    ``drafts`` are texts that the answer may turn out to be, in tokens. Each of them is followed,
    whether it is proposed or not, so that none needs a trial: what it would have proposed is
    compared with what was written. ``accepted_tokens`` and ``rejected_tokens`` count what was
    proposed.
    """

    def __init__(self, drafts: Sequence[Sequence[int]]) -> None:
        self.accepted_tokens = self.rejected_tokens = 0
        self._written: list[int] = []
        self._proposers: list[Proposer] = [*map(GivenText, filter(len, drafts)), OwnRepetition()]
        self._best = self._proposers[0]
        self._caught_up = 0
        self._proposed = 0

    @property
    def acceptance(self) -> Acceptance:
        """How likely what it would propose now is to be right."""
        return self._best.acceptance

    def propose(self, limit: int) -> list[int]:
        """At most ``limit`` tokens that are expected next; none where nothing is expected."""
        proposed = list(self._best.propose(limit)) if limit > 0 else []
        self._proposed = len(proposed)
        return proposed

    def observe(self, tokens: Sequence[int], accepted: int, *, proposed: int | None = None) -> None:
        """The row has written ``tokens``: ``accepted`` proposals, then the model's own one.

        ``proposed`` is how many of the proposals were checked: all, unless it says less.
        """
        checked = self._proposed if proposed is None else proposed
        self._proposed = 0
        self.accepted_tokens += accepted
        self.rejected_tokens += checked - accepted
        self._written.extend(tokens)
        self._best.observe(self._written, tuple(tokens))
        if self._best.share < _GOOD or len(self._written) >= self._caught_up + _BEHIND:
            self._compare()

    def _compare(self) -> None:
        """Tell the others what was written, too, and choose."""
        unseen = tuple(self._written[self._caught_up :])
        for proposer in self._proposers:
            if proposer is not self._best:
                proposer.observe(self._written, unseen)
        self._caught_up = len(self._written)
        # Of equals the first: the text as it stands.
        self._best = max(self._proposers, key=lambda proposer: proposer.share)
