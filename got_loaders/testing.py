"""Fakes for tests, ours and those of the library's users: no model, no torch."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import replace

from got_loaders.errors import EngineDeadError
from got_loaders.types import EngineInfo, OcrRequest, OcrResult, TokenListener

__all__ = ["FakeEngine"]

_log = logging.getLogger(__name__)

Reply = str | OcrResult | BaseException

_WORD = re.compile(r"\s*\S+|\s+$")
"""A word and the blanks before it; these in a row are the text."""


class FakeEngine:
    """An :class:`~got_loaders.types.Engine` that answers at once what it was told to.

    ``reply`` is a text, an :class:`OcrResult`, an exception, or a callable from the request to
    one of these. ``requests`` records what came, in order. ``max_batch_size`` is how many requests
    it says that it runs at once. Usable from any number of threads.
    """

    num_running = num_waiting = 0

    def __init__(
        self,
        reply: Reply | Callable[[OcrRequest], Reply] = "text",
        *,
        fingerprint: str = "fake",
        max_batch_size: int | None = None,
    ) -> None:
        self.reply = reply
        self.fingerprint = fingerprint
        self.max_batch_size = max_batch_size
        self.requests: list[OcrRequest] = []
        self.closed = False
        self._lock = threading.Lock()
        self._words: dict[str, int] = {}

    @property
    def info(self) -> EngineInfo:
        """Its name and its size; pictures are taken as they are."""
        name, size = self.fingerprint, self.max_batch_size
        return EngineInfo(model=name, fingerprint=name, max_batch_size=size)

    def submit(
        self, request: OcrRequest, *, listener: TokenListener | None = None
    ) -> Future[OcrResult]:
        """Answer ``request``: the future is done when this returns.

        ``listener`` hears the answer's words first, each a token that is certain.
        """
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
            return future
        result = self._result(reply)
        if listener is not None:
            self._say(result.text, listener)
        future.set_result(result)
        return future

    def decode(self, token_ids: Iterable[int]) -> str:
        """The words that a listener heard under these numbers, counted from 0 as they came."""
        with self._lock:
            words = list(self._words)
        return "".join(words[token] for token in token_ids)

    def close(self) -> None:
        """Refuse every later request."""
        with self._lock:
            self.closed = True

    def _result(self, reply: str | OcrResult) -> OcrResult:
        if isinstance(reply, str):
            reply = OcrResult(text=reply, num_tokens=len(reply.split()))
        return reply if reply.model else replace(reply, model=self.fingerprint)

    def _say(self, text: str, listener: TokenListener) -> None:
        for index, word in enumerate(_WORD.findall(text)):
            with self._lock:
                token = self._words.setdefault(word, len(self._words))
            try:
                listener(index, token, 1.0)
            except Exception:  # noqa: BLE001  # as a real engine: it hears no more
                _log.exception("a request's listener failed, and hears no more")
                return
