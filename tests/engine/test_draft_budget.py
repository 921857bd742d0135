"""A step has no more positions than its device allows, and they go where they promise most."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from got_loaders.engine.draft.budget import DraftBudget, draft_budget
from got_loaders.engine.draft.drafter import Drafter
from got_loaders.engine.draft.share import propose_all

KINDS = [("cuda", 2), ("cuda", 4), ("cpu", 2), ("cpu", 4), ("mps", 2), ("xpu", 4)]


def drafter(*, right: bool = True, seed: int = 0) -> Drafter:
    """One that has seen 60 tokens, of which its draft had all, or none."""
    tokens = random.Random(seed).choices(range(50_000), k=200)
    made = Drafter([tokens])
    written = tokens if right else [token + 50_000 for token in tokens]
    for token in written[:60]:
        made.observe([token], 0)
    return made


@pytest.mark.parametrize(("device", "itemsize"), KINDS)
@pytest.mark.parametrize("size", [2**23, 2**30])
def test_more_positions_cost_more_and_are_bounded(device: str, itemsize: int, size: int) -> None:
    """For any number of rows a step has a place for each, and never more than eight."""
    budget = draft_budget(device, itemsize, size)
    for rows in range(1, 400):
        most = budget.positions(rows)
        assert rows <= most <= 8 * rows
        assert budget.cost(rows, most) >= budget.cost(rows, rows) > 0
    costs = [budget.cost(1, positions) for positions in range(2, 3_000)]
    assert all(one <= other for one, other in pairwise(costs))


def test_a_full_batch_on_a_cpu_proposes_nothing() -> None:
    """There a further position costs as much as a row, so newcomers find no slower batch."""
    budget = draft_budget("cpu", 2, 2**30)
    drafters = [drafter(seed=seed) for seed in range(40)]
    assert not any(propose_all(drafters, [100] * 40, budget))


def test_few_rows_have_long_windows_and_more_rows_shorter_ones() -> None:
    """One row proposes seven tokens, a dozen share what a step may have."""
    budget = draft_budget("cpu", 4, 2**30)
    assert [*map(len, propose_all([drafter()], [100], budget))] == [7]
    drafters = [drafter(seed=seed) for seed in range(12)]
    lengths = [*map(len, propose_all(drafters, [100] * 12, budget))]
    assert 12 <= sum(lengths) <= budget.positions(12) - 12
    assert max(lengths) - min(lengths) <= 1  # equals get equal shares


def test_rows_whose_drafts_were_right_come_first() -> None:
    """Where there is not enough for all, who was wrong lately waits."""
    budget = DraftBudget(costs=((1, 1.0), (100, 1.1)), total=12)
    drafters = [drafter(right=False), drafter(), None, drafter(right=False, seed=1)]
    lengths = [*map(len, propose_all(drafters, [100] * 4, budget))]
    assert lengths[1] == 7
    assert lengths[2] == 0
    assert sum(lengths) <= 8


def test_no_row_proposes_more_than_it_has_room_for() -> None:
    """A row that may write one token more proposes nothing; None never does."""
    for widths in ((), (1, 4, 8)):
        budget = draft_budget("cuda", 2, 2**30)
        rooms = [0, 1, 5, 7, 100, -1]
        proposals = propose_all([drafter() for _ in rooms], rooms, budget, widths)
        assert [len(each) for each in proposals] == [0, 1, 5, 7, 7, 0]
    assert propose_all([None, None], [5, 5], budget, (1, 4, 8)) == [[], []]
    assert propose_all([], [], budget, (1, 4, 8)) == propose_all([], [], budget) == []


def test_one_width_serves_all_rows() -> None:
    """Rows that bring equally many tokens get the width that pays for all of them together."""
    budget = draft_budget("cuda", 2, 2**30)
    good = [drafter(seed=seed) for seed in range(8)]
    bad = [drafter(right=False, seed=seed) for seed in range(56)]
    assert {*map(len, propose_all(good, [99] * 8, budget, (1, 4, 8)))} == {7}
    assert {*map(len, propose_all(good, [99] * 8, budget, (1, 4)))} == {3}
    assert {*map(len, propose_all(good, [99] * 8, budget, (1,)))} == {0}
    assert {*map(len, propose_all(bad, [99] * 56, budget, (1, 4, 8)))} == {0}
    many = [drafter(seed=seed) for seed in range(200)]
    assert {*map(len, propose_all(many, [99] * 200, budget, (1, 4, 8)))} == {3}
