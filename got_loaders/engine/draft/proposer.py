"""What guesses tokens: one verb, ``propose``, and the news of what was written. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from got_loaders.engine.draft.acceptance import Acceptance

__all__ = ["Proposer"]


class Proposer(Protocol):
    """One place where the tokens to come may be found."""

    @property
    def share(self) -> float:
        """How much of what was written lately it would have proposed, 0 to 1; -1: it can't now."""

    @property
    def acceptance(self) -> Acceptance:
        """How likely what it would propose now is to be right."""

    def propose(self, limit: int) -> Sequence[int]:
        """At most ``limit`` tokens that may follow; none where it has no idea."""

    def observe(self, written: Sequence[int], tokens: tuple[int, ...]) -> None:
        """The row has written ``tokens``, which ``written`` ends with."""
