"""Values on their way, for those who take them one by one and for those who wait for all."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Coroutine, Generator
from contextlib import aclosing
from typing import Any, Generic, TypeVar

__all__ = ["AwaitableGenerator"]

T = TypeVar("T")


class AwaitableGenerator(Coroutine[Any, Any, list[T]], Generic[T]):
    """An async generator that can be awaited, too: ``async for`` takes one value at a time.

    LlamaIndex's contract is a coroutine that gives an iterable, so this is one: ``await``,
    ``asyncio.run`` and tasks get the list of all values.
    """

    def __init__(self, values: AsyncGenerator[T]) -> None:
        self._values = values
        self._all: Coroutine[Any, Any, list[T]] | None = None

    def __aiter__(self) -> AsyncGenerator[T]:
        return self._values

    def __await__(self) -> Generator[Any, Any, list[T]]:
        return self._collect().__await__()

    async def aclose(self) -> None:
        """End it early; the source of the values hears of it."""
        await self._values.aclose()

    def send(self, value: Any) -> Any:
        """Go on collecting: what a task calls."""
        return self._collecting().send(value)

    def throw(self, *error: Any) -> Any:
        """Raise where the collecting waits: what cancels a task."""
        return self._collecting().throw(*error)

    def close(self) -> None:
        """End the collecting, if it has begun."""
        if self._all is not None:
            self._all.close()

    def _collecting(self) -> Coroutine[Any, Any, list[T]]:
        if self._all is None:
            self._all = self._collect()
        return self._all

    async def _collect(self) -> list[T]:
        async with aclosing(self._values) as values:
            return [value async for value in values]
