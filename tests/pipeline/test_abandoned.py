"""Async generators that nobody closes: the loop does so at its end, or the collector before."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest

from got_loaders import GotOcrLoader, GotOcrReader, aread
from got_loaders.testing import FakeEngine
from tests.pages import making

DATA = making.pdf(*map(str, range(9)))

READS: dict[str, Callable[[], Any]] = {
    "aread": lambda: aread(DATA, engine=FakeEngine("x")),
    "loader": lambda: GotOcrLoader(DATA, engine=FakeEngine("x")).alazy_load(),
    "reader": lambda: GotOcrReader(engine=FakeEngine("x")).alazy_load_data(DATA),
}
kept: list[AsyncGenerator[object]] = []


@pytest.mark.parametrize("kind", READS)
@pytest.mark.parametrize("keep", [True, False])
def test_an_abandoned_read_says_nothing(
    kind: str, keep: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    """No error of the loop, whether it is still referred to when the loop ends, or collected."""
    problems: list[dict[str, Any]] = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(
            lambda _, problem: problems.append(problem)
        )
        values = READS[kind]()
        async for _ in values:
            break
        if keep:
            kept.append(values)
        else:
            del values
            gc.collect()

    asyncio.run(main())
    kept.clear()
    gc.collect()
    assert problems == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", READS)
def test_a_read_whose_loop_is_gone_says_nothing(
    kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """A loop that was closed without a word to its generators."""
    loop = asyncio.new_event_loop()
    values = aiter(READS[kind]())

    async def first(values: AsyncGenerator[object]) -> object:
        return await anext(values)

    assert loop.run_until_complete(first(values))
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    del values
    gc.collect()
    assert capfd.readouterr() == ("", "")
