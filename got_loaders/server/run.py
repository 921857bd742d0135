"""Runs the app by uvicorn."""

from __future__ import annotations

from typing import Any

import uvicorn

from got_loaders.server.settings import ServerSettings

__all__ = ["server_config"]

_MAX_HEADERS = 32_768
"""Bytes of a request's line and headers."""


def server_config(app: Any, settings: ServerSettings) -> uvicorn.Config:
    """uvicorn's settings: no log of requests, no name in answers, no web sockets, bounded heads."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http="h11",
        ws="none",
        loop="asyncio",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        h11_max_incomplete_event_size=_MAX_HEADERS,
        timeout_keep_alive=round(settings.keep_alive_seconds),
        timeout_graceful_shutdown=max(1, round(settings.grace_seconds)),
    )
