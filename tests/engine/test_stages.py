"""With the real model and 32 threads: whichever stage fails, and when, nobody waits for ever.

A result, where there is one, is what an undisturbed engine gives.
"""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import cycle
from random import Random

import pytest

from got_loaders.engine import LocalEngine
from got_loaders.errors import EngineDeadError, EngineError
from got_loaders.types import Box, OcrRequest
from tests.engine.fakes import out_of_memory
from tests.engine.pictures import page
from tests.engine.stages import REQUESTS, WAIT, Faults, Readings, StagedEngine, Way, storm

OWN = ("prepare", "encode", "allocate", "prefill", "text")
"""Stages of one request, or of a few that start together."""
SHARED = ("reserve", "decode", "attend", "copy")
"""Stages of the step that all running sequences share."""
WITHIN = ("row", "index")
"""What takes memory in the midst of other stages."""

SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 8))]


def broken() -> ValueError:
    return ValueError("no such luck")


@pytest.fixture(scope="module")
def readings(tiny_engine: LocalEngine) -> Readings:
    """Short pages in all modes, some with a draft, each with the tokens that it gets alone."""
    requests = [
        OcrRequest(images=(page(0),), max_new_tokens=16),
        OcrRequest(images=(page(0),), format=True, max_new_tokens=12),
        OcrRequest(images=(page(1),), max_new_tokens=1),
        OcrRequest(images=(page(1),), box=Box(10, 12.5, 480.2, 330), max_new_tokens=20),
        OcrRequest(images=(page(1),), color="red", max_new_tokens=9),
        OcrRequest(images=(page(2),), max_new_tokens=24),
        OcrRequest(images=(page(0), page(2)), multi_page=True, max_new_tokens=12),
    ]
    alone = [tiny_engine.submit(each).result(WAIT) for each in requests]
    drafts = cycle([None, lambda own: own, lambda own: alone[0].text])  # none, right, wrong
    return [
        (each if draft is None else replace(each, draft=draft(own.text)), own.token_ids)
        for each, own, draft in zip(requests, alone, drafts, strict=False)
    ]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("stage", OWN)
def test_what_goes_wrong_with_one_page_fails_that_page(
    stage: str, seed: int, readings: Readings
) -> None:
    """An error in a page's own stage is that page's EngineError; the others are read."""
    own = Faults(broken, stage, at=3, share=0.05, seed=f"{stage} {seed}")
    short = Faults(out_of_memory, stage, at=5, share=0.05, seed=f"{stage} {seed} short")
    with StagedEngine(own, short) as engine:
        outcomes = storm(engine, readings, seed=f"{stage} {seed}")
        assert own.raised
        assert short.raised
        raised = {*own.raised, *short.raised}
        assert all(type(error) is EngineError for error in outcomes.failed)
        assert {error.__cause__ for error in outcomes.failed} <= raised
        if stage in ("prepare", "text"):
            assert len(outcomes.failed) == len(raised)
        assert outcomes.right + len(outcomes.failed) == REQUESTS
        check_reads_on(engine, readings)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("way", "stages"),
    [
        *(("eager", (stage,)) for stage in SHARED),
        ("eager", WITHIN),
        ("compiled", (*SHARED, "step", *WITHIN)),
        ("ahead", (*SHARED, *WITHIN)),
        ("paged", (*SHARED, *WITHIN)),
    ],
)
def test_out_of_memory_costs_time_but_no_page(
    way: Way, stages: tuple[str, ...], seed: int, readings: Readings
) -> None:
    """Whenever a step with several pages finds no memory, all of them are read in the end."""
    faults = Faults(out_of_memory, *stages, at=10, share=0.01, seed=seed)
    with StagedEngine(faults, way=way) as engine:
        faults.unless = lambda: engine.running < 2
        assert storm(engine, readings, seed=f"{stages} {seed}").right == REQUESTS
        assert faults.raised
        check_reads_on(engine, readings)


def test_more_pages_than_fit_are_read_in_smaller_batches(readings: Readings) -> None:
    """Where no more than five pages fit at once, the batch is halved until it fits."""
    faults = Faults(out_of_memory, "decode", share=1.0)
    with StagedEngine(faults, way="ahead", max_batch_size=16) as engine:
        faults.unless = lambda: engine.running <= 5
        assert storm(engine, readings, seed="halves").right == REQUESTS
        assert 0 < len(faults.raised) < 8
        check_reads_on(engine, readings)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("stage", ["reserve", "decode", "attend", "free"])
def test_any_other_error_in_a_shared_step_ends_the_engine(
    stage: str, seed: int, readings: Readings
) -> None:
    """All that is pending, and whoever comes later, hears of it; what was read stays right."""
    faults = Faults(broken, stage, at=Random(f"{stage} {seed}").randint(2, 12))
    with StagedEngine(faults, way="ahead") as engine:
        check_death(engine, faults, seed, readings)
        with pytest.raises(EngineDeadError, match="no such luck"):
            engine.submit(readings[0][0])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("stage", ["encode", "prefill", "commit", "decode", "text"])
def test_an_exit_leaves_nobody_waiting(stage: str, seed: int, readings: Readings) -> None:
    """What is no Exception ends the engine too, and everybody hears of it."""
    faults = Faults(SystemExit, stage, at=Random(f"{stage} {seed}").randint(2, 5))
    with StagedEngine(faults) as engine:
        check_death(engine, faults, seed, readings)


@pytest.mark.parametrize("seed", [0, 1, *SEEDS[2:]])
def test_closing_at_any_moment_answers_everyone(seed: int, readings: Readings) -> None:
    """Whoever has no reading by then, queued, running or blocked, gets EngineDeadError."""
    with StagedEngine() as engine:

        def close_soon() -> None:
            time.sleep(Random(seed).uniform(0.05, 0.3))
            engine.close()

        outcomes = storm(engine, readings, seed=seed, impatience=0.2, meanwhile=close_soon)
        assert all(isinstance(error, EngineDeadError) for error in outcomes.failed)
        assert outcomes.failed or outcomes.refused
        assert engine.fatal_error is None


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("way", ["compiled", "eager", "ahead", "paged"])
def test_everything_at_once(way: Way, seed: int, readings: Readings) -> None:
    """Errors and shortages of memory in all stages, and callers who give up: the engine lives."""
    own = Faults(broken, *OWN, at=7, share=0.02, seed=f"{way} {seed}")
    stages = (*OWN, *SHARED, *WITHIN)
    short = Faults(out_of_memory, *stages, at=9, share=0.005, seed=f"{way} {seed} short")
    with StagedEngine(own, short, way=way) as engine:
        outcomes = storm(engine, readings, seed=f"{way} {seed}", impatience=0.5)
        assert own.raised
        assert short.raised
        assert all(type(error) is EngineError for error in outcomes.failed)
        assert outcomes.cancelled
        assert outcomes.right
        check_reads_on(engine, readings)


def check_reads_on(engine: StagedEngine, readings: Readings) -> None:
    """The engine lives, reads as before, and has lost no memory."""
    engine.faults = ()
    futures = [engine.submit(request) for request, _ in readings]
    found = [future.result(WAIT).token_ids for future in futures]
    assert found == [tokens for _, tokens in readings]
    assert engine.alive
    assert engine.leftover == (0, 0)


def check_death(engine: StagedEngine, faults: Faults, seed: int, readings: Readings) -> None:
    """The engine dies of the fault, and those who were not answered are told so.

    One of those whose step it is gives up at that very moment.
    """
    faults.before = lambda: engine._loop._step and engine._loop._step[0].future.cancel()
    outcomes = storm(engine, readings, seed=f"{faults.stages} {seed}", impatience=0.2)
    assert outcomes.cancelled
    assert outcomes.failed
    assert all(isinstance(error, EngineDeadError) for error in outcomes.failed)
    assert [engine.fatal_error] == faults.raised
    assert {error.__cause__ for error in outcomes.failed} == {engine.fatal_error}
