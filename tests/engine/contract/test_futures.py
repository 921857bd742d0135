"""Futures behave as Futures do: whoever waits is answered, whatever others do."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future, wait
from dataclasses import replace

import pytest

from got_loaders.errors import EngineDeadError
from got_loaders.types import Engine, OcrResult
from tests.engine.contract.asking import MODES, WAIT, Expected, ask, check
from tests.engine.contract.engines import EngineCase

PLAIN = MODES["plain"]
LONG = [replace(MODES["format"], max_new_tokens=400 + number) for number in range(24)]
"""Requests that take a while, each of them another; no engine is done with the last one soon."""


def test_cancelling_always_works(case: EngineCase, engine: Engine, expected: Expected) -> None:
    """A request that is not answered can be cancelled; who waits sees it; others are answered."""
    futures = [engine.submit(request) for request in LONG[:6]]
    kept = engine.submit(PLAIN)
    cancelled = [future.cancel() for future in reversed(futures)]
    assert not case.reads or any(cancelled)
    assert all(future.done() for future in futures)
    assert not wait(futures, timeout=WAIT).not_done
    check(kept, expected(PLAIN))
    check(engine.submit(PLAIN), expected(PLAIN))


def test_a_callback_that_raises_harms_nobody(
    engine: Engine, expected: Expected, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor does one that asks again: it never waits for the thread that it runs in."""
    again: list[Future[OcrResult]] = []
    called = threading.Event()

    def fail(future: Future[OcrResult]) -> None:
        raise ValueError("a caller's mistake")

    def ask_again(future: Future[OcrResult]) -> None:
        again.extend(engine.submit(PLAIN) for _ in range(3))
        called.set()

    future = engine.submit(PLAIN)
    future.add_done_callback(fail)
    future.add_done_callback(ask_again)
    check(future, expected(PLAIN))
    assert called.wait(WAIT)
    for each in again:
        check(each, expected(PLAIN))
    assert "a caller's mistake" in caplog.text


def test_it_serves_an_event_loop(engine: Engine, expected: Expected) -> None:
    """``asyncio.wrap_future`` is all that it takes; giving up there gives up here."""
    rights = [expected(request) for request in (PLAIN, MODES["format"])]

    async def read() -> list[OcrResult]:
        futures = [engine.submit(request) for request in (PLAIN, MODES["format"])]
        slow = engine.submit(LONG[0])
        wrapped = asyncio.wrap_future(slow)
        wrapped.cancel()
        async with asyncio.timeout(WAIT):
            await asyncio.wait([wrapped])
            found = await asyncio.gather(*(asyncio.wrap_future(future) for future in futures))
        assert slow.done()
        return found

    found = asyncio.run(read())
    assert [each.text for each in found] == [each.text for each in rights]


def test_closing_answers_everyone(case: EngineCase) -> None:
    """What is not read by then gets EngineDeadError, as does whoever comes later."""
    with case.open() as engine:
        ask(engine, PLAIN)
        futures = [engine.submit(request) for request in LONG[: None if case.closes else 2]]
        engine.close()
        engine.close()
        assert not wait(futures, timeout=WAIT).not_done
        errors = [future.exception() for future in futures]
        if not case.closes:
            assert errors == [None] * len(futures)
            assert ask(engine, PLAIN).text
            return
        assert all(error is None or isinstance(error, EngineDeadError) for error in errors)
        assert not case.reads or any(errors)
        with pytest.raises(EngineDeadError):
            ask(engine, PLAIN)


def test_closing_while_others_ask(case: EngineCase) -> None:
    """Threads that submit at that moment have an answer or an EngineDeadError, and never hang."""
    if not case.closes:
        pytest.skip("what is behind it belongs to others")
    begun = threading.Semaphore(0)
    outcomes: list[BaseException | None] = []

    def work() -> None:
        for _ in range(200):
            try:
                future = engine.submit(PLAIN)
                begun.release()
                outcomes.append(future.exception(WAIT))
            except EngineDeadError as error:
                outcomes.append(error)
                return

    with case.open() as engine:
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for _ in threads:
            assert begun.acquire(timeout=WAIT)
        engine.close()
        for thread in threads:
            thread.join(WAIT)
            assert not thread.is_alive(), "somebody hangs"
    assert all(error is None or isinstance(error, EngineDeadError) for error in outcomes)
