"""The engine in front of the cache: asks the model only for what is not there."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from got_loaders.cache.earlier_readings import EarlierReadings
from got_loaders.cache.keys import request_key
from got_loaders.cache.result_cache import ResultCache
from got_loaders.cache.singleflight import InFlight
from got_loaders.errors import EngineError
from got_loaders.types import (
    Engine,
    EngineInfo,
    OcrRequest,
    OcrResult,
    get_engine_info,
    get_max_batch_size,
)

__all__ = ["CachedEngine"]

_log = logging.getLogger(__name__)


class CachedEngine:
    """Answers from ``cache`` what was read before by the model that ``fingerprint`` names.

    ``load_engine`` gives the engine that reads the rest; it is called when that is first needed,
    and may load a model. A result is given when it is written, so that nothing that anybody has
    seen is read again; who asks for the same at the same time shares it. What is read of a picture
    that was read before in another way has that reading as its draft. Closing it leaves both as
    they are: they belong to others.
    """

    def __init__(
        self, load_engine: Callable[[], Engine], fingerprint: str, cache: ResultCache
    ) -> None:
        self.fingerprint = fingerprint
        self._load_engine = load_engine
        self._loaded: Engine | None = None
        self._cache = cache
        self._earlier = EarlierReadings(cache, fingerprint)

    @property
    def max_batch_size(self) -> int | None:
        """What the engine says of itself; None as long as nothing had to be read."""
        return None if self._loaded is None else get_max_batch_size(self._loaded)

    @property
    def info(self) -> EngineInfo | None:
        """What the engine says of itself; None as long as nothing had to be read."""
        return None if self._loaded is None else get_engine_info(self._loaded)

    def submit(self, request: OcrRequest) -> Future[OcrResult]:
        """The cached result at once, or the engine's; blocks where that engine blocks."""
        key = self._key(request)
        if key is None:
            return self._engine().submit(request)
        future, in_flight = self._cache.single_flight.join(key)
        if in_flight is not None:
            try:
                self._read_through(in_flight, key, request)
            except Exception as error:
                in_flight.reject(error)
                raise
            except BaseException as error:
                name = type(error).__name__
                in_flight.reject(EngineError(f"whoever asked first was interrupted: {name}"))
                raise
        return future

    def close(self) -> None:
        """Nothing: the engine is shared."""

    def _key(self, request: OcrRequest) -> bytes | None:
        """None where nothing is kept; what is wrong with a picture is the engine's to say."""
        try:
            return request_key(request, self.fingerprint)
        except Exception as error:  # noqa: BLE001  # Pillow raises what it likes on odd images
            _log.debug("a request can't be looked up: %r", error)
            return None

    def _read_through(self, in_flight: InFlight, key: bytes, request: OcrRequest) -> None:
        result = self._cache.get_result(key)
        if result is not None:
            in_flight.resolve(result)
            return
        engine, drafted = self._engine(), self._earlier.find_draft(request)
        inner = engine.submit(drafted.request)
        inner.add_done_callback(partial(self._on_result, in_flight, key, drafted.picture))
        in_flight.attach(inner)

    def _on_result(
        self, in_flight: InFlight, key: bytes, picture: bytes | None, inner: Future[OcrResult]
    ) -> None:
        """In the engine's thread; what is raised here nobody would hear of."""
        if inner.cancelled():
            in_flight.reject(EngineError("the request was cancelled"))
            return
        error = inner.exception()
        if error is not None:
            in_flight.reject(error)
            return
        result = inner.result()
        resolve = partial(in_flight.resolve, result)
        try:
            self._earlier.note(picture, key)
            self._cache.put_result(key, self.fingerprint, result, resolve)
        except Exception as cause:  # noqa: BLE001  # such as a confidence that is no plain number
            _log.warning("a reading can't be kept: %r", cause)
            resolve()

    def _engine(self) -> Engine:
        if self._loaded is not None:
            return self._loaded
        engine = self._load_engine()
        if engine.fingerprint != self.fingerprint:
            raise EngineError(
                f"the model is {engine.fingerprint} now and was {self.fingerprint} when reading "
                "began: its files were changed meanwhile"
            )
        self._loaded = engine
        return engine
