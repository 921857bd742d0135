"""How many requests are on their way at once: fewer when the server says that it has too many.

Additive increase, multiplicative decrease, as TCP does it: clients that know nothing of each other
come to share a server fairly.
"""

from __future__ import annotations

import asyncio
import math

__all__ = ["InFlightWindow", "in_flight_limit"]

MAX_IN_FLIGHT = 512
"""Requests on their way, whatever the server says: each holds its pictures, about a megabyte."""

_UNKNOWN = 32
"""Requests on their way to a server that does not say how many it runs at once."""


def in_flight_limit(max_batch_size: int | None) -> int:
    """A quarter more than the server runs at once: so the next ones are there when some end."""
    if max_batch_size is None:
        return _UNKNOWN
    return max(2, min(math.ceil(1.25 * max_batch_size), MAX_IN_FLIGHT))


class InFlightWindow:
    """Places for requests on their way, first come first served; for one event loop."""

    def __init__(self, limit: int) -> None:
        self.max_limit = limit
        self.limit = limit
        self._places = asyncio.Semaphore(limit)
        self._owed = 0  # places that whoever leaves does not give back
        self._shrinks = 0
        self._answered = 0

    async def enter(self) -> int:
        """Wait for a place; what comes back is handed to :meth:`shrink`."""
        await self._places.acquire()
        return self._shrinks

    def leave(self) -> None:
        """Give the place back."""
        if self._owed:
            self._owed -= 1
        else:
            self._places.release()

    def grow(self) -> None:
        """A request was answered: one place more for each round of them."""
        self._answered += 1
        if self._answered < self.limit or self.limit == self.max_limit:
            return
        self._answered = 0
        self.limit += 1
        self.leave()

    def shrink(self, entered: int) -> None:
        """The server has too much to do: half the places, once for all that were on their way."""
        if entered != self._shrinks:
            return
        self._shrinks += 1
        self._answered = 0
        fewer = self.limit - max(1, self.limit // 2)
        self.limit -= fewer
        self._owed += fewer
