"""A document that hangs or kills the worker time and again."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MOST_STRIKES", "Strikes"]

MOST_STRIKES = 3
"""How often in a row a document may hang or kill the worker; then it is asked nothing more."""


@dataclass(slots=True)
class Strikes:
    """How often in a row a document has hung or killed the worker, over several openings.

    A file whose every page hangs for a minute would otherwise hold up an archive for days.
    """

    count: int = 0

    @property
    def out(self) -> bool:
        """Whether it has had its chances."""
        return self.count >= MOST_STRIKES

    def note(self, *, lost: bool) -> None:
        """What became of one more request."""
        self.count = self.count + 1 if lost else 0
