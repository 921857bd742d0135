"""How the asynchronous pipeline waits: for a blocking step, and for an engine's answers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TypeVar

from got_loaders.types import OcrResult

__all__ = ["answered", "in_thread", "result_of"]

T = TypeVar("T")


async def result_of(step: Callable[[], T]) -> T:
    """What a blocking step gives, from a worker thread; a cancelled caller waits for its end."""
    results: list[T] = []
    await in_thread(lambda: results.append(step()), threading.Event())
    return results[0]


async def in_thread(step: Callable[[], None], stop: threading.Event) -> None:
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


async def answered(futures: Sequence[Future[OcrResult]]) -> None:
    """Wait until the engine has answered all; who settles the slot then looks at the answers."""
    pending = [future for future in futures if not future.done()]
    if not pending:
        return
    waiting = [asyncio.wrap_future(future) for future in pending]
    for one in waiting:
        one.add_done_callback(lambda done: done.cancelled() or done.exception())
    await asyncio.wait(waiting)
