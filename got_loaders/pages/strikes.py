"""Documents that hang or kill the worker time and again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

__all__ = ["MOST_STRIKES", "Strikes"]

MOST_STRIKES = 3
"""How often in a row a document may hang or kill the worker; then it is asked nothing more."""


@dataclass(frozen=True, slots=True)
class Strikes:
    """How often each document has hung or killed the worker since it last answered.

    Shared by all that read the same documents: a file whose every page hangs for a minute would
    otherwise hold up an archive for days.
    """

    counts: Counter[str] = field(default_factory=Counter)

    def out(self, source: str) -> bool:
        """Whether it has had its chances."""
        return self.counts[source] >= MOST_STRIKES

    def note(self, source: str, *, lost: bool) -> None:
        """What became of one more request."""
        if lost:
            self.counts[source] += 1
        elif self.counts[source]:
            del self.counts[source]
