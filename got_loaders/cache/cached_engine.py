"""The engine in front of the store: asks the model only for what is not there."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from got_loaders.cache.keys import request_key
from got_loaders.cache.result_cache import ResultCache
from got_loaders.cache.singleflight import InFlight
from got_loaders.errors import EngineError
from got_loaders.types import Engine, OcrRequest, OcrResult

__all__ = ["CachedEngine"]

_log = logging.getLogger(__name__)


class CachedEngine:
    """Answers from ``store`` what was read before by the model that ``fingerprint`` names.

    ``engine`` gives the engine that reads the rest; it is called when that is first needed, and may
    load a model. An answer is given when it is written, so that nothing that anybody has seen is
    read again; who asks for the same at the same time shares it. Closing it leaves both as they
    are: they belong to others.
    """

    def __init__(self, engine: Callable[[], Engine], fingerprint: str, store: ResultCache) -> None:
        self.fingerprint = fingerprint
        self._find_engine = engine
        self._found: Engine | None = None
        self._store = store

    def submit(self, request: OcrRequest) -> Future[OcrResult]:
        """The stored answer at once, or the engine's; blocks where that engine blocks."""
        key = request_key(request, self.fingerprint)
        if key is None:
            return self._engine().submit(request)
        flight: InFlight | None = None
        try:
            future, flight = self._store.join(key)
            if flight is not None:
                self._fly(flight, key, request)
        except BaseException as error:
            if flight is not None:
                flight.reject(error if isinstance(error, Exception) else _interrupted(error))
            raise
        return future

    def close(self) -> None:
        """Nothing: the engine is shared."""

    def _fly(self, flight: InFlight, key: bytes, request: OcrRequest) -> None:
        found = self._store.find(key)
        if found is not None:
            flight.resolve(found)
            return
        inner = self._engine().submit(request)
        inner.add_done_callback(partial(self._landed, flight, key))
        flight.attach(inner)

    def _landed(self, flight: InFlight, key: bytes, inner: Future[OcrResult]) -> None:
        """In the engine's thread; what is raised here nobody would hear of."""
        if inner.cancelled():
            flight.reject(EngineError("the request was cancelled"))
            return
        error = inner.exception()
        if error is not None:
            flight.reject(error)
            return
        result = inner.result()
        try:
            self._store.keep(key, self.fingerprint, result, partial(flight.resolve, result))
        except Exception as odd:  # noqa: BLE001  # such as a confidence that is no plain number
            _log.warning("a reading can't be kept: %r", odd)
            flight.resolve(result)

    def _engine(self) -> Engine:
        if self._found is not None:
            return self._found
        engine = self._find_engine()
        if engine.fingerprint != self.fingerprint:
            raise EngineError(
                f"the model is {engine.fingerprint} now and was {self.fingerprint} when reading "
                "began: its files were changed meanwhile"
            )
        self._found = engine
        return engine


def _interrupted(error: BaseException) -> EngineError:
    return EngineError(f"whoever asked first was interrupted: {type(error).__name__}")
