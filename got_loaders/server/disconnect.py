"""Work for a client, as long as it is there and its time lasts."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.types import Receive

from got_loaders.server.errors import ApiError

__all__ = ["ClientGoneError", "cancel_and_wait", "until_disconnect", "within"]

T = TypeVar("T")


class ClientGoneError(Exception):
    """The client hung up; nobody hears the answer."""


async def until_disconnect(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """The work's result; where the client hangs up before, the work is cancelled, and
    :class:`ClientGoneError` raised. The request's body must have been received."""
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_wait_for_disconnect(receive))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise ClientGoneError
    finally:
        await cancel_and_wait(gone)
        await cancel_and_wait(task)


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """The work's result; beyond its time it is cancelled, and its client told so (504)."""
    try:
        async with asyncio.timeout(seconds) as scope:
            return await work
    except TimeoutError:
        if not scope.expired():
            raise
        raise ApiError(
            "timeout", f"it was not done within {seconds:g} seconds, and is given up"
        ) from None


async def cancel_and_wait(task: asyncio.Future[Any]) -> None:
    """End a task, whatever becomes of it."""
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
    if not task.cancelled():
        task.exception()  # seen


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
