"""A replica of the Serve application: the server's app, one engine, and its health.

Runs in a process of Ray's. Takes no request before its model is loaded.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from got_loaders.engine.remote.address import API_KEY_VARIABLE
from got_loaders.engine.remote.key_file import read_keys
from got_loaders.errors import EngineDeadError
from got_loaders.ray.serve.metrics import RayMetrics
from got_loaders.ray.serve.options import ReplicaSpec
from got_loaders.server.app import create_app
from got_loaders.server.engine_source import EngineSource
from got_loaders.server.errors import ApiError, error_response
from got_loaders.server.settings import is_loopback
from got_loaders.types import Engine

if TYPE_CHECKING:
    from fastapi import FastAPI

    from got_loaders.engine import EngineConfig

__all__ = ["OcrReplica", "ReplicaApp"]

_MAX_RELOADS = 3
"""How many times in a row an engine that died is made anew, as of our own engines."""

_Scope: TypeAlias = MutableMapping[str, Any]
_Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
_Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class ReplicaApp:
    """The server as an ASGI app behind Serve's proxies."""

    def __init__(self, spec: ReplicaSpec) -> None:
        keys = _keys(spec.api_key_file)
        settings = replace(spec.settings, api_keys=keys)
        maker = None if spec.factory is None else _EngineMaker(spec.factory)
        app = create_app(settings, spec.config, load_engine=maker)
        if maker is not None:
            maker.pages_read = app.state.server.metrics.pages_read
        self._source: EngineSource = app.state.server.engine_source
        self._app = app
        self._has_keys = bool(keys)
        _extend_lifespan(app, self._source)

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """Pass the request on; without a key only this machine's."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if not self._has_keys and not _is_local(scope):
            await error_response(_key_needed())(scope, receive, send)
            return
        await self._app(scope, receive, _without_request_id(send))

    def check_health(self) -> None:
        """Raise :class:`EngineDeadError` where only another process helps."""
        if self._source.status == "failed":
            raise EngineDeadError(f"the model is not to be had: {self._source.describe_error()}")


class OcrReplica:
    """What Serve asks beside requests; :func:`ray.serve.ingress` gives it its app."""

    app: ReplicaApp

    async def check_health(self) -> None:
        """Serve starts another replica in the place of one that raises here a few times."""
        self.app.check_health()


def _keys(api_key_file: str | None) -> tuple[str, ...]:
    """Those of this machine's file, or of this process's environment."""
    if api_key_file is not None:
        return read_keys(os.path.expanduser(api_key_file), name="api_key_file")  # noqa: PTH111  # ~nobody stays
    key = os.environ.get(API_KEY_VARIABLE, "").strip()
    return (key,) if key else ()


class _EngineMaker:
    """Makes engines by the user's function: another one where one died, but not for ever.

    ``pages_read`` says how many pages were read so far.
    """

    def __init__(self, factory: Callable[[], Engine]) -> None:
        self.pages_read: Callable[[], float] = lambda: 0.0
        self._factory = factory
        self._made = 0
        self._read_before = 0.0

    def __call__(self, _config: EngineConfig) -> Engine:
        """The next one; :class:`EngineDeadError` where the last ones died without an answer."""
        read = self.pages_read()
        if read > self._read_before:
            self._made, self._read_before = 0, read
        if self._made > _MAX_RELOADS:
            raise EngineDeadError(f"the engine died {self._made} times in a row")
        self._made += 1
        return self._factory()


def _extend_lifespan(app: FastAPI, source: EngineSource) -> None:
    """Have the app's start end when the model is loaded, or can't be; tell Ray what it counts."""
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[Any]:
        changed = asyncio.Event()
        source.on_change(changed.set)
        async with inner(app) as state:
            while source.status == "loading":
                changed.clear()
                await changed.wait()
            telling = asyncio.create_task(RayMetrics(app.state.server.metrics).keep_telling())
            try:
                yield state
            finally:
                telling.cancel()

    app.router.lifespan_context = lifespan


def _is_local(scope: _Scope) -> bool:
    """Whether the proxy's client is on the proxy's machine."""
    client = scope.get("client")
    return client is not None and is_loopback(client[0])


def _key_needed() -> ApiError:
    return ApiError(
        "forbidden",
        "without a key only the machine itself is answered; pass api_key_file=, or set "
        f"{API_KEY_VARIABLE} where the replicas run",
    )


def _without_request_id(send: _Send) -> _Send:
    """``send`` without our id of the request: the proxy adds the one that Serve's logs have."""

    async def send_on(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = [each for each in message["headers"] if each[0].lower() != b"x-request-id"]
            message = {**message, "headers": headers}
        await send(message)

    return send_on
