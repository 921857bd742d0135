"""Rows are told apart, cut at their limits, ended at their end tokens, and caught in loops."""

from __future__ import annotations

import numpy as np
import pytest

from got_loaders.engine.repetition.detector import CHECK_EVERY, MIN_RUN
from got_loaders.engine.runner.batch_state import BatchState
from got_loaders.engine.sequence import Sequence, SequenceOutput
from tests.engine.test_sequence import sequence

END = 0


def rows(max_rows: int = 4) -> BatchState:
    return BatchState(frozenset({END}), max_rows=max_rows, max_context=4096)


def take(table: BatchState, sequences: list[Sequence], tokens: list[int]) -> list[SequenceOutput]:
    slots = np.array([table._slots[s] for s in sequences], np.int64)
    probabilities = np.full(len(tokens), 0.5, np.float32)
    return table.record(table.step, slots, np.array(tokens, np.int64), probabilities)


def step(table: BatchState, sequences: list[Sequence], tokens: list[int]) -> list[SequenceOutput]:
    table.step += 1
    return take(table, sequences, tokens)


def test_each_row_ends_at_its_own_end() -> None:
    """An end token stops its row and no other; the reading has the row's own tokens."""
    table, (short, long) = rows(), (sequence(), sequence())
    table.allocate([short, long])
    assert take(table, [short, long], [1, 2]) == []
    (ended,) = step(table, [short, long], [END, 3])
    assert (ended.sequence, ended.token_ids, ended.finish_reason) == (short, (1, END), "stop")
    table.free(short)
    (cut,) = [r for _ in range(8) for r in step(table, [long], [4])]
    assert (cut.token_ids, cut.finish_reason) == ((2, 3, *[4] * 8), "length")
    assert cut.confidence == pytest.approx(0.5)


def test_the_first_token_may_be_the_last() -> None:
    """A page that ends at once, or may have one token only, is finished by its prefill."""
    table, (empty, one, more) = rows(), (sequence(), sequence(1), sequence())
    table.allocate([empty, one, more])
    finished = take(table, [empty, one, more], [END, 7, 7])
    assert {r.sequence: r.finish_reason for r in finished} == {empty: "stop", one: "length"}


def test_an_end_token_in_the_last_place_is_an_end() -> None:
    """A reading that ends where it would be cut is whole."""
    table, last = rows(), sequence(1)
    table.allocate([last])
    assert take(table, [last], [END])[0].finish_reason == "stop"


def test_a_slot_that_changes_hands_starts_anew() -> None:
    """Who takes a freed slot later has none of its former owner's tokens."""
    table, first = rows(1), sequence()
    (slot,) = table.allocate([first])
    before = table.slot_epochs[slot]
    take(table, [first], [5])
    table.free(first)
    second = sequence(2)
    assert table.allocate([second])[0] == slot
    assert table.slot_epochs[slot] > before + 1
    assert take(table, [second], [8]) == []
    assert step(table, [second], [9])[0].token_ids == (8, 9)


def test_positions_follow_the_prompt() -> None:
    """The newest token stands behind the prompt and what was written before it."""
    table, first, second = rows(), sequence(), sequence()
    slots = table.allocate([first])
    assert table.positions(slots).tolist() == [3]  # the prompt has three tokens
    table.step += 4
    slots = np.concatenate([slots, table.allocate([second])])
    table.step += 1
    assert table.positions(slots).tolist() == [8, 4]


@pytest.mark.parametrize("watched", [True, False])
def test_loops_are_suspected_only_on_request(watched: bool) -> None:
    """Of those who asked for it, a reading whose end repeats itself is shown at each check."""
    table, looping = rows(), sequence(3000, stop_on_repetition=watched)
    table.allocate([looping])
    shown = take(table, [looping], [5])
    while table.step < 400:
        shown += step(table, [looping], [5])
    assert {r.finish_reason for r in shown} == ({"repetition"} if watched else set())
    counts = [len(r.token_ids) for r in shown]
    assert counts == (list(range(MIN_RUN, 401, CHECK_EVERY)) if watched else [])


def test_forbidden_ngrams_are_those_of_the_row() -> None:
    """The n-gram rule looks at a row's own prompt and tokens, and ends with the row."""
    table, free, ruled = rows(), sequence(), sequence()
    ruled.ngram_size = 2
    slots = table.allocate([free, ruled])
    assert table.banned(slots)
    take(table, [free, ruled], [1, 1])  # the prompt is 1 2 3: after 1 came 2
    assert table.banned(slots) == [set(), {2}]
    table.free(ruled)
    assert table.banned(slots) == []


def test_who_has_ended_has_no_part_in_a_step_that_was_launched_ahead() -> None:
    """Two steps may be read at once: what ended in the first has no token of the second."""
    table, (short, long) = rows(), (sequence(2), sequence())
    slots = table.allocate([short, long])
    take(table, [short, long], [1, 1])
    launched = table.slot_epochs[slots]
    assert [r.sequence for r in step(table, [short, long], [2, 2])] == [short]
    assert (table.slot_epochs[slots] == launched).tolist() == [False, True]
