"""Tells a server that speaks HTTP/2 that a request is no longer waited for.

Where a connection carries one request, hanging up says so. Where many share one, a stream is reset
(RFC 9113, 5.4.2), which httpcore does not do by itself: the server would go on reading. What is
reached for here is none of its public names; where they are not there, nothing is told.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

__all__ = ["StreamTrace"]

_log = logging.getLogger(__name__)

_WRITE_S = 2.0
"""Seconds for a few bytes to leave."""

_CANCEL = 8
"""The error code that says "not needed any more" (RFC 9113, section 7)."""


class StreamTrace:
    """Hears, as httpx's ``trace`` extension, by which stream a request goes out."""

    def __init__(self, client: object) -> None:
        self._client = client
        self._connection: Any = None
        self._request: Any = None
        self._stream_id: int | None = None

    async def __call__(self, event: str, info: dict[str, Any]) -> None:
        """Called by httpcore at each step of a request."""
        if event == "http2.send_request_headers.started":
            self._request, self._stream_id = info["request"], info["stream_id"]
            self._connection = self._find_connection()

    async def reset(self) -> None:
        """Reset the stream, if there is one that is not at its end."""
        if self._connection is None:
            return
        with suppress(Exception):  # the connection may be gone, and with it the stream
            async with asyncio.timeout(_WRITE_S):
                self._connection._h2_state.reset_stream(self._stream_id, error_code=_CANCEL)
                await self._connection._write_outgoing_data(self._request)

    def _find_connection(self) -> Any:
        """The HTTP/2 connection that the pool has given to this request."""
        try:
            pools = [self._client._transport, *self._client._mounts.values()]  # type: ignore[attr-defined]  # see above
            waiting = (each for pool in pools if pool is not None for each in pool._pool._requests)
            found = next(each for each in waiting if each.request is self._request)
        except (AttributeError, StopIteration) as error:
            _log.debug("HTTP/2 streams can't be reset: %r", error)
            return None
        return getattr(found.connection, "_connection", None)
