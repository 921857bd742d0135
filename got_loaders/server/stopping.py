"""The end of a server: from then on no new work is taken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from got_loaders.server.errors import ApiError

__all__ = ["Stopping", "closing"]


class Stopping:
    """Whether the server is closing, and who wants to hear of it. Of the event loop's thread;
    ``is_set`` may be asked in any."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._callbacks: list[Callable[[], object]] = []

    def is_set(self) -> bool:
        """Whether it is closing."""
        return self._event.is_set()

    def set(self) -> None:
        """Take no new work from now on."""
        if not self._event.is_set():
            self._event.set()
            for callback in self._callbacks:
                callback()

    def on_set(self, callback: Callable[[], object]) -> None:
        """Call this, quick as it must be, when it begins to close."""
        self._callbacks.append(callback)

    async def wait(self) -> None:
        """Return when it begins to close."""
        await self._event.wait()

    def check(self) -> None:
        """Raise what a new request is answered with while the server closes."""
        if self.is_set():
            raise closing()


def closing() -> ApiError:
    """What is told while the server closes."""
    return ApiError("closing", "the server is closing; ask again, another one may answer")
