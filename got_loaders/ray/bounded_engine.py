"""An engine that is never asked more than so many questions at once, whoever asks."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import Any

from got_loaders.types import Engine, OcrRequest, OcrResult

__all__ = ["BoundedEngine"]


class BoundedEngine:
    """All that ``engine`` is; ``submit`` waits while ``limit`` questions are not answered yet.

    So many batches may be in an actor, and wait for their slowest page, and yet the pixels of few
    pages are held. Usable from any number of threads.
    """

    def __init__(self, engine: Engine, limit: int) -> None:
        self._engine = engine
        self._places = threading.Semaphore(limit)

    @property
    def fingerprint(self) -> str:
        """The engine's."""
        return self._engine.fingerprint

    def submit(self, request: OcrRequest) -> Future[OcrResult]:
        """Ask the engine, once there is a place."""
        self._places.acquire()
        try:
            future = self._engine.submit(request)
        except BaseException:
            self._places.release()
            raise
        future.add_done_callback(lambda _: self._places.release())
        return future

    def close(self) -> None:
        """Close the engine."""
        self._engine.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)
