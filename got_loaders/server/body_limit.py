"""How much is taken in: of one request, of all together, and how slowly it may come.

The body is read here, before anything is made of it; endpoints get it from memory.
"""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from got_loaders.server.disconnect import ClientGoneError
from got_loaders.server.errors import ApiError, error_response
from got_loaders.server.settings import ServerSettings

__all__ = ["BodyLimit", "HeldBytes"]


class HeldBytes:
    """How many bytes of bodies are in memory. Of the event loop's thread."""

    def __init__(self, limit: int) -> None:
        self.total = 0
        self._limit = limit

    def add(self, count: int) -> None:
        """Raise :class:`ApiError` (429) where they are too many with these."""
        if self.total + count > self._limit:
            raise ApiError(
                "overloaded", "the server holds as many requests as it has memory for; ask later"
            )
        self.total += count


class BodyLimit:
    """Middleware: reads bodies within bounds, and refuses those beyond."""

    def __init__(self, app: ASGIApp, settings: ServerSettings, held: HeldBytes) -> None:
        self._app = app
        self._settings = settings
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its body in memory, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(self._settings, self._held)
        try:
            try:
                await body.read(Headers(scope=scope), receive)
            except ApiError as error:
                await error_response(error)(scope, receive, send)
                return
            await self._app(scope, body.replay(receive), send)
        finally:
            self._held.total -= body.counted


class _Body:
    """One request's body. ``counted`` is its share of what is held."""

    def __init__(self, settings: ServerSettings, held: HeldBytes) -> None:
        self.counted = 0
        self._limit = settings.max_body_bytes
        self._seconds = settings.receive_seconds
        self._held = held
        self._parts: list[bytes] = []
        self._size = 0

    async def read(self, headers: Headers, receive: Receive) -> None:
        """All of it; :class:`ClientGoneError` where the client left meanwhile."""
        self._take(_content_length(headers), headers)
        try:
            async with asyncio.timeout(self._seconds):
                await self._read(receive, headers)
        except TimeoutError:
            raise ApiError(
                "timeout",
                f"the body did not come within {self._seconds:g} seconds",
                status=408,
            ) from None

    def replay(self, receive: Receive) -> Receive:
        """A ``receive`` that gives the body, and then what else comes: that the client left."""
        body: bytes | None = b"".join(self._parts)
        self._parts.clear()

        async def receive_again() -> Message:
            nonlocal body
            if body is None:
                return await receive()
            message = {"type": "http.request", "body": body, "more_body": False}
            body = None
            return message

        return receive_again

    async def _read(self, receive: Receive, headers: Headers) -> None:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGoneError
            part = message.get("body", b"")
            self._size += len(part)
            self._take(self._size, headers)
            self._parts.append(part)
            if not message.get("more_body", False):
                return

    def _take(self, size: int, headers: Headers) -> None:
        """Count a body of so many bytes, as far as it is not counted."""
        if size > self._limit:
            raise ApiError(
                "too_large",
                f"the request has {size if 'content-length' in headers else 'too many'} bytes; "
                f"at most {self._limit} are taken",
            )
        if size > self.counted:
            self._held.add(size - self.counted)
            self.counted = size


def _content_length(headers: Headers) -> int:
    text = headers.get("content-length", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
