"""Drafts save steps and change nothing: a row writes what the model says, whatever is proposed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from got_loaders.engine.draft.budget import MAX_WINDOW, DraftBudget, draft_budget
from got_loaders.engine.draft.drafter import Drafter
from got_loaders.engine.draft.share import propose_all
from got_loaders.engine.kv_cache.base import MAX_QUERIES

Model = Callable[[Sequence[int]], int]
"""The tokens so far → the next one."""

FREE = DraftBudget(costs=((1, 1.0),))
"""However many positions, a step costs the same."""

BUDGETS = {
    "gpu": (draft_budget("cuda", 2, 2**30), (1, 4, 8)),
    "cpu": (draft_budget("cpu", 4, 2**31), ()),
    "bf16": (draft_budget("cpu", 2, 2**30), ()),
    "tiny": (draft_budget("cpu", 4, 2**23), ()),
    "mps": (draft_budget("mps", 2, 2**30), ()),
    "free": (FREE, ()),
}


@dataclass(eq=False)
class FakeRow:
    """A row of a batch whose model is a function; ``count`` is its ``max_new_tokens``."""

    model: Model
    drafter: Drafter | None
    count: int
    written: list[int] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.write((), 0)
        self.steps.clear()

    @property
    def room(self) -> int:
        return self.count - len(self.written) - 1

    def write(self, proposed: Sequence[int], first: int = 1) -> None:
        """As the engine does it: accepted is what is the model's own, and one token follows."""
        tokens = [self.model(self.written)]
        while len(tokens) <= len(proposed) and tokens[-1] == proposed[len(tokens) - 1]:
            tokens.append(self.model(self.written + tokens))
        if self.drafter is not None:
            self.drafter.observe(tokens, len(tokens) - 1)
        self.written += tokens
        self.steps.append(len(tokens))

    def check(self) -> None:
        """What was written is the model's own, token for token, and the counts are right."""
        assert len(self.written) == self.count
        assert self.written == [self.model(self.written[:at]) for at in range(self.count)]
        if self.drafter is not None:
            assert self.drafter.accepted_tokens == sum(self.steps) - len(self.steps)
            assert self.drafter.rejected_tokens >= 0


def run(rows: list[FakeRow], budget: DraftBudget, widths: Sequence[int] = ()) -> int:
    """Step until all rows have written their tokens; returns how many steps that took."""
    running, steps = [row for row in rows if row.room >= 0], 0
    while running:
        rooms = [row.room for row in running]
        proposals = propose_all([row.drafter for row in running], rooms, budget, widths)
        for proposed, room in zip(proposals, rooms, strict=True):
            assert len(proposed) <= min(room, MAX_WINDOW)
        if not widths:
            positions = len(running) + sum(map(len, proposals))
            assert positions <= budget.positions(len(running))
        for row, proposed in zip(running, proposals, strict=True):
            assert row.drafter is not None or not proposed
            row.write(proposed)
        running = [row for row in running if row.room >= 0]
        steps += 1
    for row in rows:
        row.check()
    return steps


def steps_to_write(tokens: list[int], *drafts: Sequence[int]) -> int:
    """How many steps a row takes that has the batch to itself, where positions cost nothing."""
    row = FakeRow(writes(tokens), Drafter(drafts), len(tokens))
    return run([row], FREE)


def prose(count: int, seed: int = 0, words: int = 5_000) -> list[int]:
    """Tokens of which few follow each other twice."""
    return random.Random(seed).choices(range(words), k=count)


def writes(tokens: list[int]) -> Model:
    """A model that writes these."""
    return lambda written: tokens[len(written)]


def depends(seed: int, words: int = 7) -> Model:
    """A model whose next token depends on those before, so that a wrong one would show."""
    return lambda written: hash((seed, *written[-3:], len(written) % 11)) % words


def changed(tokens: list[int], share: float, chance: random.Random, words: int) -> list[int]:
    """The tokens with so many of them replaced, left out or written twice."""
    result = []
    for token in tokens:
        if chance.random() >= share:
            result.append(token)
        elif chance.random() < 0.6:
            result.append(chance.randrange(words))
        elif chance.random() < 0.5:
            result += [token, token]
    return result


def test_the_window_is_what_caches_take() -> None:
    """A row's newest token and its proposals are as many queries as caches allow a row."""
    assert MAX_WINDOW + 1 == MAX_QUERIES


@pytest.mark.parametrize("name", BUDGETS)
def test_any_draft_gives_the_models_own_tokens(name: str) -> None:
    """Right, wrong, shuffled, empty, far too long, any share of it wrong: nothing is changed."""
    budget, widths = BUDGETS[name]
    for seed in range(6):
        chance = random.Random(seed)
        rows = []
        for number in range(chance.randrange(1, 9)):
            model, count = depends(100 * seed + number), chance.randrange(1, 150)
            own: list[int] = []
            while len(own) < count:
                own.append(model(own))
            kinds = [own, [], [3] * 20_000, chance.sample(own, count), own[count // 2 :] * 30]
            kinds += [changed(own, chance.random(), chance, 7) for _ in range(5)]
            drafter = Drafter(chance.choices(kinds, k=2)) if chance.random() < 0.9 else None
            rows.append(FakeRow(model, drafter, count))
        run(rows, budget, widths)


def test_a_right_draft_gives_eight_tokens_a_step() -> None:
    """Nothing is ever rejected, and all but the model's own tokens are accepted."""
    text = prose(801)
    drafter = Drafter([text])
    assert run([FakeRow(writes(text), drafter, 801)], FREE) == 100
    assert (drafter.accepted_tokens, drafter.rejected_tokens) == (700, 0)


def test_no_draft_proposes_nothing() -> None:
    """Without a draft and without repetition each step gives one token, and none is rejected."""
    drafter = Drafter([(), ()])
    assert run([FakeRow(writes(prose(300)), drafter, 300)], FREE) == 299
    assert (drafter.accepted_tokens, drafter.rejected_tokens) == (0, 0)


def test_a_misread_word_costs_two_steps() -> None:
    """The step that finds it, and one with the model's own token; then the draft goes on."""
    text = prose(401)
    draft = [token if place % 40 else -1 for place, token in enumerate(text)]
    assert steps_to_write(text, draft) <= 400 / 8 + 10 * 2


@pytest.mark.parametrize("lost", [1, 3, 9, 30])
def test_what_the_draft_has_more_or_less_is_passed_over(lost: int) -> None:
    """A line that only the page has, or only the draft: a few steps later it is found again."""
    text = prose(400)
    assert steps_to_write(text, text[:200] + text[200 + lost :]) <= 50 + lost + 4
    assert steps_to_write(text, text[:200] + prose(lost, seed=1) + text[200:]) <= 50 + 6


def test_columns_in_another_order_are_found() -> None:
    """Where the answer jumps to another place of the draft, three tokens show where it is."""
    text = prose(800)
    draft = text[600:] + text[:200] + text[400:600] + text[200:400]
    assert steps_to_write(text, draft) <= 100 + 4 * 6


def test_the_variant_that_is_right_proposes() -> None:
    """Of two drafts the one that was right lately is asked, also where that changes midway."""
    text, noise = prose(800), prose(800, seed=1)
    assert steps_to_write(text, noise, text) <= 100 + 5
    assert steps_to_write(text, text[:400] + noise[:400], noise[:400] + text[400:]) <= 100 + 12


def test_a_habit_of_the_model_is_learned() -> None:
    """Where the model writes each line's end in another way, that is expected after a while."""
    draft = prose(800)
    draft[::10] = [9_000] * 80
    text = [9_001 if token == 9_000 else token for token in draft]
    assert steps_to_write(text, draft) <= 100 + 8
    ending = [
        token for line in range(80) for token in (*draft[10 * line : 10 * line + 10], 5, 6, 7)
    ]
    assert steps_to_write(ending, draft) <= 80 * 3  # a step to its start, one to its end, the line


def test_a_table_is_proposed_from_its_own_rows() -> None:
    """Without any draft, rows that repeat themselves take fewer steps than they have tokens."""
    rows = [token for number in range(40) for token in (1, 2, 3, 4, 5, 100 + number, 6, 7)]
    assert steps_to_write(rows) <= len(rows) * 0.5
    assert steps_to_write([1, 2, 3, 4] * 100) <= 400 / 8 + 20


def test_a_draft_that_ends_early_or_never_does_no_harm() -> None:
    """Half a page as a draft of all of it; and a page that ends where its draft goes on."""
    text = prose(400)
    assert steps_to_write(text, text[:200]) <= 25 + 200
    assert steps_to_write(text, text + prose(100_000, seed=1)) == 50


@pytest.mark.parametrize("wrong", [prose(800, seed=9), [7] * 100_000, prose(800)[::-1]])
def test_a_wrong_draft_is_soon_not_proposed_where_that_costs(wrong: list[int]) -> None:
    """Steps cost at most a twentieth more than without, as the table of costs has it."""
    text = prose(800)
    for budget, widths in BUDGETS.values():
        drafter = Drafter([wrong])
        row = FakeRow(writes(text), drafter, 800)
        cost, alone = 0.0, budget.cost(1, 1)
        while row.room >= 0:
            (proposed,) = propose_all([drafter], [row.room], budget, widths)
            width = min((each for each in widths if each > len(proposed)), default=0)
            cost += budget.cost(1, width or 1 + len(proposed))
            row.write(proposed)
        assert cost <= 1.05 * 799 * alone


def test_a_draft_that_becomes_right_is_proposed_again() -> None:
    """A page whose first half has a bad text layer is read from its second half all the same."""
    text = prose(1_600)
    budget, _ = BUDGETS["bf16"]
    draft = prose(800, seed=1) + text[800:]
    row = FakeRow(writes(text), Drafter([draft]), 1_600)
    run([row], budget)
    assert len(row.steps) <= 800 + 800 / 5


def test_proposals_that_were_not_checked_are_not_counted() -> None:
    """Where memory allowed only a row's newest token, nothing was rejected."""
    drafter = Drafter([prose(100)])
    drafter.observe([prose(100)[0]], 0)
    assert len(drafter.propose(7)) == 7
    drafter.observe([-5], 0, proposed=0)
    assert (drafter.accepted_tokens, drafter.rejected_tokens) == (0, 0)


def test_the_proposals_of_a_step_that_failed_are_not_counted() -> None:
    """Where the next step proposes nothing, nothing of it is rejected."""
    drafter = Drafter([prose(20)])
    (proposed,) = propose_all([drafter], [7], FREE)
    assert len(proposed) == 7
    assert propose_all([drafter], [0], FREE) == [[]]
    drafter.observe([1], 0)
    assert (drafter.accepted_tokens, drafter.rejected_tokens) == (0, 0)
