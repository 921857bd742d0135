"""Sends a request until it is answered or given up. Runs in the event loop of the process."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from got_loaders.engine.remote.backoff import Backoff
from got_loaders.engine.remote.dialect import Answer, Dialect, Failure
from got_loaders.engine.remote.failures import (
    no_address,
    not_set_up,
    not_understood,
    timed_out,
    unreachable,
)
from got_loaders.engine.remote.in_flight import InFlightWindow, in_flight_limit
from got_loaders.errors import EngineDeadError, EngineError, GotLoadersError, OptionError
from got_loaders.types import OcrResult
from got_loaders.types.engines import EngineInfo

if TYPE_CHECKING:
    import httpx

    from got_loaders.engine.remote.address import ServerAddress
    from got_loaders.engine.remote.http_client import ClientKey
    from got_loaders.engine.remote.io_thread import IoThread
    from got_loaders.engine.remote.settings import RemoteSettings

__all__ = ["Attempts"]

_log = logging.getLogger(__name__)

T = TypeVar("T")

_WARN_EVERY_S = 30.0

_DESCRIBE_S = 30.0
"""Seconds for a server to say what it is, which takes it no reading."""

_OK = frozenset([200])
_ADVICE = "is it running, and is this its address? got-loaders serve starts one"


class Attempts:
    """One engine's way to its server: the shared client, the places, and patience."""

    def __init__(
        self,
        io: IoThread,
        address: ServerAddress,
        api_key: str | None,
        dialect: Dialect,
        settings: RemoteSettings,
    ) -> None:
        self._io = io
        self._address, self._api_key = address, api_key
        self._dialect, self._settings = dialect, settings
        self._window = InFlightWindow(settings.max_in_flight or in_flight_limit(None))
        self._info: EngineInfo | None = None
        self._joined: tuple[ClientKey, httpx.AsyncClient] | None = None
        self._last_success: float | None = None
        self._next_warning = 0.0

    async def describe(self) -> EngineInfo:
        """What the server says of itself; waits while it loads its model.

        A server that is not there is not waited for: :class:`EngineDeadError` at once.
        """
        backoff = Backoff(self._settings.retry_for)
        while True:
            outcome = await self._attempt(
                "GET",
                self._dialect.describe_path,
                self._dialect.describe,
                accepted=self._dialect.described_by,
            )
            if isinstance(outcome, EngineInfo):
                limit = self._settings.max_in_flight or in_flight_limit(outcome.max_batch_size)
                self._info, self._window = outcome, InFlightWindow(limit)
                return outcome
            delay = None if _is_absent(outcome) else backoff.delay(outcome, time.monotonic(), None)
            if delay is None:
                raise self._no_server(outcome)
            self._log(outcome)
            await asyncio.sleep(delay)

    async def read(self, body: bytes, info: EngineInfo) -> OcrResult:
        """The result of a request, however often it must be sent for that."""
        backoff = Backoff(self._settings.retry_for)
        while True:
            window = self._window
            entered = await window.enter()
            try:
                outcome = await self._attempt(
                    "POST",
                    self._dialect.read_path,
                    lambda answer: self._dialect.decode(answer, info),
                    body,
                )
            finally:
                window.leave()
            if isinstance(outcome, OcrResult):
                window.grow()
                self._last_success = time.monotonic()
                return outcome
            if outcome.busy:
                window.shrink(entered)
            delay = backoff.delay(outcome, time.monotonic(), self._last_success)
            if delay is None:
                raise _given_up(outcome, backoff)
            self._log(outcome)
            await asyncio.sleep(delay)

    async def close(self) -> None:
        """Let go of the client."""
        joined, self._joined = self._joined, None
        if joined is not None:
            await self._io.clients.leave(joined[0])

    async def _attempt(
        self,
        method: str,
        path: str,
        read: Callable[[Answer], T],
        body: bytes | None = None,
        *,
        accepted: frozenset[int] = _OK,
    ) -> T | Failure:
        import httpx

        from got_loaders.engine.remote.http_client import send

        server = self._address.url
        seconds = self._settings.timeout if body else min(self._settings.timeout, _DESCRIBE_S)
        try:
            client = self._client()
        except Exception as error:  # noqa: BLE001  # the environment may name what is not there
            return not_set_up(server, error)
        try:
            async with asyncio.timeout(seconds):
                url = self._address.endpoint(path)
                answer = await send(client, method, url, body)
                if body is not None and (other := self._dialect.revise(body, answer)) is not None:
                    answer = await send(client, method, url, other)
        except TimeoutError as error:
            return timed_out(server, seconds, error)
        except httpx.TransportError as error:
            return unreachable(server, error)
        except httpx.InvalidURL as error:
            return no_address(server, error)
        except ValueError as error:
            return not_understood(server, error)
        if answer.status not in accepted:
            return self._dialect.explain(answer, server)
        try:
            return read(answer)
        except (ValueError, TypeError, LookupError, ArithmeticError) as error:
            return not_understood(server, error)

    def _client(self) -> httpx.AsyncClient:
        if self._joined is None:
            from got_loaders.engine.remote.http_client import ClientKey

            key = ClientKey(self._address, self._api_key)
            self._joined = key, self._io.clients.join(key)
        return self._joined[1]

    def _no_server(self, failure: Failure) -> GotLoadersError:
        error = failure.error
        if _is_absent(failure):
            return _chained(EngineDeadError(f"{error}: {_ADVICE}"), error)
        if isinstance(error, EngineDeadError | OptionError):
            return error
        if isinstance(error.__cause__, TimeoutError):
            return _chained(EngineDeadError(str(error)), error)
        kind, advice = self._dialect.server_kind, self._dialect.advice
        text = f"{self._address.url} is no {kind}, it seems: {error}{advice}"
        return _chained(EngineDeadError(text), error)

    def _log(self, failure: Failure) -> None:
        """Say it now and then that a server fails; that it is busy is nothing to worry about."""
        now, level = time.monotonic(), logging.DEBUG
        if not failure.busy and now >= self._next_warning:
            self._next_warning, level = now + _WARN_EVERY_S, logging.WARNING
        _log.log(level, "%s; trying again", failure.error)


def _is_absent(failure: Failure) -> bool:
    """Whether no connection could be made."""
    import httpx

    cause = failure.error.__cause__
    return isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError)


def _given_up(failure: Failure, backoff: Backoff) -> GotLoadersError:
    """What the caller gets. A server that is busy, or away, for so long ends the whole read."""
    error = failure.error
    if backoff.attempts == 1:
        return error
    text = f"{error} (given up after {backoff.attempts} attempts)"
    kind = EngineDeadError if failure.busy or isinstance(error, EngineDeadError) else EngineError
    return _chained(kind(text), error)


def _chained(error: GotLoadersError, cause: BaseException) -> GotLoadersError:
    error.__cause__ = cause
    return error
