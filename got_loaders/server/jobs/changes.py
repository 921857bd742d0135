"""Lets requests wait for something to happen to a job."""

from __future__ import annotations

import asyncio

__all__ = ["Changes"]


class Changes:
    """Of the event loop's thread. Take ``next`` before you look, and wait for it afterwards: so
    nothing is missed in between."""

    def __init__(self) -> None:
        self.next = asyncio.Event()

    def notify(self) -> None:
        """Something has changed."""
        self.next.set()
        self.next = asyncio.Event()


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Return when it is set, or after so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
