"""The engine writes the tokens that transformers' greedy ``generate`` writes for each request."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import Future, wait
from pathlib import Path

import pytest

from got_loaders.engine import LocalEngine
from got_loaders.types import OcrRequest, OcrResult
from tests.engine.reference import Reference
from tests.engine.requests import parity_requests

Readings = list[tuple[OcrRequest, tuple[int, ...]]]

THREADS, EACH = 8, 9
_EXPECTED: dict[Path, Readings] = {}
"""By checkpoint: pytest sets fixtures up more than once, and the reference takes its time."""


@pytest.fixture(scope="module")
def expected(reference: Reference) -> Readings:
    """Every request with the reference's token ids."""
    if reference.folder not in _EXPECTED:
        requests = parity_requests()
        _EXPECTED[reference.folder] = [(request, reference.read(request)) for request in requests]
    return _EXPECTED[reference.folder]


def test_the_requests_tell_modes_and_pages_apart(expected: Readings) -> None:
    """Different pages and modes give different texts, so that a mix-up would show."""
    assert len(expected) >= 100
    long = [tokens for request, tokens in expected if request.max_new_tokens == 200]
    assert len(set(long)) > 0.8 * len(long)
    assert len({len(tokens) for _, tokens in expected}) > 20


def test_one_at_a_time(
    expected: Readings,
    engine: LocalEngine,
    reference: Reference,
    request: pytest.FixtureRequest,
) -> None:
    """A request alone gets exactly the reference's tokens."""
    if request.node.callspec.params["engine"] != "numba":
        expected = expected[::3]  # all of them are in the mixed batches
    results = [engine.submit(asked).result(timeout=300) for asked, _ in expected]
    wrong = [
        asked
        for (asked, theirs), ours in zip(expected, results, strict=True)
        if reference.differs(asked, ours.token_ids, theirs)
    ]
    assert not wrong


def test_all_mixed_in_random_order(
    expected: Readings, engine: LocalEngine, reference: Reference
) -> None:
    """Requests of all modes and lengths in one batch get exactly the reference's tokens."""
    order = random.Random(7).sample(range(len(expected)), len(expected))
    futures = {index: engine.submit(expected[index][0]) for index in order}
    wrong = [
        request
        for index, (request, theirs) in enumerate(expected)
        if reference.differs(request, futures[index].result(timeout=600).token_ids, theirs)
    ]
    assert not wrong


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 2))])
def test_joining_leaving_and_giving_up_in_random_order(
    expected: Readings, engine: LocalEngine, reference: Reference, seed: int
) -> None:
    """Whoever else comes, goes or gives up meanwhile, a reading has the reference's tokens."""
    asked: list[tuple[int, Future[OcrResult]]] = []

    def work(number: int) -> None:
        rng = random.Random(f"{seed} {number}")
        for index in rng.sample(range(len(expected)), EACH):
            time.sleep(rng.uniform(0, 0.05))
            future = engine.submit(expected[index][0])
            asked.append((index, future))
            if rng.random() < 0.2:
                wait([future], timeout=rng.choice([0, rng.uniform(0, 0.3)]))
                future.cancel()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=300)
    assert not wait([future for _, future in asked], timeout=300).not_done
    answered = [(*expected[index], future) for index, future in asked if not future.cancelled()]
    assert THREADS * EACH > len(answered) > THREADS * EACH // 2
    wrong = [
        request
        for request, theirs, future in answered
        if reference.differs(request, future.result().token_ids, theirs)
    ]
    assert not wrong


def test_finish_reasons_and_counts(
    expected: Readings, engine: LocalEngine, reference: Reference
) -> None:
    """A reading says whether it ended or was cut, how many tokens it took and how sure it was."""
    for request, theirs in random.Random(3).sample(expected, 12):
        result = engine.submit(request).result(timeout=300)
        ended = theirs[-1] in reference.end_tokens
        assert result.finish_reason == ("stop" if ended else "length")
        assert result.num_tokens == len(result.token_ids)
        assert 0 < (result.confidence or 0) <= 1
