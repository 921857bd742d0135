"""The engine of a server, which counts what it answers, whoever asks: an endpoint or a job."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from got_loaders.errors import EngineDeadError
from got_loaders.server.metrics import Metrics
from got_loaders.types import (
    Engine,
    EngineInfo,
    OcrRequest,
    OcrResult,
    TokenListener,
    get_engine_info,
    get_max_batch_size,
)

__all__ = ["MeteredEngine"]


class MeteredEngine:
    """``answering``, which is ``live``, the model, or the cache before it.

    Who listens to tokens asks the model past the cache, which knows none. ``on_death`` is called,
    in whichever thread, when the engine says that it is dead.
    """

    def __init__(
        self, live: Engine, answering: Engine, metrics: Metrics, on_death: Callable[[], object]
    ) -> None:
        self._live = live
        self._answering = answering
        self._metrics = metrics
        self._on_death = on_death

    @property
    def fingerprint(self) -> str:
        """The model's."""
        return self._live.fingerprint

    @property
    def info(self) -> EngineInfo:
        """What the model says of itself."""
        return get_engine_info(self._live)

    @property
    def max_batch_size(self) -> int | None:
        """How many requests the model runs at once; None where it does not say."""
        return get_max_batch_size(self._live)

    @property
    def alive(self) -> bool:
        """Whether a request submitted now would be answered, as far as it says."""
        return bool(getattr(self._live, "alive", True))

    @property
    def num_running(self) -> int:
        """The pages in its batch; 0 where it does not say."""
        return int(getattr(self._live, "num_running", 0))

    @property
    def num_waiting(self) -> int:
        """The requests that wait for a place in it; 0 where it does not say."""
        return int(getattr(self._live, "num_waiting", 0))

    @property
    def decode(self) -> Callable[[list[int]], str] | None:
        """Token ids → text; None where the engine has no such thing to offer."""
        return getattr(self._live, "decode", None)

    def submit(
        self, request: OcrRequest, *, listener: TokenListener | None = None, endpoint: str = "other"
    ) -> Future[OcrResult]:
        """Queue it; may block. ``endpoint`` is who asked, for the counters."""
        started = time.monotonic()
        try:
            if listener is None:
                future = self._answering.submit(request)
            else:
                listening: Any = self._live  # those that have ``decode`` take a listener
                future = listening.submit(request, listener=listener)
        except EngineDeadError:
            self._metrics.pages.labels("failed", endpoint).inc()
            self._on_death()
            raise
        future.add_done_callback(partial(self._count, started, endpoint))
        return future

    def close(self) -> None:
        """Nothing: the model is the server's."""

    def _count(self, started: float, endpoint: str, future: Future[OcrResult]) -> None:
        if future.cancelled():
            return
        error = future.exception()
        if error is None:
            seconds = time.monotonic() - started
            self._metrics.page(future.result(), seconds=seconds, endpoint=endpoint)
            self._metrics.batch_size.observe(self.num_running)
            return
        self._metrics.pages.labels("failed", endpoint).inc()
        if isinstance(error, EngineDeadError):
            self._on_death()
