"""The pages in flight, in order, and how many: by what the engine runs at once, and by memory.

An engine that runs 256 requests at once is never full where a reader waits with 32, and one that
runs a single one is served no better by 32 that wait. Results are given in order, so what is read
before its turn is kept: it costs its text alone. Were it counted with what is asked, one long page
would hold up all: with pages of 256 different lengths (log-normal, sigma 0.5) an engine of 256 rows
would have work for 45 % of them, with four times as many pages 97 %.
"""

from __future__ import annotations

import math
from collections import deque

from got_loaders._memory import host_memory
from got_loaders.pipeline.pending import PendingPage, Waiting
from got_loaders.types.tiling import TILE

__all__ = ["Window"]

INITIAL_SIZE = 4
"""Requests in flight at first, and at least: so the first result comes early."""

DEFAULT_SIZE = 32
"""Pages, or regions, for an engine that does not say how many requests it runs at once."""

MAX_SIZE = 512
"""More than that would wait in vain."""

AHEAD = 1.25
"""Requests in flight for each that the engine runs: the next ones are there when one ends."""

KEPT = 4
"""Pages in flight for each such request, those included that are read and wait for their turn."""

GROWTH_STEPS = 16
"""The window has its full size once so many pages were taken."""

MEMORY_SHARE = 8
"""Pictures in flight take at most the eighth part of the memory that is free, unless they are the
first four."""

_TILE_BYTES = 3 * TILE * TILE
"""A tile as a local engine holds it. Compressed, on its way to a server, it is no larger."""

_UNKNOWN_MEMORY = 8 << 30
"""Bytes that are taken for free where the system does not tell."""


class Window:
    """The pages that were submitted and not taken yet, in order.

    ``max_batch_size`` is how many requests the engine runs at once: None as long as it does not
    say, and then the window is as small as it was before engines could.
    """

    def __init__(self) -> None:
        self.pages: deque[PendingPage] = deque()
        self.max_batch_size: int | None = None
        self._asked: list[Waiting] = []

    @property
    def first(self) -> PendingPage:
        """The page that is given next."""
        return self.pages[0]

    @first.setter
    def first(self, page: PendingPage) -> None:
        """What has become of it: resolved, or asked about once more."""
        self.pages[0] = page
        self._asked += page.unanswered

    def append(self, page: PendingPage) -> None:
        """A page that comes after all others."""
        self.pages.append(page)
        self._asked += page.unanswered

    def has_room(self, *, pages_done: int) -> bool:
        """Whether one more page may be submitted after ``pages_done`` were taken."""
        if self.max_batch_size is None:
            in_flight = sum(page.cost for page in self.pages)
            return in_flight < _size(DEFAULT_SIZE, pages_done)
        self._asked = [waiting for waiting in self._asked if not waiting.future.done()]
        size = _size(math.ceil(AHEAD * self.max_batch_size), pages_done)
        if len(self._asked) >= size or len(self.pages) >= KEPT * size:
            return False
        return len(self._asked) < INITIAL_SIZE or self._fits_memory()

    def cancel(self) -> None:
        """Tell the engine that nobody waits any more, and forget all."""
        for page in self.pages:
            page.cancel()
        self.pages.clear()
        self._asked.clear()

    def _fits_memory(self) -> bool:
        """Whether what is held, and no longer free, leaves enough for others."""
        memory = host_memory()
        free = _UNKNOWN_MEMORY if memory is None else memory[0]
        held = _TILE_BYTES * sum(waiting.tiles for waiting in self._asked)
        return held < (free + held) // MEMORY_SHARE


def _size(full: int, pages_done: int) -> int:
    """How many requests may be in flight after so many pages: few at first, ``full`` soon."""
    full = min(MAX_SIZE, max(INITIAL_SIZE, full))
    return min(full, INITIAL_SIZE + math.ceil(full / GROWTH_STEPS) * pages_done)
