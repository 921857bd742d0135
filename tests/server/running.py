"""A server that runs in a thread of the tests, on a free port of this machine alone."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import httpx
import uvicorn
from fastapi import FastAPI

from got_loaders.server.app import create_app
from got_loaders.server.run import server_config
from got_loaders.server.settings import ServerSettings
from got_loaders.server.state import ServerState
from got_loaders.types import Engine

if TYPE_CHECKING:
    from got_loaders import EngineConfig

__all__ = ["PATIENCE", "RunningServer", "running_server", "until"]

PATIENCE = 60.0
"""Seconds that anything may take."""


@dataclass(frozen=True)
class RunningServer:
    """Where it listens, and what it is made of. ``state`` is of its own thread's event loop."""

    url: str
    port: int
    app: FastAPI
    client: httpx.Client
    threads: ThreadPoolExecutor

    def post(self, path: str, body: object) -> Future[httpx.Response]:
        """Post JSON in another thread."""
        return self.threads.submit(self.client.post, path, json=body)

    def connect(self, path: str, body: object = None, *, head: str = "") -> socket.socket:
        """A connection on which a request was sent: who closes it has hung up."""
        content = b"" if body is None else json.dumps(body).encode()
        lines = [f"POST {path} HTTP/1.1", "host: localhost", "content-type: application/json"]
        lines.append(head or f"content-length: {len(content)}")
        connection = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + content)
        return connection

    @property
    def state(self) -> ServerState:
        """What its endpoints share."""
        state: ServerState = self.app.state.server
        return state


@contextmanager
def running_server(
    engine: Engine | EngineConfig,
    settings: ServerSettings | None = None,
    *,
    ready: bool = True,
    load_engine: Callable[[EngineConfig], Engine] | None = None,
) -> Iterator[RunningServer]:
    """Serve ``engine``; within, it answers; if ``ready``, its model is loaded."""
    settings = settings or ServerSettings(port=0)
    if settings.jobs_dir is None:  # the user's own has jobs of the user's
        with TemporaryDirectory() as folder:
            own = replace(settings, jobs_dir=folder)
            with running_server(engine, own, ready=ready, load_engine=load_engine) as running:
                yield running
        return
    app = create_app(settings, engine, load_engine=load_engine)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = uvicorn.Server(server_config(app, settings))
    thread = threading.Thread(target=server.run, args=([listener],), name="test-server")
    thread.start()
    headers = {"authorization": f"Bearer {settings.api_keys[0]}"} if settings.api_keys else {}
    url = f"http://127.0.0.1:{port}"
    try:
        with (
            httpx.Client(base_url=url, headers=headers, timeout=PATIENCE) as client,
            ThreadPoolExecutor(8) as threads,
        ):
            _wait(client, ready=ready)
            yield RunningServer(url, port, app, client, threads)
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        listener.close()
        assert not thread.is_alive()


def until(met: Callable[[], object]) -> None:
    """Wait for what another thread does."""
    pause, end = threading.Event(), time.monotonic() + PATIENCE
    while not met():
        if time.monotonic() > end:
            raise TimeoutError
        pause.wait(0.005)


def _wait(client: httpx.Client, *, ready: bool) -> None:
    """Ask until there is an answer: whoever starts a server does so."""

    def met() -> bool:
        try:
            return client.get("/ready").status_code == 200 or not ready
        except httpx.TransportError:
            return False

    until(met)
