"""A copy of the model on each of several devices; the least busy one takes the next request."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from got_loaders.engine.config import EngineConfig
from got_loaders.engine.local import LocalEngine
from got_loaders.types import EngineInfo, OcrRequest, OcrResult, TokenListener

__all__ = ["ReplicatedEngine"]


class ReplicatedEngine:
    """Several local engines behind one ``submit``. If one dies, all are unusable.

    They are loaded at the same time, and each has a thread; but one interpreter steps them all. A
    step is estimated at a third of a millisecond of Python, the start of a page at six: that is
    enough for about four GPUs. For more of them, have several processes, as servers for instance.
    """

    def __init__(self, config: EngineConfig) -> None:
        config = config.resolved()
        devices = config.device if isinstance(config.device, tuple) else (config.device,)
        self.config = config
        self._engines = _load_all([replace(config, device=device) for device in devices])
        self._pending = [0] * len(self._engines)
        self._lock = threading.Lock()
        self.fingerprint = self._engines[0].fingerprint

    @property
    def alive(self) -> bool:
        """Whether every copy is alive."""
        return all(engine.alive for engine in self._engines)

    @property
    def fatal_error(self) -> BaseException | None:
        """The error of the first copy that broke down."""
        return next((engine.fatal_error for engine in self._engines if engine.fatal_error), None)

    @property
    def info(self) -> EngineInfo:
        """What those who prepare its requests elsewhere have to know."""
        return replace(self._engines[0].info, max_batch_size=self.max_batch_size)

    @property
    def max_batch_size(self) -> int:
        """How many requests decode at once at most, in all copies together."""
        return sum(engine.max_batch_size for engine in self._engines)

    @property
    def num_running(self) -> int:
        """How many requests decode now, in all copies together."""
        return sum(engine.num_running for engine in self._engines)

    @property
    def num_waiting(self) -> int:
        """How many requests wait for a place in one of the copies."""
        return sum(engine.num_waiting for engine in self._engines)

    @property
    def num_completed(self) -> int:
        """How many requests have got a result, from all copies together."""
        return sum(engine.num_completed for engine in self._engines)

    def submit(
        self, request: OcrRequest, *, listener: TokenListener | None = None
    ) -> Future[OcrResult]:
        """Hand ``request`` to the copy with the fewest pending ones; blocks while that is full."""
        with self._lock:
            index = min(range(len(self._pending)), key=self._pending.__getitem__)
            self._pending[index] += 1
        try:
            future = self._engines[index].submit(request, listener=listener)
        except BaseException:
            self._done(index)
            raise
        future.add_done_callback(lambda _: self._done(index))
        return future

    def decode(self, token_ids: Iterable[int]) -> str:
        """The text of ``token_ids``, as a result has it."""
        return self._engines[0].decode(token_ids)

    def close(self) -> None:
        """Close every copy."""
        for engine in self._engines:
            engine.close()

    def _done(self, index: int) -> None:
        with self._lock:
            self._pending[index] -= 1


def _load_all(configs: list[EngineConfig]) -> list[LocalEngine]:
    """All copies, or none: where one fails, the others are waited for and closed again."""
    pool = ThreadPoolExecutor(len(configs), thread_name_prefix="got-loaders-loading")
    loads = [pool.submit(LocalEngine, config) for config in configs]
    try:
        with pool:
            return [load.result() for load in loads]
    except BaseException:
        for load in loads:
            if load.done() and load.exception() is None:
                load.result().close()
        raise
