"""Work for a client, for as long as the client waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import Request

__all__ = ["CLIENT_LEFT", "ClientLeftError", "while_connected"]

T = TypeVar("T")

CLIENT_LEFT = 499
"""The status, after nginx, under which a request whose client hung up is counted."""


class ClientLeftError(Exception):
    """The client hung up; nobody will see an answer."""


async def while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """What ``work`` gives. Where the client hangs up it is cancelled, and :class:`ClientLeftError`
    raised once it has ended. The request's body must have been read before."""
    task = asyncio.ensure_future(work)
    left = asyncio.ensure_future(_wait_until_left(request))
    try:
        await asyncio.wait({task, left}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise ClientLeftError
    finally:
        task.cancel()
        left.cancel()
        await asyncio.gather(task, left, return_exceptions=True)


async def _wait_until_left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
