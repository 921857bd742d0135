"""Submitting to the engine without holding up the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from got_loaders.types import OcrResult

__all__ = ["submit_in_thread"]


async def submit_in_thread(
    threads: ThreadPoolExecutor, submit: Callable[[], Future[OcrResult]]
) -> Future[OcrResult]:
    """What ``submit`` gives, which may block. Cancelled meanwhile, what was submitted is
    cancelled as soon as it is known."""
    job = threads.submit(submit)
    try:
        return await asyncio.wrap_future(job)
    except asyncio.CancelledError:
        job.add_done_callback(_cancel_result)
        raise


def _cancel_result(job: Future[Future[OcrResult]]) -> None:
    if not job.cancelled() and job.exception() is None:
        job.result().cancel()
