"""What one engine has under way: its requests, tried until they are answered or given up.

A caller's thread hands a body over and waits for room; the loop's thread sends it, again and again
if need be; the thread for results completes its Future. Every request is completed once, whatever
becomes of it: by its result, its error, or the end of the session.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from got_loaders.engine.remote.address import ServerAddress
from got_loaders.engine.remote.attempts import Attempts
from got_loaders.engine.remote.dialect import Dialect
from got_loaders.engine.remote.in_flight import in_flight_limit
from got_loaders.engine.remote.io_thread import IoThread, io_thread
from got_loaders.errors import EngineDeadError, EngineError, ModelNotFoundError
from got_loaders.types import OcrResult
from got_loaders.types.engines import EngineInfo

if TYPE_CHECKING:
    from got_loaders.engine.remote.settings import RemoteSettings

__all__ = ["RemoteFuture", "Session"]


class RemoteFuture(Future[OcrResult]):
    """A Future that a forked child of its process can't wait for, and does not."""

    def __init__(self) -> None:
        super().__init__()
        self._pid = os.getpid()

    def result(self, timeout: float | None = None) -> OcrResult:
        """As every Future's; :class:`EngineDeadError` in a forked child."""
        self._check_process()
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """As every Future's; :class:`EngineDeadError` in a forked child."""
        self._check_process()
        return super().exception(timeout)

    def _check_process(self) -> None:
        if os.getpid() != self._pid and not self.done():
            raise EngineDeadError(
                "this request belongs to the parent process; after a fork submit it again"
            )


@dataclass(slots=True, eq=False)
class _Call:
    """A request that is under way; ``task`` belongs to the loop's thread."""

    body: bytes
    info: EngineInfo
    finish: Callable[[OcrResult], OcrResult]
    future: RemoteFuture = field(default_factory=RemoteFuture)
    task: asyncio.Task[None] | None = None


class Session:
    """The requests of one engine, in one process."""

    def __init__(
        self,
        address: ServerAddress,
        api_key: str | None,
        dialect: Dialect,
        settings: RemoteSettings,
    ) -> None:
        self._address, self._api_key = address, api_key
        self._dialect, self._settings = dialect, settings
        self._changed = threading.Condition()
        self._pending: set[_Call] = set()
        self._attempts: Attempts | None = None
        self._described: Future[EngineInfo] | None = None
        self._io: IoThread | None = None
        self._closed = False
        self._changed_model: EngineError | None = None

    @property
    def alive(self) -> bool:
        """Whether a request that is submitted now would be sent."""
        return not self._closed and self._changed_model is None

    def info(self) -> EngineInfo:
        """What the server says of itself: asked by the first caller, for whom the others wait."""
        with self._changed:
            self._check_alive()
            if self._described is None:
                self._described = self._start().run(self._describe())
            described = self._described
        try:
            return described.result()
        except BaseException as error:
            with self._changed:
                if self._described is described and described.done():
                    self._described = None  # the next one asks again
            if isinstance(error, CancelledError):
                raise EngineDeadError("the engine was closed") from error
            raise

    def submit(
        self,
        body: bytes,
        info: EngineInfo,
        finish: Callable[[OcrResult], OcrResult] = lambda result: result,
    ) -> Future[OcrResult]:
        """Send a request; blocks while as many are under way as may be.

        ``finish`` gives what the caller gets of what came.

        From a Future's callback it never blocks: that runs where others' results come from.
        """
        call = _Call(body, info, finish)
        with self._changed:
            io = self._start()
            if not io.is_current:
                self._changed.wait_for(
                    lambda: len(self._pending) < self._limit(info) or not self.alive
                )
            self._check_alive()
            self._pending.add(call)
        call.future.add_done_callback(partial(self._on_done, call))
        try:
            io.call(self._begin, call)
        except EngineDeadError:
            self._discard(call)
            raise
        return call.future

    def close(self) -> None:
        """Answer what is pending with :class:`EngineDeadError`, and hang up."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            pending, attempts, io = list(self._pending), self._attempts, self._io
            described = self._described
            self._changed.notify_all()
        if described is not None:
            described.cancel()  # whoever waits for it hears that
        for call in pending:
            _complete(call.future, EngineDeadError("the engine was closed"))
        if io is not None and attempts is not None and io.alive:
            left = io.run(attempts.close())
            if not io.is_current:
                left.result(timeout=5)

    def _limit(self, info: EngineInfo) -> int:
        return self._settings.max_in_flight or in_flight_limit(info.max_batch_size)

    def _check_alive(self) -> None:
        if self._closed:
            raise EngineDeadError("the engine was closed")
        if self._changed_model is not None:
            raise self._changed_model

    def _start(self) -> IoThread:
        """The process's thread; the lock is held."""
        if self._io is None or not self._io.alive:
            self._io = io_thread()
            self._attempts = Attempts(
                self._io, self._address, self._api_key, self._dialect, self._settings
            )
        return self._io

    async def _describe(self) -> EngineInfo:
        assert self._attempts is not None, "there is a thread"
        return await self._attempts.describe()

    # In the loop's thread.

    def _begin(self, call: _Call) -> None:
        if not call.future.done():
            call.task = asyncio.get_running_loop().create_task(self._run(call))

    async def _run(self, call: _Call) -> None:
        assert self._attempts is not None, "there is a thread"
        assert self._io is not None, "there is a thread"
        try:
            read = await self._attempts.read(call.body, call.info)
            outcome: OcrResult | BaseException = call.finish(read)
        except asyncio.CancelledError:
            outcome = EngineDeadError("the engine was closed")
        except ModelNotFoundError as error:
            outcome = self._changed_model = error
        except Exception as error:  # noqa: BLE001  # whatever it is, nobody may wait forever
            outcome = error
        if isinstance(outcome, OcrResult):
            outcome = self._checked(outcome, call.info)
        self._discard(call)
        self._io.hand_out(partial(_complete, call.future, outcome))

    def _checked(self, result: OcrResult, info: EngineInfo) -> OcrResult | BaseException:
        """The result, if the model that read it is the one that was there at the beginning."""
        if result.model == info.fingerprint:
            return result
        self._changed_model = EngineDeadError(
            f"the model is {result.model} now and was {info.fingerprint} when reading began: "
            f"{self._address.url} was started with another one meanwhile"
        )
        return self._changed_model

    # In any thread.

    def _on_done(self, call: _Call, future: Future[OcrResult]) -> None:
        """A call that was cancelled, or failed by ``close``, leaves the connection."""
        self._discard(call)
        io = self._io
        if io is None or not io.alive:
            return
        if future.cancelled():
            future.set_running_or_notify_cancel()  # whoever waits for several hears of it
        with suppress(EngineDeadError):  # while the process ends: all connections are closed
            io.call(_hang_up, call)

    def _discard(self, call: _Call) -> None:
        with self._changed:
            self._pending.discard(call)
            self._changed.notify_all()


def _hang_up(call: _Call) -> None:
    if call.task is not None:
        call.task.cancel()


def _complete(future: Future[OcrResult], outcome: OcrResult | BaseException) -> None:
    try:
        if isinstance(outcome, BaseException):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
    except InvalidStateError:
        pass  # it was cancelled meanwhile
