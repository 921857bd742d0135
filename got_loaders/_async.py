"""Waiting without holding up an event loop: for a blocking step, and for an engine's results."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from concurrent.futures import Future
from typing import Generic, Self, TypeVar

from got_loaders.types import OcrResult

__all__ = ["InnerGenerator", "call_in_thread", "run_in_thread", "wait_for_futures"]

S = TypeVar("S")
T = TypeVar("T")


class InnerGenerator(Generic[T]):
    """An async generator inside another one, which iterates it and closes it: ``async with``.

    As ``contextlib.aclosing``, but the event loop does not hear of it. At its end a loop closes all
    generators that it knows at once: the outer one then closes an inner one that is being closed,
    which is an error on standard error for everybody who abandons a generator.
    """

    def __init__(self, values: AsyncGenerator[T]) -> None:
        self._values = values

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._unheard(self._values.aclose)

    def __aiter__(self) -> Self:
        return self

    def __anext__(self) -> Awaitable[T]:
        return self._unheard(self._values.__anext__)

    @staticmethod
    def _unheard(step: Callable[[], Awaitable[S]]) -> Awaitable[S]:
        """A step of the generator, the first of which the loop would hear of."""
        hooks = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(firstiter=None)
        try:
            return step()
        finally:
            sys.set_asyncgen_hooks(firstiter=hooks.firstiter)


async def call_in_thread(step: Callable[[], T]) -> T:
    """Call a blocking step in a worker thread, return its result; when cancelled, wait for it."""
    results: list[T] = []
    await run_in_thread(lambda: results.append(step()), threading.Event())
    return results[0]


async def run_in_thread(step: Callable[[], None], stop: threading.Event) -> None:
    """Run a blocking step in a worker thread. When cancelled, set ``stop`` and wait for its end
    before giving way: the step uses the documents that the caller is about to close."""
    task = asyncio.ensure_future(asyncio.to_thread(step))
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            stop.set()
            cancelled = error
    if cancelled is not None:
        task.cancelled() or task.exception()  # seen: cancelling weighs more
        raise cancelled
    task.result()


async def wait_for_futures(futures: Sequence[Future[OcrResult]]) -> None:
    """Wait until all futures are done; whoever needs the results looks at them afterwards."""
    pending = [future for future in futures if not future.done()]
    if not pending:
        return
    waiting = [asyncio.wrap_future(future) for future in pending]
    for future in waiting:
        future.add_done_callback(lambda done: done.cancelled() or done.exception())
    await asyncio.wait(waiting)
