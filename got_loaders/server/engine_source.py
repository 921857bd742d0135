"""The engine of a server: loaded in a thread, and loaded anew when it dies.

While there is none, whoever asks is told why: loading, closing, or broken for good.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Literal, TypeVar

from got_loaders.cache import CachedEngine, cache_folder, open_cache
from got_loaders.errors import EngineDeadError
from got_loaders.server.errors import ApiError, without_paths
from got_loaders.server.metered_engine import MeteredEngine
from got_loaders.server.metrics import Metrics
from got_loaders.server.settings import ServerSettings
from got_loaders.types import Engine

if TYPE_CHECKING:
    from got_loaders.engine import EngineConfig

__all__ = ["EngineSource", "EngineStatus"]

T = TypeVar("T")

_log = logging.getLogger(__name__)

EngineStatus = Literal["loading", "ready", "failed", "closed"]
"""``failed``: it can't be loaded, or died too often; only a new process helps."""

RETRY_S = 2.0
"""What a client is told to wait while the model loads."""


class EngineSource:
    """``get()`` is the live engine. Open and close it in the event loop's thread.

    What ``load_engine`` makes is closed with it; a shared engine is the whole process's.
    """

    def __init__(
        self,
        engine: Engine | EngineConfig,
        settings: ServerSettings,
        metrics: Metrics,
        load_engine: Callable[[EngineConfig], Engine] | None = None,
    ) -> None:
        self._given = engine
        self._load_engine = load_engine or _shared_engine
        self._owns_engine = load_engine is not None
        self._settings = settings
        self._metrics = metrics
        self._engine: MeteredEngine | None = None
        self._live: Engine | None = None
        self._status: EngineStatus = "loading"
        self._error: Exception | None = None
        self._loading: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._callbacks: list[Callable[[], object]] = []
        self._resources = ExitStack()

    @property
    def status(self) -> EngineStatus:
        """What it is doing."""
        return self._status

    @property
    def engine(self) -> MeteredEngine | None:
        """The engine, if there is one, dead or alive."""
        return self._engine

    @property
    def error(self) -> Exception | None:
        """Why it failed."""
        return self._error

    def on_change(self, callback: Callable[[], object]) -> None:
        """Call this in the event loop's thread whenever ``status`` has changed."""
        self._callbacks.append(callback)

    def open(self) -> None:
        """Begin to load the model; returns at once."""
        self._loop = asyncio.get_running_loop()
        given = self._given
        alive = bool(getattr(given, "alive", True))
        if isinstance(given, Engine) and alive and self._settings.cache is None:
            self._use(given, given)  # nothing to wait for
        else:
            self._loading = asyncio.ensure_future(self._load())

    async def get(self) -> MeteredEngine:
        """The engine, which is alive; :class:`ApiError` (503) says why there is none."""
        engine = self._engine
        if engine is not None and not engine.alive:
            self._replace(engine)
            engine = None
        if engine is not None:
            return engine
        if self._status == "loading":
            raise ApiError("loading", "the model is still being loaded", retry_after=RETRY_S)
        if self._status == "closed":
            raise ApiError("closing", "the server is closing; ask again, another one may answer")
        raise ApiError("engine_dead", f"the model is not to be had: {self.describe_error()}")

    def describe_error(self) -> str:
        """Why there is no engine, without the places of files."""
        return without_paths(str(self._error))

    async def close(self) -> None:
        """Let go of the engine; one of this server alone is closed, which may take a step."""
        self._set(None, "closed")
        if self._loading is not None and not self._loading.done():
            self._loading.cancel()  # its thread goes on, and what it loads ends with the process
        live, self._live = self._live, None
        if live is not None and live is not self._given and self._owns_engine:
            await asyncio.to_thread(live.close)
        await asyncio.to_thread(self._resources.close)

    async def _load(self) -> None:
        try:
            live, answering = await _in_daemon_thread(self._load_here)
        except Exception as error:  # noqa: BLE001  # whatever it is, clients and the log are told
            self._error = error
            self._set(None, "failed")
            return
        self._use(live, answering)

    def _use(self, live: Engine, answering: Engine) -> None:
        self._live = live
        engine = MeteredEngine(live, answering, self._metrics, lambda: self._on_death(engine))
        self._set(engine, "ready")

    def _load_here(self) -> tuple[Engine, Engine]:
        """The model, and what stands before it; blocks."""
        if isinstance(self._given, Engine):
            live: Engine = self._given
            if not getattr(live, "alive", True):
                raise EngineDeadError("the engine that was passed in is dead or closed")
        else:
            live = self._load_engine(self._given)
        if self._settings.cache is None:
            return live, live
        folder = cache_folder(self._settings.cache)
        self._resources.close()
        max_bytes = self._settings.max_cache_bytes
        cache = self._resources.enter_context(open_cache(folder, max_bytes=max_bytes))
        return live, CachedEngine(lambda: live, live.fingerprint, cache)

    def _on_death(self, engine: MeteredEngine) -> None:
        """In any thread."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        with suppress(RuntimeError):  # it was closed at this very moment
            loop.call_soon_threadsafe(self._replace, engine)

    def _replace(self, engine: MeteredEngine) -> None:
        """Load another one in the place of a dead one, which many may have found dead."""
        if self._engine is not engine:
            return
        _log.warning("the engine died; loading it anew")
        self._metrics.engine_restarts.inc()
        self._set(None, "loading")
        self._loading = asyncio.ensure_future(self._load())

    def _set(self, engine: MeteredEngine | None, status: EngineStatus) -> None:
        if self._status == "closed":
            return
        self._engine, self._status = engine, status
        self._metrics.engine_up.set(engine is not None)
        for callback in self._callbacks:
            callback()


async def _in_daemon_thread(step: Callable[[], T]) -> T:
    """What a blocking step returns. A process that ends meanwhile does not wait for it: loading
    may be a download of a gigabyte."""
    done: Future[T] = Future()
    done.set_running_or_notify_cancel()  # it can't be stopped; whoever waits may be cancelled

    def run() -> None:
        try:
            done.set_result(step())
        except BaseException as error:  # noqa: BLE001  # raised by who waits
            done.set_exception(error)

    threading.Thread(target=run, name="got-loaders-loading", daemon=True).start()
    return await asyncio.wrap_future(done)


def _shared_engine(config: EngineConfig) -> Engine:
    from got_loaders.engine import shared_engine  # here: it takes a while

    return shared_engine(config)
