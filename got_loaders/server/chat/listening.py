"""Hears an engine's tokens in the engine's thread, and hands them to the event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from got_loaders.server.chat.answer import WrittenToken

__all__ = ["Listener"]


class Listener:
    """A :class:`~got_loaders.types.TokenListener`; ``on_tokens`` is called in the loop's thread.

    However many tokens come before the loop has time for them, it is woken once. Those that a
    request says again, having started anew, are not given again.
    """

    def __init__(self, on_tokens: Callable[[list[WrittenToken]], object]) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_tokens = on_tokens
        self._heard: deque[WrittenToken] = deque()
        self._count = 0

    def __call__(self, index: int, token_id: int, probability: float) -> None:
        """In the engine's thread."""
        if index != self._count:
            return
        self._count += 1
        was_empty = not self._heard
        self._heard.append(WrittenToken(token_id, probability))
        if was_empty:
            with suppress(RuntimeError):  # the loop has ended: nobody listens any more
                self._loop.call_soon_threadsafe(self.flush)

    def flush(self) -> None:
        """Give what was heard; in the loop's thread."""
        tokens = []
        while self._heard:
            tokens.append(self._heard.popleft())
        if tokens:
            self._on_tokens(tokens)
