"""The outermost layer: headers for each answer, its count, and an answer to any error."""

from __future__ import annotations

import asyncio
import time
import uuid

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from got_loaders.server.disconnect import ClientGoneError
from got_loaders.server.errors import ApiError, api_error, error_response
from got_loaders.server.metrics import Metrics
from got_loaders.server.stopping import Stopping, closing

__all__ = ["NO_CONTENT_POLICY", "OuterLayer"]

NO_CONTENT_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""For answers that no browser is to show."""

_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": NO_CONTENT_POLICY,
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class OuterLayer:
    """Middleware around all others."""

    def __init__(self, app: ASGIApp, metrics: Metrics, stopping: Stopping) -> None:
        self._app = app
        self._metrics = metrics
        self._stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sending = _Sending(send, self._stopping, last=_is_ambiguous(scope))
        started = time.monotonic()
        try:
            await self._app(scope, receive, sending)
        except asyncio.CancelledError:
            if not self._stopping.is_set():
                raise
            await sending.fail(closing(), scope, receive)
        except ClientGoneError:
            self._metrics.cancelled.inc()
        except Exception as error:  # noqa: BLE001  # the last place where it can be told
            await sending.fail(api_error(error), scope, receive)
        finally:
            endpoint = _endpoint(scope)
            if "error_code" in scope:
                self._metrics.failures.labels(scope["error_code"]).inc()
            self._metrics.requests.labels(endpoint, str(sending.status)).inc()
            self._metrics.request_seconds.labels(endpoint).observe(time.monotonic() - started)


class _Sending:
    """``send``, which adds the headers and remembers the status; 499 where nothing was sent."""

    def __init__(self, send: Send, stopping: Stopping, *, last: bool) -> None:
        self.status = 499
        self._last = last
        self._send = send
        self._stopping = stopping

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("x-request-id", uuid.uuid4().hex)
            if self._last or self._stopping.is_set():
                headers["connection"] = "close"
        await self._send(message)

    async def fail(self, error: ApiError, scope: Scope, receive: Receive) -> None:
        """Answer with an error; where an answer has begun nothing can be told any more."""
        if self.status == 499:
            await error_response(error)(scope, receive, self)


def _is_ambiguous(scope: Scope) -> bool:
    """Whether a proxy before us may have seen another end of the request: nothing that follows it
    on its connection is answered then (RFC 9112, 6.1)."""
    names = {name for name, _ in scope["headers"]}
    return {b"content-length", b"transfer-encoding"} <= names


def _endpoint(scope: Scope) -> str:
    """The route that answered, whatever stood in its place holders; few in all."""
    route = scope.get("route")
    return str(getattr(route, "path", "other"))
