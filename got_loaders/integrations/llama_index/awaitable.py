"""An async generator that can be awaited, for LlamaIndex's ``alazy_load_data``."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Coroutine, Generator
from contextlib import aclosing
from typing import Any, TypeVar

__all__ = ["AwaitableGenerator"]

T = TypeVar("T")


class AwaitableGenerator(Coroutine[Any, Any, list[T]]):
    """An async generator that can be awaited, too: ``async for`` takes one value at a time.

    LlamaIndex's contract is a coroutine that gives an iterable, so this is one: ``await``,
    ``asyncio.run`` and tasks get the list of all values.
    """

    def __init__(self, values: AsyncGenerator[T]) -> None:
        self._values = values
        self._steps = _steps(values)

    def __aiter__(self) -> AsyncGenerator[T]:
        return self._values

    def __await__(self) -> Generator[Any, Any, list[T]]:
        return _steps(self._values)

    async def aclose(self) -> None:
        """End it early; the source of the values hears of it."""
        await self._values.aclose()

    def send(self, value: Any) -> Any:
        """Go on collecting: what a task calls."""
        return self._steps.send(value)

    def throw(self, *error: Any) -> Any:
        """Raise where the collecting waits: what cancels a task."""
        return self._steps.throw(*error)

    def close(self) -> None:
        """End the collecting."""
        self._steps.close()


def _steps(values: AsyncGenerator[T]) -> Generator[Any, Any, list[T]]:
    """The steps of collecting all; before the first there is no coroutine that waits to be run."""
    return (yield from _collect(values).__await__())


async def _collect(values: AsyncGenerator[T]) -> list[T]:
    async with aclosing(values):
        return [value async for value in values]
