"""Equal requests at the same time share one result: the first asks for it, the others wait.

The garbage collector may end a dropped job, and so cancel its futures, in the middle of any step
here, in any thread. That is why a cancellation and a result wait for no lock: they append to a
deque, which whoever has the lock, or takes it next, works off. Only who joins waits for the lock.
"""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import replace

from got_loaders.errors import EngineError
from got_loaders.types import OcrResult

__all__ = ["InFlight", "SingleFlight"]

Deliver = Callable[[Future[OcrResult], bool], None]
"""Gives a waiter the outcome; True for the first of all waiters."""


class InFlight:
    """One request on its way, and those who wait for its result; their futures can be cancelled.

    No future is resolved while a lock is held, for its callbacks may ask again.
    """

    def __init__(self, key: bytes, on_change: Callable[[InFlight], None]) -> None:
        self.key = key
        self.waiters: deque[Future[OcrResult]] = deque()
        self.abandoned = False
        self._on_change = on_change
        self._inner: Future[OcrResult] | None = None
        self._outcome: Deliver | None = None
        self._numbers = itertools.count()

    @property
    def ended(self) -> bool:
        """Whether it has an outcome, or nobody waits for one any more."""
        return self.abandoned or self._outcome is not None

    def attach(self, inner: Future[OcrResult]) -> None:
        """The result will come from ``inner``, which is cancelled when nobody waits any more."""
        self._inner = inner
        if self.abandoned:
            inner.cancel()

    def resolve(self, result: OcrResult) -> None:
        """Give all who wait the result; it is new for the first alone."""
        self._end(
            lambda waiter, first: waiter.set_result(
                result
                if first
                else replace(result, cached=True, accepted_tokens=0, rejected_tokens=0)
            )
        )

    def reject(self, error: BaseException) -> None:
        """Give the first the error. The others get one that wraps it: their engine may differ."""
        self._end(lambda waiter, first: waiter.set_exception(error if first else _shared(error)))

    def deliver(self) -> None:
        """Give the outcome, if there is one by now, to all who wait."""
        if self._outcome is None:
            return
        with suppress(IndexError):  # nobody waits any more
            while True:
                waiter = self.waiters.popleft()
                if not waiter.cancelled():
                    with suppress(InvalidStateError):  # cancelled just now
                        self._outcome(waiter, next(self._numbers) == 0)

    def on_done(self, waiter: Future[OcrResult]) -> None:
        """One who waited has the outcome, or gave up."""
        if waiter.cancelled():
            with suppress(ValueError):
                self.waiters.remove(waiter)
            waiter.set_running_or_notify_cancel()  # concurrent.futures.wait waits for this
            self._on_change(self)

    def abandon(self) -> None:
        """Cancel what nobody waits for."""
        if self._inner is not None:
            self._inner.cancel()

    def _end(self, outcome: Deliver) -> None:
        self._outcome = outcome
        self._on_change(self)
        self.deliver()


class SingleFlight:
    """The requests that are on their way, by key. Usable from any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inflight: dict[bytes, InFlight] = {}
        self._changed: deque[InFlight] = deque()

    def join(self, key: bytes) -> tuple[Future[OcrResult], InFlight | None]:
        """A future for the result; and the request, for the first who asks and must submit it."""
        waiter: Future[OcrResult] = Future()
        with self._lock:
            request, new = self._inflight.get(key), None
            if request is None or request.ended:
                request = new = self._inflight[key] = InFlight(key, self._on_change)
            request.waiters.append(waiter)
        self._work_off()
        waiter.add_done_callback(request.on_done)
        request.deliver()
        return waiter, new

    def _on_change(self, request: InFlight) -> None:
        """Without waiting: see to a request that ended, or that lost a waiter."""
        self._changed.append(request)
        self._work_off()

    def _work_off(self) -> None:
        """See to the changed requests, unless another thread has the lock: it then does so."""
        while self._changed and self._lock.acquire(blocking=False):
            try:
                abandoned = self._remove_ended()
            finally:
                self._lock.release()
            for request in abandoned:
                request.abandon()

    def _remove_ended(self) -> list[InFlight]:
        """Take what ended out of the table; those that nobody waits for any more."""
        abandoned = []
        while self._changed:
            request = self._changed.popleft()
            if not request.ended and not request.waiters:
                request.abandoned = True
                abandoned.append(request)
            if request.ended and self._inflight.get(request.key) is request:
                del self._inflight[request.key]
        return abandoned


def _shared(cause: BaseException) -> EngineError:
    error = EngineError(f"another reader asked for the same page first, and failed: {cause}")
    error.__cause__ = cause
    return error
