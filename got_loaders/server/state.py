"""What all endpoints of a server share: one frozen value, ``request.app.state.server``."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from starlette.requests import Request

from got_loaders.server.admission import Admission
from got_loaders.server.engine_source import EngineSource
from got_loaders.server.metrics import Metrics
from got_loaders.server.settings import ServerSettings
from got_loaders.server.stopping import Stopping

__all__ = ["ServerState", "get_state"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ServerState:
    """``engine_source.get()`` is the engine. ``admission`` bounds the requests that it has at once,
    ``documents`` the documents that are read at once. ``threads`` is for what blocks."""

    settings: ServerSettings
    engine_source: EngineSource
    admission: Admission
    documents: Admission
    metrics: Metrics
    stopping: Stopping
    threads: ThreadPoolExecutor


def get_state(request: Request) -> ServerState:
    """The state of the server that answers this request."""
    state: ServerState = request.app.state.server
    return state
