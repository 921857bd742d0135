"""Who waits for the same answer: the first asks for it, the others share it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from dataclasses import replace

from got_loaders.types import OcrResult

__all__ = ["Flight", "Flights"]


class Flight:
    """One question on its way. Its waiters' futures can be cancelled like any other.

    The lock is that of all flights; no future is answered while it is held, for its callbacks may
    ask again.
    """

    def __init__(self, lock: threading.Lock, leave: Callable[[Flight], None]) -> None:
        self._lock = lock
        self._leave = leave
        self._waiters: list[Future[OcrResult]] = []
        self._inner: Future[OcrResult] | None = None

    def board(self) -> Future[OcrResult]:
        """One more waiter's future; the lock is held."""
        waiter: Future[OcrResult] = Future()
        self._waiters.append(waiter)
        return waiter

    def watch(self, waiter: Future[OcrResult]) -> None:
        """Hear of it when this waiter gives up; the lock is not held."""
        waiter.add_done_callback(self._ended)

    def take_off(self, inner: Future[OcrResult]) -> None:
        """The answer will come from ``inner``, which is cancelled when nobody waits any more."""
        with self._lock:
            self._inner = inner
            wanted = bool(self._waiters)
        if not wanted:
            inner.cancel()

    def land(self, result: OcrResult) -> None:
        """Give all who wait the answer; it is new for the first alone."""
        for number, waiter in enumerate(self._end()):
            _answer(waiter, result if number == 0 else replace(result, cached=True))

    def crash(self, error: BaseException) -> None:
        """Give all who wait the error."""
        for waiter in self._end():
            try:
                waiter.set_exception(error)
            except InvalidStateError:  # cancelled just now
                continue

    def _end(self) -> list[Future[OcrResult]]:
        with self._lock:
            self._leave(self)
            waiters, self._waiters = self._waiters, []
        return waiters

    def _ended(self, waiter: Future[OcrResult]) -> None:
        if not waiter.cancelled():
            return
        with self._lock:
            if waiter not in self._waiters:
                return
            self._waiters.remove(waiter)
            last = not self._waiters
            if last:
                self._leave(self)
            inner = self._inner
        waiter.set_running_or_notify_cancel()  # concurrent.futures.wait waits for this
        if last and inner is not None:
            inner.cancel()


class Flights:
    """The questions that are on their way, by key. Usable from any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[bytes, Flight] = {}

    def join(self, key: bytes) -> tuple[Future[OcrResult], Flight | None]:
        """A future for the answer; and the flight, for the first who asks and must fly it."""
        with self._lock:
            flight = self._under_way.get(key)
            first = flight is None
            if flight is None:
                flight = Flight(self._lock, lambda done: self._leave(key, done))
                self._under_way[key] = flight
            waiter = flight.board()
        flight.watch(waiter)
        return waiter, flight if first else None

    def _leave(self, key: bytes, flight: Flight) -> None:
        if self._under_way.get(key) is flight:
            del self._under_way[key]


def _answer(waiter: Future[OcrResult], result: OcrResult) -> None:
    try:
        waiter.set_result(result)
    except InvalidStateError:  # cancelled just now
        return
