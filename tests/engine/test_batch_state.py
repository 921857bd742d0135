"""Rows are told apart, cut at their limits, ended at their end tokens, and caught in loops."""

from __future__ import annotations

import numpy as np
import pytest

from got_loaders.engine.repetition.detector import CHECK_EVERY, MIN_RUN
from got_loaders.engine.runner.batch_state import BatchState, Slots
from got_loaders.engine.runner.verification import StepOutput
from got_loaders.engine.sequence import Sequence, SequenceOutput
from tests.engine.test_sequence import sequence

END = 0


def rows(max_rows: int = 4) -> BatchState:
    return BatchState(frozenset({END}), max_rows=max_rows, max_context=4096)


def slots_of(table: BatchState, sequences: list[Sequence]) -> Slots:
    return np.array([table._slots[s] for s in sequences], np.int64)


def take(
    table: BatchState, sequences: list[Sequence], tokens: list[int], probability: float = 0.5
) -> list[SequenceOutput]:
    """One token of each sequence."""
    return take_blocks(table, sequences, [[token] for token in tokens], probability)


def take_blocks(
    table: BatchState, sequences: list[Sequence], blocks: list[list[int]], probability: float = 0.5
) -> list[SequenceOutput]:
    """Some tokens of each sequence."""
    kept = np.array([len(block) for block in blocks])
    tokens = np.array([token for block in blocks for token in block], np.int64)
    probabilities = np.full(len(tokens), probability, np.float32)
    block = StepOutput(kept, tokens, probabilities, kept - 1)
    return table.record(slots_of(table, sequences), block)


def test_each_row_ends_at_its_own_end() -> None:
    """An end token stops its row and no other; the reading has the row's own tokens."""
    table, (short, long) = rows(), (sequence(), sequence())
    table.allocate([short, long])
    assert take(table, [short, long], [1, 2]) == []
    (ended,) = take(table, [short, long], [END, 3])
    assert (ended.sequence, ended.token_ids, ended.finish_reason) == (short, (1, END), "stop")
    table.free(short)
    (cut,) = [r for _ in range(8) for r in take(table, [long], [4])]
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
    assert take(table, [second], [9])[0].token_ids == (8, 9)


def test_positions_follow_the_prompt() -> None:
    """The newest token stands behind the prompt and what was written before it."""
    table, first, second = rows(), sequence(), sequence()
    slots = table.allocate([first])
    take(table, [first], [5])
    assert table.positions(slots).tolist() == [3]  # the prompt has three tokens
    take_blocks(table, [first], [[5, 6, 7, 8]])
    slots = np.concatenate([slots, table.allocate([second])])
    take_blocks(table, [first, second], [[9], [4]])
    assert table.positions(slots).tolist() == [8, 3]
    assert table.newest(slots).tolist() == [9, 4]
    table.launched(slots)  # a step runs whose tokens nobody has read
    assert table.positions(slots).tolist() == [9, 4]
    take(table, [first, second], [1, 1])
    assert table.positions(slots).tolist() == [9, 4]


@pytest.mark.parametrize("watched", [True, False])
def test_loops_are_suspected_only_on_request(watched: bool) -> None:
    """Of those who asked for it, a reading whose end repeats itself is shown at each check."""
    table, looping = rows(), sequence(3000, stop_on_repetition=watched)
    table.allocate([looping])
    shown = [r for _ in range(401) for r in take(table, [looping], [5])]
    assert {r.finish_reason for r in shown} == ({"repetition"} if watched else set())
    counts = [len(r.token_ids) for r in shown]
    assert counts == (list(range(MIN_RUN, 401, CHECK_EVERY)) if watched else [])


def test_forbidden_ngrams_are_those_of_the_row() -> None:
    """The n-gram rule looks at a row's own prompt and tokens, and ends with the row."""
    table, free, ruled = rows(), sequence(), sequence()
    ruled.ngram_size = 2
    _, slot = table.allocate([free, ruled])
    assert set(table.ngram_rules) == {slot}
    take(table, [free, ruled], [1, 1])  # the prompt is 1 2 3: after 1 came 2
    assert table.ngram_rules[slot].banned == {2}
    table.free(ruled)
    assert not table.ngram_rules


def test_who_has_ended_has_no_part_in_a_step_that_was_launched_ahead() -> None:
    """Two steps may be read at once: what ended in the first has no token of the second."""
    table, (short, long) = rows(), (sequence(2), sequence())
    slots = table.allocate([short, long])
    take(table, [short, long], [1, 1])
    launched = table.slot_epochs[slots]
    assert [r.sequence for r in take(table, [short, long], [2, 2])] == [short]
    assert (table.slot_epochs[slots] == launched).tolist() == [False, True]


def test_rows_advance_by_different_numbers() -> None:
    """Each row has its own tokens, however many each of them got in a step."""
    table, (one, other) = rows(), (sequence(6), sequence(6))
    table.allocate([one, other])
    take(table, [one, other], [1, 2])
    assert take_blocks(table, [other, one], [[3, 4, 5], [6]]) == []
    outputs = take_blocks(table, [one, other], [[7, 8, 9, END], [8, 9]])
    assert {r.sequence: (r.token_ids, r.finish_reason) for r in outputs} == {
        one: ((1, 6, 7, 8, 9, END), "stop"),
        other: ((2, 3, 4, 5, 8, 9), "length"),
    }


@pytest.mark.parametrize("sizes", [[1], [3], [8], [7, 2, 1, 5], [64]])
def test_a_loop_is_looked_at_where_it_would_be_token_by_token(sizes: list[int]) -> None:
    """A block that goes beyond a check's place shows the tokens up to there, each time."""
    table, looping = rows(), sequence(3000, stop_on_repetition=True)
    table.allocate([looping])
    shown, sizes = [], sizes * 400
    written = 0
    while written < 400:
        size = sizes.pop(0)
        written += size
        shown += take_blocks(table, [looping], [[5] * size])
    counts = [len(r.token_ids) for r in shown if len(r.token_ids) <= 400]
    assert counts == list(range(MIN_RUN, 401, CHECK_EVERY))


def test_a_loop_is_shown_before_the_end_that_follows_it() -> None:
    """An end in the block that crosses a check's place comes second: token by token the loop would
    have been looked at before it was written."""
    table, looping = rows(), sequence(3000, stop_on_repetition=True)
    table.allocate([looping])
    for _ in range(MIN_RUN - 1):
        assert take(table, [looping], [5]) == []
    outputs = take_blocks(table, [looping], [[5, 5, END]])
    assert [(len(r.token_ids), r.finish_reason) for r in outputs] == [
        (MIN_RUN, "repetition"),
        (MIN_RUN + 2, "stop"),
    ]


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_probability_that_is_no_number_ends_its_row_alone(bad: float) -> None:
    """What a model says whose numbers overflow means nothing: the row is broken, others go on."""
    table, (first, second) = rows(), (sequence(), sequence())
    table.allocate([first, second])
    assert take(table, [second], [2]) == []
    (broken,) = take(table, [first], [1], probability=bad)
    assert (broken.sequence, broken.broken) == (first, True)
    assert take(table, [second], [3]) == []
