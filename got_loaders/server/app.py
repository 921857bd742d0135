"""The app: endpoints, what they share, and the layers that every request passes."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from got_loaders._version import __version__
from got_loaders.errors import MissingDependencyError
from got_loaders.server import MISSING

try:
    import prometheus_client as _prometheus_client
    import uvicorn as _uvicorn
    from fastapi import FastAPI
except ImportError as error:
    raise MissingDependencyError(MISSING) from error

from got_loaders.server import health, models
from got_loaders.server.admission import Admission
from got_loaders.server.auth import AccessControl
from got_loaders.server.body_limit import BodyLimit, HeldBytes
from got_loaders.server.chat import routes as chat
from got_loaders.server.docs_pages import add_docs_pages
from got_loaders.server.engine_source import EngineSource
from got_loaders.server.errors import add_error_handlers
from got_loaders.server.files import routes as files
from got_loaders.server.jobs import routes as jobs
from got_loaders.server.jobs.service import JobService, check_jobs_dir
from got_loaders.server.metrics import Metrics
from got_loaders.server.ocr import routes as ocr
from got_loaders.server.openapi import add_schema
from got_loaders.server.process import routes as process
from got_loaders.server.response_headers import OuterLayer
from got_loaders.server.settings import ServerSettings
from got_loaders.server.state import ServerState
from got_loaders.server.stopping import Stopping, closing
from got_loaders.types import Engine, get_max_batch_size

if TYPE_CHECKING:
    from got_loaders.engine import EngineConfig

__all__ = ["create_app"]

del _prometheus_client, _uvicorn

_DESCRIPTION = (
    "Pages, as pictures or whole documents, in; their text out. With a key, send it as "
    "`Authorization: Bearer KEY` or `X-Api-Key: KEY`."
)

_DEFAULT_RUNNING = 32
"""Requests at once for an engine that does not say how many it runs."""

DOCUMENT_ROUTERS = (ocr.router, process.router, files.router, jobs.router)
ROUTERS = (chat.router, *DOCUMENT_ROUTERS, models.router, health.router)


def create_app(
    settings: ServerSettings,
    engine: Engine | EngineConfig,
    *,
    load_engine: Callable[[EngineConfig], Engine] | None = None,
) -> FastAPI:
    """The server as an ASGI app, for one event loop. Loads the model when it is started.

    Each app has its own counters; those with equal configurations share the engine, unless
    ``load_engine`` makes another one. What they share among their endpoints is
    ``app.state.server``, a :class:`ServerState`.
    """
    check_jobs_dir(settings)
    state = _create_state(settings, engine, load_engine)
    service = JobService(state)
    held = HeldBytes(settings.max_held_bytes)
    app = FastAPI(
        title="got_loaders",
        version=__version__,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=partial(_lifespan, state, service),
    )
    app.state.server = state
    app.state.jobs = service
    for router in ROUTERS:
        app.include_router(router)
    add_schema(app)
    add_docs_pages(app)
    add_error_handlers(app)
    app.add_middleware(BodyLimit, settings=settings, held=held)  # the innermost comes first
    app.add_middleware(AccessControl, settings=settings)
    app.add_middleware(OuterLayer, metrics=state.metrics, stopping=state.stopping)
    state.metrics.watch("held_bytes", "Bytes of requests in memory.", lambda: held.total)
    return app


def _create_state(
    settings: ServerSettings,
    engine: Engine | EngineConfig,
    load_engine: Callable[[EngineConfig], Engine] | None,
) -> ServerState:
    metrics = Metrics()
    source = EngineSource(engine, settings, metrics, load_engine)
    limit = settings.max_running or _DEFAULT_RUNNING
    admission = Admission(limit, max_waiting=settings.max_queued)
    documents = Admission(settings.max_documents, max_waiting=settings.max_queued, what="documents")
    stopping = Stopping()
    for each in (admission, documents):
        stopping.on_set(partial(each.refuse_waiting, closing()))
    _watch(metrics, source, admission, documents)
    return ServerState(
        settings=settings,
        engine_source=source,
        admission=admission,
        documents=documents,
        metrics=metrics,
        stopping=stopping,
        threads=ThreadPoolExecutor(
            min(16, (os.cpu_count() or 1) + 4), thread_name_prefix="got-loaders-server"
        ),
    )


def _watch(
    metrics: Metrics, source: EngineSource, admission: Admission, documents: Admission
) -> None:
    """Gauges of what goes on."""

    def of_engine(name: str) -> float:
        return 0.0 if source.engine is None else float(getattr(source.engine, name) or 0)

    for name, text, value in (
        (
            "requests_running",
            "Chat requests at the engine.",
            lambda: admission.running,
        ),
        ("requests_waiting", "Chat requests that wait for one.", lambda: admission.waiting),
        ("documents_running", "Documents being read.", lambda: documents.running),
        ("documents_waiting", "Documents that wait.", lambda: documents.waiting),
        ("engine_running", "Pages in the engine's batch.", lambda: of_engine("num_running")),
        ("engine_waiting", "Pages that wait in the engine.", lambda: of_engine("num_waiting")),
        ("engine_max_batch_size", "How many it takes.", lambda: of_engine("max_batch_size")),
    ):
        metrics.watch(name, text, value)


@asynccontextmanager
async def _lifespan(state: ServerState, service: JobService, _app: FastAPI) -> AsyncGenerator[None]:
    source = state.engine_source
    asyncio.get_running_loop().set_default_executor(_pipeline_threads(state.settings))
    source.on_change(partial(_fit_admission, state))
    source.open()
    await service.start()
    try:
        yield
    finally:
        state.stopping.set()
        await service.close()
        await source.close()
        state.threads.shutdown(wait=False, cancel_futures=True)


def _pipeline_threads(settings: ServerSettings) -> ThreadPoolExecutor:
    """Those of the event loop, in which documents are opened and submitted: enough for each that
    is read to be held up by the engine's full queue, while others are told of their jobs."""
    count = 2 * settings.max_documents + 16
    return ThreadPoolExecutor(count, thread_name_prefix="got-loaders-pipeline")


def _fit_admission(state: ServerState) -> None:
    """Let in a quarter more than the engine runs at once: the next ones are prepared meanwhile."""
    engine = state.engine_source.engine
    size = None if engine is None else get_max_batch_size(engine)
    if state.settings.max_running is None and size is not None:
        state.admission.limit = size + max(2, size // 4)
