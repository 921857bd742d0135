"""The HTTP clients of a process: one for each server and key, however many engines ask it.

Loads the HTTP library. All of it runs in one event loop.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from importlib.util import find_spec

import httpx

from got_loaders._version import __version__
from got_loaders.engine.remote.address import ServerAddress
from got_loaders.engine.remote.dialect import Answer
from got_loaders.engine.remote.http2_reset import StreamTrace
from got_loaders.engine.remote.in_flight import MAX_IN_FLIGHT

__all__ = ["ClientKey", "HttpClients", "send"]

_CONNECT_S = 10.0
"""Seconds to make a connection. How long an answer may take is the caller's to say."""

_KEEP_ALIVE_S = 4.0
"""Seconds that a connection waits for its next request: less than the 5 after which common servers
close it, which would meet a request on its way."""

_MAX_ANSWER_BYTES = 32 * 2**20
"""No answer is longer: 8,192 tokens with their probabilities take 2 MB."""


@dataclass(frozen=True, slots=True)
class ClientKey:
    """Whose connections may be shared: the address, and the key that is sent there."""

    address: ServerAddress
    api_key: str | None

    def __repr__(self) -> str:
        """Without the key."""
        return f"ClientKey({self.address.url!r})"


@dataclass(slots=True)
class _SharedClient:
    client: httpx.AsyncClient
    users: int = 0


class HttpClients:
    """Clients by key, each closed when its last user leaves."""

    def __init__(self) -> None:
        self._shared: dict[ClientKey, _SharedClient] = {}

    def join(self, key: ClientKey) -> httpx.AsyncClient:
        """Become a user of the client of this key."""
        shared = self._shared.get(key)
        if shared is None:
            shared = self._shared[key] = _SharedClient(_new_client(key))
        shared.users += 1
        return shared.client

    async def leave(self, key: ClientKey) -> None:
        """No longer be a user of it."""
        shared = self._shared[key]
        shared.users -= 1
        if not shared.users:
            del self._shared[key]
            await shared.client.aclose()

    async def close(self) -> None:
        """Close them all."""
        shared, self._shared = list(self._shared.values()), {}
        for each in shared:
            await each.client.aclose()


async def send(
    client: httpx.AsyncClient, method: str, url: str, body: bytes | None = None
) -> Answer:
    """Send a request and read the whole answer; ``ValueError`` for one too long, or packed.

    Cancelling it closes the connection at once, or the stream, where several share one. Packed
    answers are not asked for, and so refused: of some bytes they could make any number.
    """
    trace = StreamTrace(client)
    try:
        return await _exchange(client, method, url, body, trace)
    except asyncio.CancelledError:
        await trace.reset()
        raise


async def _exchange(
    client: httpx.AsyncClient, method: str, url: str, body: bytes | None, trace: StreamTrace
) -> Answer:
    headers = {} if body is None else {"Content-Type": "application/json"}
    async with client.stream(
        method, url, content=body, headers=headers, extensions={"trace": trace}
    ) as response:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise ValueError("its answer is packed, which was not asked for")
        parts, size = list[bytes](), 0
        async for part in response.aiter_raw():
            parts.append(part)
            size += len(part)
            if size > _MAX_ANSWER_BYTES:
                raise ValueError(f"its answer is longer than {_MAX_ANSWER_BYTES:,} bytes")
        return Answer(
            response.status_code,
            b"".join(parts),
            retry_after=_seconds(response.headers.get("retry-after")),
            location=response.headers.get("location"),
        )


def _new_client(key: ClientKey) -> httpx.AsyncClient:
    """Proxies and certificates are those that the environment names, as for other HTTP clients; but
    none stands between this machine and itself. Redirects are not followed: the key would go along.
    """
    http2 = find_spec("h2") is not None
    limits = httpx.Limits(
        max_connections=MAX_IN_FLIGHT,
        max_keepalive_connections=MAX_IN_FLIGHT,
        keepalive_expiry=_KEEP_ALIVE_S,
    )
    transport = None
    if key.address.is_loopback:
        verify = key.address.is_tls
        transport = httpx.AsyncHTTPTransport(verify=verify, http2=http2, limits=limits)
    headers = {
        "User-Agent": f"got_loaders/{__version__}",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
    }
    if key.api_key is not None:
        headers["Authorization"] = f"Bearer {key.api_key}"
    return httpx.AsyncClient(
        headers=headers,
        http2=http2,
        limits=limits,
        timeout=httpx.Timeout(None, connect=_CONNECT_S),
        follow_redirects=False,
        transport=transport,
    )


def _seconds(retry_after: str | None) -> float | None:
    """``Retry-After`` where it is a number of seconds; a date is passed over."""
    try:
        seconds = float(retry_after or "")
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None
