"""Counts how often a document hangs or kills its worker."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["MAX_CRASHES", "CrashCounter"]

MAX_CRASHES = 3
"""How often in a row a document may hang or kill the worker; then it is given up."""


@dataclass(slots=True)
class CrashCounter:
    """How often in a row a document has hung or killed the worker, over several openings.

    A file whose every page hangs for a minute would otherwise hold up an archive for days.
    ``hung_texts`` are the pages whose own text took too long: whatever asks for it next, be it for
    its regions, would wait as long again. ``words_given_up``: asking for a page's words hung or
    killed the worker, and none are asked for again.
    """

    count: int = 0
    hung_texts: set[int] = field(default_factory=set)
    words_given_up: bool = False

    @property
    def tripped(self) -> bool:
        """Whether the document is given up."""
        return self.count >= MAX_CRASHES

    def record(self, *, crashed: bool) -> None:
        """Count one more request; one that does not crash resets the count."""
        self.count = self.count + 1 if crashed else 0
