"""Runs the app by uvicorn: binds the address, hears signals, ends in order."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, Any

from got_loaders.errors import EngineError, GotLoadersError, MissingDependencyError
from got_loaders.server import MISSING

try:
    import uvicorn
except ImportError as error:
    raise MissingDependencyError(MISSING) from error

from got_loaders.server.app import create_app
from got_loaders.server.http_protocol import bounded_protocol
from got_loaders.server.settings import ServerSettings, is_loopback
from got_loaders.types import Engine

if TYPE_CHECKING:
    from fastapi import FastAPI

    from got_loaders.engine import EngineConfig

__all__ = ["run", "server_config"]

_MAX_HEADERS = 32_768
"""Bytes of a request's line and headers."""
_LAST_WORDS_S = 2
"""For telling those who were cancelled, and for connections to close."""
_FILES = 65_536
"""Open files that are asked of the system: a connection is one."""


def run(
    settings: ServerSettings,
    engine: Engine | EngineConfig,
    *,
    announce: Callable[[str], object] = lambda _: None,
) -> int:
    """Serve until a signal says to end; the number of SIGINT, or 0 after any other.

    ``announce`` is told where it listens, and when the model is loaded. On SIGTERM, SIGINT or
    SIGHUP no new request is taken; what runs is finished within the grace time, and a second signal
    ends it at once. An address that can't be had, or a model that can't be loaded or died too
    often, raises :class:`GotLoadersError`.
    """
    with _bind(settings) as listener:
        _raise_file_limit()
        app = create_app(settings, engine)
        server = _Server(app, settings, announce)
        announce(f"listening on {_url(settings.host, listener)}; the model is being loaded")
        asyncio.run(server.serve([listener]))
    error = server.failure
    if error is not None:
        raise error if isinstance(error, GotLoadersError) else EngineError(str(error))
    return signal.SIGINT if server.signal == signal.SIGINT else 0


def server_config(app: Any, settings: ServerSettings) -> uvicorn.Config:
    """uvicorn's settings: no log of requests, no name in answers, no web sockets, bounded heads."""
    return uvicorn.Config(
        app,
        http=bounded_protocol(settings.receive_seconds),
        ws="none",
        loop="asyncio",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        h11_max_incomplete_event_size=_MAX_HEADERS,
        timeout_keep_alive=max(1, round(settings.keep_alive_seconds)),
        timeout_graceful_shutdown=_LAST_WORDS_S,
    )


class _Server(uvicorn.Server):
    """uvicorn's, which ends in our order: first no new work, then what runs, then the sockets."""

    def __init__(
        self, app: FastAPI, settings: ServerSettings, announce: Callable[[str], object]
    ) -> None:
        super().__init__(server_config(app, settings))
        self.signal: int | None = None
        self.failure: Exception | None = None
        self._state = app.state.server
        self._grace_s = settings.grace_seconds
        self._announce = announce
        self._deadline: float | None = None
        self._state.engine_source.on_change(self._tell_status)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Hear the signals that say to end, but for those that the process was told to ignore."""
        before = {}
        for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, self.handle_exit)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end; the second time at once."""
        del frame
        if self.signal is not None:
            self._deadline = 0.0
            self.force_exit = True
        self.signal = self.signal or sig

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: whether to close the sockets now."""
        if await super().on_tick(counter):
            return True
        if self.signal is None and self.failure is None:
            return False
        now = asyncio.get_running_loop().time()
        if self._deadline is None:
            self._deadline = now + self._grace_s
            self._state.stopping.set()
            count = len(self.server_state.tasks)
            self._announce(f"closing; {count} requests are finished first" if count else "closing")
        if not self.server_state.tasks:
            return True
        if now < self._deadline:
            return False
        for task in self.server_state.tasks:
            task.cancel()
        return True

    def _tell_status(self) -> None:
        source = self._state.engine_source
        if source.status == "ready":
            self._announce(f"ready: {source.engine.info.fingerprint}")
        elif source.status == "failed":
            self.failure = source.error


def _bind(settings: ServerSettings) -> socket.socket:
    """The listening socket."""
    host, port = settings.host.strip("[]"), settings.port
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = min(found, key=lambda each: each[0] != socket.AF_INET)
        both = family == socket.AF_INET6 and host == "::" and socket.has_dualstack_ipv6()
        return socket.create_server(address[:2], family=family, backlog=2048, dualstack_ipv6=both)
    except OSError as error:
        number = error.errno or 0
        reason = os.strerror(number) if number > 0 else error.strerror
        where = f"host {settings.host}, port {settings.port}"
        raise GotLoadersError(f"{where}: can't listen there: {reason}") from error


def _url(host: str, listener: socket.socket) -> str:
    """The real address; by the name that was given where that is more than an address."""
    address, port = listener.getsockname()[:2]
    name = host if is_loopback(host) and ":" not in host else address
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def _raise_file_limit() -> None:
    """Let this process have as many connections as its system allows, up to a bound."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
        if soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
