"""The thread in which all of a process's requests to servers are under way, and one for results.

One event loop serves every engine, thread and event loop of the process. Futures get their results
in the second thread: what their callbacks do, be it to wait, holds up no connection.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

from got_loaders._registry import Registry
from got_loaders.errors import EngineDeadError

__all__ = ["IoThread", "io_thread"]

_log = logging.getLogger(__name__)

T = TypeVar("T")

_CLOSE_S = 3.0
"""Seconds for connections to be closed when the process ends."""


class IoThread:
    """An event loop in a thread of its own, its HTTP clients, and a thread that hands out results.

    ``clients`` belongs to the loop: only what runs there may touch it.
    """

    def __init__(self) -> None:
        from got_loaders.engine.remote.http_client import (
            HttpClients,
        )  # takes a while: not in the loop

        self.clients = HttpClients()
        self._pid = os.getpid()
        self._results: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        started: Future[None] = Future()
        self._loop_thread = _daemon("got-loaders-remote", lambda: asyncio.run(self._main(started)))
        self._result_thread = _daemon("got-loaders-results", self._hand_out)
        started.result()
        atexit.register(self.close)

    @property
    def alive(self) -> bool:
        """Whether something that is started now would run."""
        return self._loop_thread.is_alive() and os.getpid() == self._pid

    @property
    def is_current(self) -> bool:
        """Whether this is called by one of the two threads, on which the others wait."""
        return threading.current_thread() in (self._loop_thread, self._result_thread)

    def call(self, function: Callable[..., object], *args: object) -> None:
        """Call ``function`` in the loop's thread, soon. Does not wait."""
        try:
            self._loop.call_soon_threadsafe(function, *args)
        except RuntimeError as error:  # the loop is closed
            raise EngineDeadError("the process is ending: nothing more is sent") from error

    def run(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Run ``coroutine`` in the loop."""
        try:
            return asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        except RuntimeError as error:
            coroutine.close()
            raise EngineDeadError("the process is ending: nothing more is sent") from error

    def hand_out(self, give: Callable[[], None]) -> None:
        """Call ``give``, which completes a Future, in the thread for results. Does not wait."""
        self._results.put(give)

    def close(self) -> None:
        """Cancel what is under way, close all connections and end both threads."""
        if os.getpid() != self._pid or not self._loop_thread.is_alive():
            return  # in a forked child the threads are not there
        self.call(self._stop.set)
        self._loop_thread.join(_CLOSE_S)
        self._results.put(None)
        self._result_thread.join(_CLOSE_S)
        atexit.unregister(self.close)

    async def _main(self, started: Future[None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        started.set_result(None)
        await self._stop.wait()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.clients.close()

    def _hand_out(self) -> None:
        while (give := self._results.get()) is not None:
            try:
                give()
            except Exception:  # noqa: BLE001  # it concerns nobody else
                _log.exception("a result could not be handed out")


def _daemon(name: str, target: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=target, name=name, daemon=True)
    thread.start()
    return thread


_inherited: list[IoThread] = []
"""A parent's, in a forked child: its loop shares what it waits by with the parent's, and must not
be closed there."""

_threads: Registry[str, IoThread] = Registry(on_fork=_inherited.append)


def io_thread() -> IoThread:
    """The process's own; made when it is first asked for, and anew in a forked child."""
    return _threads.get_or_create("io", IoThread, usable=lambda thread: thread.alive)
