"""The scheduler is fair by arrival, starves nobody and forgets who cancelled."""

from __future__ import annotations

import random

import pytest

from got_loaders.engine.scheduler import (
    FINISHES_TO_GROW,
    FREE_SHARE,
    MAX_HOLD_S,
    MAX_PREFILL_TILES,
    Batch,
    Scheduler,
)
from got_loaders.engine.sequence import Sequence
from tests.engine.test_sequence import sequence


def started(scheduler: Scheduler) -> tuple[Sequence, ...]:
    batch = scheduler.schedule()
    assert batch is not None
    if batch.phase == "prefill":
        for one in batch.sequences:
            scheduler.start(one)
    return batch.sequences


def test_first_come_first_served() -> None:
    """Sequences start in the order in which they came, as many as there is room for."""
    scheduler, all_of_them = Scheduler(3), [sequence() for _ in range(5)]
    scheduler.add(all_of_them)
    assert started(scheduler) == tuple(all_of_them[:3])


def phases(scheduler: Scheduler, *seconds: tuple[str, float]) -> list[str]:
    """Run a step for each pair: what it must be, and how long it takes."""
    seen: list[str] = []
    for _, duration in seconds:
        batch = scheduler.schedule()
        assert batch is not None
        seen.append(batch.phase)
        if batch.phase == "prefill":
            for one in batch.sequences:
                scheduler.start(one)
        scheduler.record_step_time(batch, duration)
    return seen


def test_decoding_goes_on_between_prefills() -> None:
    """A stream of newcomers does not hold up those who run: they get their share of the time."""
    scheduler = Scheduler(100)
    scheduler.add(sequence(tiles=MAX_PREFILL_TILES) for _ in range(4))
    steps = [("prefill", 1.0), ("decode", 0.1), ("decode", 0.1), ("decode", 0.1), ("prefill", 0.1)]
    steps += [("decode", 0.2), ("prefill", 0.0), ("prefill", 0.0), ("decode", 0.2)]
    assert phases(scheduler, *steps) == [phase for phase, _ in steps]


def test_a_slow_prefill_is_a_short_one() -> None:
    """Where a tile takes long, fewer are encoded between two decode steps."""
    scheduler = Scheduler(100)
    scheduler.add(sequence() for _ in range(20))
    first = scheduler.schedule()
    assert first is not None
    assert len(first.sequences) == MAX_PREFILL_TILES
    for one in first.sequences:
        scheduler.start(one)
    scheduler.record_step_time(first, 4.0 * MAX_PREFILL_TILES)
    scheduler.record_step_time(Batch("decode", ()), 1000)
    second = scheduler.schedule()
    assert second is not None
    assert (second.phase, len(second.sequences)) == ("prefill", 1)


def test_newcomers_join_a_running_batch() -> None:
    """Who comes while others run joins them; who is done makes room."""
    scheduler, first, second = Scheduler(1), sequence(), sequence()
    scheduler.add([first, second])
    assert started(scheduler) == (first,)
    assert started(scheduler) == (first,)
    scheduler.finish(first)
    assert started(scheduler) == (second,)


class Clock:
    """Seconds that pass when a test says so."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def full_batch(rows: int, clock: Clock, *, waiting: int, tiles: int = 1) -> Scheduler:
    """So many rows running and so many sequences waiting, with nothing owed to those that run."""
    scheduler = Scheduler(rows, clock=clock)
    for _ in range(rows):
        scheduler.start(sequence())
    scheduler.add(sequence(tiles=tiles) for _ in range(waiting))
    return scheduler


def prefill_size(scheduler: Scheduler) -> int:
    """How many sequences the next step reads in; 0 for a decode step."""
    batch = scheduler.schedule()
    assert batch is not None
    return len(batch.sequences) if batch.phase == "prefill" else 0


def finish_some(scheduler: Scheduler, count: int) -> None:
    for one in scheduler.running[:count]:
        scheduler.finish(one)


def test_a_large_batch_takes_newcomers_several_at_a_time() -> None:
    """256 rows of which one is free every few steps: pages are read in together, in their order,
    and none that could start waits longer than a quarter of a second."""
    clock = Clock()
    scheduler = full_batch(256, clock, waiting=400)
    expected, started_at, sizes = list(scheduler.waiting), clock.now, []
    free_since: float | None = None
    for step in range(2000):
        batch = scheduler.schedule()
        assert batch is not None
        clock.now += 0.007
        if batch.phase == "prefill":
            assert free_since is None or clock.now - free_since <= MAX_HOLD_S + 0.05
            free_since = None
            sizes.append(len(batch.sequences))
            assert list(batch.sequences) == expected[: sizes[-1]]
            del expected[: sizes[-1]]
            for one in batch.sequences:
                scheduler.start(one)
        elif step % 5 == 0:
            scheduler.finish(scheduler.running[0])
            free_since = free_since or clock.now
        scheduler.record_step_time(batch, 0.007)
    seconds = clock.now - started_at
    assert sum(sizes) >= 0.95 * seconds / 0.035  # nearly as many as were finished
    assert 5 <= sum(sizes) / len(sizes) <= MAX_PREFILL_TILES


@pytest.mark.parametrize("rows", [1, 8, 16, 32])
def test_a_small_batch_is_filled_at_once(rows: int) -> None:
    """As many rows as a CPU has: whoever waits starts in the step after a row came free."""
    scheduler, rng = full_batch(rows, Clock(), waiting=200), random.Random(rows)
    while len(scheduler.waiting) >= rows:
        finish_some(scheduler, rng.randint(1, min(3, rows)))
        free = rows - len(scheduler.running)
        assert started(scheduler) == tuple(scheduler.running[-free:])
        assert len(scheduler.running) == rows


def test_nobody_is_held_for_those_who_are_not_there() -> None:
    """Where there is a row for all who wait they start at once, a lone one first of all."""
    for waiting in (1, 3):
        scheduler = full_batch(256, Clock(), waiting=waiting)
        finish_some(scheduler, waiting)
        assert prefill_size(scheduler) == waiting


def test_a_hold_ends() -> None:
    """Once enough rows are free, or after a quarter of a second with too few."""
    clock = Clock()
    scheduler = full_batch(256, clock, waiting=100)
    finish_some(scheduler, 2)
    assert prefill_size(scheduler) == 0
    clock.now += MAX_HOLD_S / 2
    assert prefill_size(scheduler) == 0
    clock.now += MAX_HOLD_S / 2
    assert prefill_size(scheduler) == 2
    scheduler = full_batch(256, clock, waiting=100)
    finish_some(scheduler, 256 // FREE_SHARE)
    assert prefill_size(scheduler) == min(MAX_PREFILL_TILES, 256 // FREE_SHARE)


def test_a_hold_does_not_outlast_those_it_was_for() -> None:
    """After a queue that was cancelled the next one is held for a time of its own."""
    clock = Clock()
    scheduler = full_batch(256, clock, waiting=100)
    finish_some(scheduler, 2)
    assert prefill_size(scheduler) == 0
    for one in scheduler.waiting:
        one.future.cancel()
    scheduler.drop_cancelled()
    assert prefill_size(scheduler) == 0
    clock.now += 2 * MAX_HOLD_S
    scheduler.add(sequence() for _ in range(100))
    assert prefill_size(scheduler) == 0


def test_pages_that_fill_a_prefill_are_not_held() -> None:
    """Pages cut into many tiles are read one at a time: waiting would bring them no company."""
    scheduler = full_batch(256, Clock(), waiting=100, tiles=MAX_PREFILL_TILES - 3)
    finish_some(scheduler, 1)
    assert prefill_size(scheduler) == 1


def test_one_request_may_be_larger_than_a_prefill() -> None:
    """A request of more tiles than a prefill takes starts alone."""
    scheduler = Scheduler(8)
    large = sequence(tiles=MAX_PREFILL_TILES + 5)
    scheduler.add([large, sequence()])
    assert started(scheduler) == (large,)


def test_the_cancelled_leave() -> None:
    """Cancelled sequences never start, and leave if they run."""
    scheduler, gone, runs, stays = Scheduler(2), sequence(), sequence(), sequence()
    scheduler.add([runs])
    started(scheduler)
    scheduler.add([gone, stays])
    gone.future.cancel()
    runs.future.cancel()
    assert scheduler.drop_cancelled() == [runs]
    assert started(scheduler) == (stays,)


def test_those_that_must_wait_keep_their_order() -> None:
    """What finds no memory goes back to the head of the queue as it came."""
    scheduler, four = Scheduler(4), [sequence() for _ in range(4)]
    scheduler.add(four)
    batch = scheduler.schedule()
    assert batch is not None
    scheduler.start(four[0])
    late = sequence()
    scheduler.add([late])
    scheduler.requeue(four[1:])
    assert list(scheduler.waiting) == [*four[1:], late]
    assert scheduler.max_batch_size == 1


def test_halving_sends_the_younger_half_back() -> None:
    """Out of memory: the younger half starts again later, and no more than the rest run at once."""
    scheduler, four = Scheduler(4), [sequence() for _ in range(4)]
    scheduler.add(four)
    started(scheduler)
    late = sequence()
    scheduler.add([late])
    assert scheduler.preempt_half() == four[2:]
    assert list(scheduler.waiting) == [*four[2:], late]
    assert scheduler.max_batch_size == 2


def test_the_batch_grows_back_when_things_are_calm() -> None:
    """A shortage of memory that passes does not slow an engine for ever, nor lift its limit."""
    scheduler = Scheduler(2)
    scheduler.add([sequence(), sequence()])
    started(scheduler)
    scheduler.preempt_half()
    assert scheduler.max_batch_size == 1
    for _ in range(3 * FINISHES_TO_GROW):
        one = sequence()
        scheduler.start(one)
        scheduler.finish(one)
    assert scheduler.max_batch_size == 2


def test_draining_gives_up_everything() -> None:
    """What waits and what runs is handed over to be answered."""
    scheduler, two = Scheduler(1), [sequence(), sequence()]
    scheduler.add(two)
    started(scheduler)
    assert scheduler.abort_all() == two
    assert scheduler.schedule() is None
