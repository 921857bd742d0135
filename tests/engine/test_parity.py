"""The engine writes the tokens that transformers' greedy ``generate`` writes for each request."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, wait
from dataclasses import replace
from pathlib import Path

import pytest

from got_loaders.engine import LocalEngine
from got_loaders.engine.draft.budget import DraftBudget
from got_loaders.engine.model.checkpoint import TINY
from got_loaders.engine.runner.model_runner import ModelRunner
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


def _is_main(request: pytest.FixtureRequest) -> bool:
    """Whether it is the engine that every request is put to in every way; others get a share."""
    parameters = request.node.callspec.params
    return bool(parameters["engine"] == "numba" and parameters["checkpoint"] == "tiny")


def test_one_at_a_time(
    expected: Readings,
    engine: LocalEngine,
    reference: Reference,
    request: pytest.FixtureRequest,
) -> None:
    """A request alone gets exactly the reference's tokens."""
    if not _is_main(request):
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


def drafted(expected: Readings, engine: LocalEngine) -> list[tuple[int, OcrRequest]]:
    """Each request with several drafts: its own reading, worse ones, and none that is any good."""
    rng = random.Random(11)
    texts = [engine.decode(tokens) for _, tokens in expected]
    pool = [word for text in texts for word in text.split()]
    made: list[tuple[int, OcrRequest]] = []
    for index, (asked, _) in enumerate(expected):
        own, words = texts[index], texts[index].split(" ")
        kinds = [
            own,
            " ".join(rng.choice(pool) if rng.random() < 0.2 else word for word in words),
            " ".join(rng.sample(words, len(words))),
            texts[(index + 7) % len(texts)],
            "",
            "all of it is wrong and nothing stands there " * 40,
            "<|im_end|>" + own,
            own[: len(own) // 2] + "<|endoftext|>" + own[len(own) // 2 :],
            own * 2000,
        ]
        made += [(index, replace(asked, draft=draft)) for draft in rng.sample(kinds, 3)]
    made[0] = (made[0][0], replace(made[0][1], draft=(texts[0] + " ") * (10_000_000 // 20)))
    made[1] = (made[1][0], replace(made[1][1], draft=False))
    return made


@pytest.fixture
def drafting(engine: LocalEngine) -> Iterator[LocalEngine]:
    """The engine, where a step costs the same however many tokens it checks: it checks many."""
    runner = engine._loop._runner
    assert isinstance(runner, ModelRunner)
    budget, runner._budget = runner._budget, DraftBudget(costs=((1, 1.0), (1000, 1.0)))
    yield engine
    runner._budget = budget


def test_no_draft_changes_a_token(
    expected: Readings,
    drafting: LocalEngine,
    reference: Reference,
    request: pytest.FixtureRequest,
) -> None:
    """A right draft, a wrong one, one that ends at once, ten megabytes of one: the same tokens."""
    engine = drafting
    made = drafted(expected, engine)
    assert len(made) >= 300
    if not _is_main(request):
        made = made[::4]
    random.Random(5).shuffle(made)
    futures = [engine.submit(asked) for _, asked in made]
    results = [future.result(timeout=600) for future in futures]
    wrong = [
        asked
        for (index, asked), result in zip(made, results, strict=True)
        if reference.differs(asked, result.token_ids, expected[index][1])
    ]
    assert not wrong
    assert sum(result.accepted_tokens for result in results) > 2 * len(made)


def test_a_draft_changes_nothing_but_the_steps(
    expected: Readings, engine: LocalEngine, reference: Reference
) -> None:
    """A page alone, with its own reading as draft: the same end and confidence, in fewer steps."""
    for asked, tokens in random.Random(4).sample(expected, 8):
        text = engine.decode(tokens)
        plain, drafted = (
            engine.submit(replace(asked, draft=draft)).result(timeout=300)
            for draft in (False, text)
        )
        if reference.differs(asked, drafted.token_ids, plain.token_ids):
            continue
        assert drafted.finish_reason == plain.finish_reason
        assert drafted.confidence == pytest.approx(plain.confidence, abs=1e-6)
        assert (plain.accepted_tokens, plain.rejected_tokens) == (0, 0)
        if (
            len(tokens) > 100 and reference.folder == TINY
        ):  # whose text has the tokens it is made of
            assert drafted.accepted_tokens > len(tokens) / 2


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 2))])
def test_joining_leaving_and_giving_up_in_random_order(
    expected: Readings, drafting: LocalEngine, reference: Reference, seed: int
) -> None:
    """Whoever else comes, goes or gives up meanwhile, a reading has the reference's tokens."""
    engine = drafting
    asked: list[tuple[int, Future[OcrResult]]] = []

    def work(number: int) -> None:
        rng = random.Random(f"{seed} {number}")
        for index in rng.sample(range(len(expected)), EACH):
            time.sleep(rng.uniform(0, 0.05))
            request, tokens = expected[index]
            if rng.random() < 0.5:
                request = replace(request, draft=engine.decode(tokens))
            future = engine.submit(request)
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
