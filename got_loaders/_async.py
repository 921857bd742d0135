"""Waiting without holding up an event loop: for a blocking step, and for an engine's results."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TypeVar

from got_loaders.types import OcrResult

__all__ = ["call_in_thread", "run_in_thread", "wait_for_futures"]

T = TypeVar("T")


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
