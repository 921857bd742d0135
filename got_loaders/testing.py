"""Fakes for tests, ours and those of the library's users: no model, no torch."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

from got_loaders.errors import EngineDeadError
from got_loaders.types import OcrRequest, OcrResult

__all__ = ["FakeEngine"]

Reply = str | OcrResult | BaseException


class FakeEngine:
    """An :class:`~got_loaders.types.Engine` that answers at once what it was told to.

    ``reply`` is a text, an :class:`OcrResult`, an exception, or a callable from the request to
    one of these. ``requests`` records what came, in order. Usable from any number of threads.
    """

    def __init__(
        self,
        reply: Reply | Callable[[OcrRequest], Reply] = "text",
        *,
        fingerprint: str = "fake",
    ) -> None:
        self.reply = reply
        self.fingerprint = fingerprint
        self.requests: list[OcrRequest] = []
        self.closed = False
        self._lock = threading.Lock()

    def submit(self, request: OcrRequest) -> Future[OcrResult]:
        """Answer ``request``: the future is done when this returns."""
        with self._lock:
            if self.closed:
                raise EngineDeadError("the fake engine was closed")
            self.requests.append(request)
        future: Future[OcrResult] = Future()
        try:
            reply = self.reply(request) if callable(self.reply) else self.reply
        except Exception as error:  # noqa: BLE001  # whatever the test's callable raises is the answer
            reply = error
        if isinstance(reply, BaseException):
            future.set_exception(reply)
        else:
            future.set_result(self._result(reply))
        return future

    def close(self) -> None:
        """Refuse every later request."""
        with self._lock:
            self.closed = True

    def _result(self, reply: str | OcrResult) -> OcrResult:
        if isinstance(reply, str):
            reply = OcrResult(text=reply, num_tokens=len(reply.split()))
        return reply if reply.model else replace(reply, model=self.fingerprint)
