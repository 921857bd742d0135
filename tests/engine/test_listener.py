"""Who listens hears every token as it is written, and what the engine says of itself is true."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import Future, wait
from dataclasses import replace
from typing import Any

import pytest

from got_loaders.engine import EngineConfig, LocalEngine
from got_loaders.engine.replicated import ReplicatedEngine
from got_loaders.types import EngineInfo, OcrRequest, OcrResult
from tests.engine.fakes import FakeModelEngine, FakeRunner, out_of_memory
from tests.engine.pictures import page
from tests.engine.stages import WAIT, Faults, StagedEngine, Way
from tests.engine.test_faults import Gate

REQUESTS = [
    OcrRequest(images=(page(0),), max_new_tokens=16),
    OcrRequest(images=(page(1),), max_new_tokens=1),
    OcrRequest(images=(page(1),), format=True, max_new_tokens=12),
    OcrRequest(images=(page(2),), max_new_tokens=24),
]


class Listener:
    """Writes down what it hears; what is said again replaces what was said before."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, int, float]] = []

    def __call__(self, index: int, token_id: int, probability: float) -> None:
        self.heard.append((index, token_id, probability))

    @property
    def last(self) -> list[tuple[int, int, float]]:
        """What holds in the end, and that nothing was left out on the way."""
        expected = 0
        for index, _, _ in self.heard:
            assert index in (0, expected)
            expected = index + 1
        newest = {heard[0]: heard for heard in self.heard}
        return [newest[index] for index in range(expected)]


def check(listener: Listener, result: OcrResult) -> None:
    """The listener heard this result, its confidence included."""
    assert tuple(token for _, token, _ in listener.last) == result.token_ids
    probabilities = [probability for _, _, probability in listener.last]
    assert sum(probabilities) / len(probabilities) == pytest.approx(result.confidence, abs=1e-12)


@pytest.mark.parametrize("way", ["compiled", "eager", "ahead", "paged"])
def test_every_token_is_heard_in_order(way: Way) -> None:
    """All tokens of a result with their probabilities, before its Future is done."""
    if way == "compiled":
        pytest.importorskip("numba")
    with StagedEngine(way=way) as engine:
        listeners = [Listener() for _ in REQUESTS]
        futures = [
            engine.submit(request, listener=listener)
            for request, listener in zip(REQUESTS, listeners, strict=True)
        ]
        alone = engine.submit(REQUESTS[0])
        for listener, future in zip(listeners, futures, strict=True):
            check(listener, future.result(WAIT))
        assert alone.result(WAIT).token_ids == futures[0].result().token_ids


@pytest.mark.parametrize("way", ["eager", "ahead"])
def test_who_starts_anew_says_so(way: Way) -> None:
    """After a shortage of memory the first tokens are said again, and what is heard last holds."""
    # Ahead of its tokens an engine first lets go who has ended; that can be all at the first one.
    first, second = (Faults(out_of_memory, "decode", at=8) for _ in range(2))
    with StagedEngine(first, second, way=way) as engine:
        first.unless = second.unless = lambda: engine.running < 2
        listeners = [Listener() for _ in REQUESTS]
        futures = [
            engine.submit(request, listener=listener)
            for request, listener in zip(REQUESTS, listeners, strict=True)
        ]
        assert not wait(futures, timeout=WAIT).not_done
        assert first.raised
        for listener, future in zip(listeners, futures, strict=True):
            check(listener, future.result())
        assert any([index for index, _, _ in ear.heard].count(0) > 1 for ear in listeners)


@pytest.mark.parametrize("error", [ValueError, SystemExit])
def test_a_listener_that_raises_harms_nobody(
    error: type[BaseException], tiny_engine: LocalEngine, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged once and told no more; its request and the others are read."""
    calls: list[int] = []

    def fail(index: int, token_id: int, probability: float) -> None:
        calls.append(index)
        raise error("no ear for that")

    with caplog.at_level(logging.ERROR):
        failing = tiny_engine.submit(REQUESTS[0], listener=fail)
        other = tiny_engine.submit(REQUESTS[0])
        assert failing.result(WAIT).token_ids == other.result(WAIT).token_ids
    assert calls == [0]
    assert len(caplog.records) == 1
    assert tiny_engine.alive


def test_a_cancelled_request_is_heard_no_more(tiny_engine: LocalEngine) -> None:
    """Whoever gives up in the middle hears nothing after the request has left the batch."""
    listener, known, begun = Listener(), threading.Event(), threading.Event()

    def hear(index: int, token_id: int, probability: float) -> None:
        listener(index, token_id, probability)
        if index == 2:
            assert known.wait(WAIT)
            future.cancel()  # in the engine's thread, before the next step
            begun.set()

    request = OcrRequest(images=(page(2),), max_new_tokens=1000)
    future = tiny_engine.submit(request, listener=hear)
    known.set()
    assert begun.wait(WAIT)
    tiny_engine.submit(REQUESTS[1]).result(WAIT)
    assert wait([future], timeout=WAIT).done
    assert [index for index, _, _ in listener.heard] == [0, 1, 2]


@pytest.fixture(scope="module")
def copies() -> Iterator[ReplicatedEngine]:
    """Two copies on one CPU."""
    engine = ReplicatedEngine(EngineConfig(model="tiny", device=("cpu", "cpu"), max_batch_size=5))
    yield engine
    engine.close()


def test_copies_say_what_they_can_do_together(
    copies: ReplicatedEngine, tiny_engine: LocalEngine
) -> None:
    """Copies of a model run as many requests as all together, and let them be heard."""
    assert copies.max_batch_size == copies.info.max_batch_size == 10
    assert copies.info.fingerprint == copies.fingerprint == tiny_engine.fingerprint
    listeners = [Listener() for _ in range(4)]
    futures = [copies.submit(REQUESTS[0], listener=listener) for listener in listeners]
    for listener, future in zip(listeners, futures, strict=True):
        check(listener, future.result(WAIT))
    assert (copies.num_running, copies.num_waiting) == (0, 0)
    assert copies.decode(future.result().token_ids) == future.result().text


def test_an_engine_says_what_it_is(tiny_engine: LocalEngine) -> None:
    """Enough to prepare its requests elsewhere, and to tell its tokens' text."""
    assert tiny_engine.info == EngineInfo(
        model="tiny",
        fingerprint=tiny_engine.fingerprint,
        max_batch_size=tiny_engine.max_batch_size,
        max_context=8192,
        image_size=512,
        resample="bicubic",
    )
    assert 1 <= tiny_engine.max_batch_size <= 32
    result = tiny_engine.submit(REQUESTS[0]).result(WAIT)
    assert tiny_engine.decode(result.token_ids) == result.text
    one_tile = result.prompt_tokens
    assert one_tile > 256
    two = OcrRequest(images=(page(0), page(0)), multi_page=True, max_new_tokens=1)
    assert tiny_engine.submit(two).result(WAIT).prompt_tokens > 2 * 256


def test_it_says_how_busy_it_is() -> None:
    """What decodes and what waits can be counted at any time; a closed engine has neither."""
    gate = Gate()
    with FakeModelEngine(FakeRunner(gate), max_batch_size=2, max_queued=9) as engine:
        assert (engine.num_running, engine.num_waiting) == (0, 0)
        futures = [engine.submit(REQUESTS[1])]
        assert gate.reached.wait(WAIT)
        futures += [engine.submit(REQUESTS[1]) for _ in range(4)]
        assert (engine.num_running, engine.num_waiting) == (1, 4)
        gate.open.set()
        assert not wait(futures, timeout=WAIT).not_done
    assert (engine.num_running, engine.num_waiting) == (0, 0)


def test_a_rule_that_joins_late_ends_nothing_twice() -> None:
    """An n-gram rule ends the running ahead of tokens, whoever is ending just then."""
    with StagedEngine(way="ahead") as engine:
        engine.config = replace(engine.config, no_repeat_ngram_size=3)  # not for several pages
        free = replace(REQUESTS[0], images=(page(0),) * 2, multi_page=True, max_new_tokens=5)
        expected = engine.submit(free).result(WAIT)
        for moment in range(5):
            joined: list[Future[OcrResult]] = []

            def join(
                index: int, token_id: int, probability: float, at: int = moment, to: Any = joined
            ) -> None:
                if index == at:
                    to.append(engine.submit(REQUESTS[0]))

            found = engine.submit(free, listener=join).result(WAIT)
            assert (found.token_ids, found.finish_reason) == (expected.token_ids, "length")
            assert joined[0].result(WAIT).num_tokens == 16
