"""Who is let in to the engine, and in which order: so many at once, so many waiting, no more.

Those that wait cost their request's bytes and nothing else: neither thread nor picture.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from got_loaders.server.errors import ApiError

__all__ = ["Admission"]

_MAX_RETRY_S = 60.0
_WEIGHT = 0.1
"""Of the latest, in the mean of how long one stays."""


class Admission:
    """Places, first come, first served. Of the event loop's thread alone.

    ``limit`` may be changed while it is used; ``what`` is what is told to those who are refused.
    """

    def __init__(self, limit: int, *, max_waiting: int, what: str = "requests") -> None:
        self._limit = limit
        self._max_waiting = max_waiting
        self._what = what
        self._running = 0
        self._waiters: dict[asyncio.Future[None], None] = {}
        self._mean_s = 1.0

    @property
    def limit(self) -> int:
        """How many are let in at once."""
        return self._limit

    @limit.setter
    def limit(self, limit: int) -> None:
        self._limit = limit
        self._admit()

    @property
    def running(self) -> int:
        """How many are in."""
        return self._running

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiters)

    @asynccontextmanager
    async def place(self) -> AsyncGenerator[None]:
        """Within, the caller has a place. Raises :class:`ApiError` (429) where too many wait.

        Who is cancelled while it waits leaves the queue.
        """
        await self._enter()
        started = time.monotonic()
        try:
            yield
        finally:
            self._mean_s += _WEIGHT * (time.monotonic() - started - self._mean_s)
            self._running -= 1
            self._admit()

    def refuse_waiting(self, error: ApiError) -> None:
        """Answer all that wait with this error."""
        waiters, self._waiters = self._waiters, {}
        for waiter in waiters:
            if not waiter.done():
                waiter.set_exception(error)

    async def _enter(self) -> None:
        if self._running < self._limit and not self._waiters:
            self._running += 1
            return
        if len(self._waiters) >= self._max_waiting:
            raise ApiError(
                "overloaded",
                f"{len(self._waiters)} {self._what} are waiting already; ask again later",
                retry_after=self._retry_after(),
            )
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters[waiter] = None
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._running -= 1  # it was let in when it left
                self._admit()
            raise
        finally:
            self._waiters.pop(waiter, None)

    def _admit(self) -> None:
        while self._waiters and self._running < self._limit:
            waiter = next(iter(self._waiters))
            del self._waiters[waiter]
            if not waiter.done():
                waiter.set_result(None)
                self._running += 1

    def _retry_after(self) -> float:
        """Seconds in which about half of those that wait now have had their place."""
        rounds = (len(self._waiters) / 2 + 1) / max(1, self._limit)
        return min(_MAX_RETRY_S, rounds * self._mean_s)
