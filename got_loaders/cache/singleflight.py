"""Who waits for the same answer: the first asks for it, the others share it.

The locks may be taken again by the thread that holds them, and nothing is allocated between two
steps that belong together: the collector may run at any allocation, close a generator that somebody
dropped, and so cancel a future in the middle of our own work.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from dataclasses import replace

from got_loaders.errors import EngineError
from got_loaders.types import OcrResult

__all__ = ["InFlight", "SingleFlight"]


class InFlight:
    """One question on its way. Its waiters' futures can be cancelled like any other.

    The lock is that of all flights; no future is answered while it is held, for its callbacks may
    ask again.
    """

    def __init__(self, lock: threading.RLock, leave: Callable[[InFlight], None]) -> None:
        self._lock = lock
        self._leave = leave
        self._waiters: list[Future[OcrResult]] = []
        self._inner: Future[OcrResult] | None = None

    def add_waiter(self, waiter: Future[OcrResult]) -> None:
        """One more waits; the lock is held."""
        self._waiters.append(waiter)

    def watch(self, waiter: Future[OcrResult]) -> None:
        """Hear of it when this waiter gives up; the lock is not held."""
        waiter.add_done_callback(self._ended)

    def attach(self, inner: Future[OcrResult]) -> None:
        """The answer will come from ``inner``, which is cancelled when nobody waits any more."""
        with self._lock:
            self._inner = inner
            wanted = bool(self._waiters)
        if not wanted:
            inner.cancel()

    def resolve(self, result: OcrResult) -> None:
        """Give all who wait the answer; it is new for the first alone."""
        for number, waiter in enumerate(self._end()):
            _answer(waiter, result if number == 0 else replace(result, cached=True))

    def reject(self, error: BaseException) -> None:
        """Give the first the error. The others are told of it; their engine may be another one."""
        for number, waiter in enumerate(self._end()):
            _fail(waiter, error if number == 0 else _shared(error))

    def _end(self) -> list[Future[OcrResult]]:
        none: list[Future[OcrResult]] = []
        with self._lock:
            self._leave(self)
            waiters, self._waiters = self._waiters, none
        return waiters

    def _ended(self, waiter: Future[OcrResult]) -> None:
        if not waiter.cancelled():
            return
        with self._lock:
            waits = waiter in self._waiters
            if waits:
                self._waiters.remove(waiter)
            last = waits and not self._waiters
            if last:
                self._leave(self)
            inner = self._inner
        waiter.set_running_or_notify_cancel()  # concurrent.futures.wait waits for this
        if last and inner is not None:
            inner.cancel()


class SingleFlight:
    """The questions that are on their way, by key. Usable from any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._under_way: dict[bytes, InFlight] = {}

    def join(self, key: bytes) -> tuple[Future[OcrResult], InFlight | None]:
        """A future for the answer; and the flight, for the first who asks and must fly it."""
        waiter: Future[OcrResult] = Future()
        mine = InFlight(self._lock, lambda done: self._leave(key, done))
        with self._lock:
            flight = self._under_way.get(key)
            if flight is None:
                flight = self._under_way[key] = mine
            flight.add_waiter(waiter)
        flight.watch(waiter)
        return waiter, mine if flight is mine else None

    def _leave(self, key: bytes, flight: InFlight) -> None:
        if self._under_way.get(key) is flight:
            del self._under_way[key]


def _answer(waiter: Future[OcrResult], result: OcrResult) -> None:
    try:
        waiter.set_result(result)
    except InvalidStateError:  # cancelled just now
        return


def _fail(waiter: Future[OcrResult], error: BaseException) -> None:
    try:
        waiter.set_exception(error)
    except InvalidStateError:  # cancelled just now
        return


def _shared(cause: BaseException) -> EngineError:
    error = EngineError(f"another reader asked for the same page first, and failed: {cause}")
    error.__cause__ = cause
    return error
