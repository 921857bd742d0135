"""uvicorn's HTTP/1.1 with patience that ends: for slow requests, and for slow readers.

uvicorn itself waits for the rest of a request's head, and for room to send, as long as they take.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["bounded_protocol"]


def bounded_protocol(seconds: float) -> type[H11Protocol]:
    """A protocol that closes a connection where for so long a head is not complete, the rest of a
    body that was refused does not end, or nothing of an answer is taken."""

    class BoundedProtocol(H11Protocol):
        """Bodies that are read are timed by who reads them."""

        _receiving: asyncio.TimerHandle | None = None
        _sending: asyncio.TimerHandle | None = None
        _unsent = 0

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
            super().connection_made(transport)
            _send_at_once(transport)
            self._receiving = self.loop.call_later(seconds, self._give_up)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.cycle is not None and not self.cycle.response_complete:
                self._receiving = _cancelled(self._receiving)
            elif self._receiving is None:
                self._receiving = self.loop.call_later(seconds, self._give_up)

        def on_response_complete(self) -> None:
            super().on_response_complete()
            if self.conn.their_state is h11.SEND_BODY and self._receiving is None:
                self._receiving = self.loop.call_later(seconds, self._give_up)

        def pause_writing(self) -> None:
            super().pause_writing()
            self._check_sending()

        def resume_writing(self) -> None:
            super().resume_writing()
            self._sending = _cancelled(self._sending)

        def connection_lost(self, exc: Exception | None) -> None:
            self._receiving = _cancelled(self._receiving)
            self._sending = _cancelled(self._sending)
            super().connection_lost(exc)

        def _check_sending(self) -> None:
            """Give up who has taken nothing since the last look."""
            unsent = self.transport.get_write_buffer_size()
            if self._sending is not None and unsent >= self._unsent:
                self.transport.abort()
                return
            self._unsent = unsent
            self._sending = self.loop.call_later(seconds, self._check_sending)

        def _give_up(self) -> None:
            if not self.transport.is_closing():
                self.transport.close()

    return BoundedProtocol


def _send_at_once(transport: asyncio.Transport) -> None:
    """Let no part of an answer wait until the client has acknowledged the one before: 40 ms.

    asyncio does so only where a socket names its protocol, which ``socket.create_server`` doesn't.
    """
    connection = transport.get_extra_info("socket")
    if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
        with suppress(OSError):  # it has hung up already
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _cancelled(timer: asyncio.TimerHandle | None) -> asyncio.TimerHandle | None:
    """What stands for a timer that is no longer needed."""
    if timer is not None:
        timer.cancel()
    return None
