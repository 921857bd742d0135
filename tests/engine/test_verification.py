"""What a step that checks drafts writes is what steps of one token would have written."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from got_loaders.engine.kv_cache.counts import Counts
from got_loaders.engine.runner.ngram_rules import without_banned
from got_loaders.engine.runner.verification import Tokens, lay_out, one_token, verify
from got_loaders.engine.sampler import best_allowed, greedy_sample
from got_loaders.engine.sequence import NoRepeatNGram

ENDS = np.array([0, 1])
VOCABULARY = 12

Model = Callable[[list[int]], int]
"""All that is written → the next token."""


def fake_model(seed: int) -> Model:
    """Says something of its own about every text, and ends now and then."""

    def model(text: list[int]) -> int:
        number = hash((seed, *text[-3:], len(text) % 5))
        return number % VOCABULARY if number % 41 else 0

    return model


def one_by_one(model: Model, prompt: list[int], limit: int) -> list[int]:
    written: list[int] = []
    while len(written) < limit and not (written and written[-1] in ENDS):
        written.append(model(prompt + written))
    return written


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_proposals_give_the_tokens_of_single_steps(data: st.DataObject) -> None:
    """Right, wrong, mixed, too many or none, in rows side by side, ragged or of one width."""
    seed = data.draw(st.integers(0, 10_000))
    model = fake_model(seed)
    count = data.draw(st.integers(1, 4))
    prompts = [[seed, row] for row in range(count)]
    limits = [data.draw(st.integers(2, 40)) for _ in range(count)]
    expected = [one_by_one(model, *pair) for pair in zip(prompts, limits, strict=True)]
    written = [[tokens[0]] for tokens in expected]
    width = data.draw(st.sampled_from([None, 8]))
    while True:
        rows = [r for r in range(count) if written[r] != expected[r]]
        if not rows:
            break
        proposals = []
        for row in rows:
            room = limits[row] - len(written[row]) - 1
            coming = expected[row][len(written[row]) :]
            noise = data.draw(st.lists(st.integers(0, VOCABULARY), max_size=7))
            right = data.draw(st.integers(0, 7))
            proposals.append([*coming[:right], *noise][: min(7, room)])
        newest = np.array([written[row][-1] for row in rows])
        places = np.array([len(prompts[row]) + len(written[row]) - 1 for row in rows])
        step = lay_out(newest, places, proposals, width=width)
        chosen = answers(model, prompts, written, rows, step.tokens, step.counts)
        block = verify(step, chosen, np.ones(len(chosen), np.float32), ENDS)
        for index, row in enumerate(rows):
            own = block.tokens[block.row(index)].tolist()
            assert block.accepted[index] <= len(own) <= len(proposals[index]) + 1
            written[row] += own
            assert written[row] == expected[row][: len(written[row])]


def answers(
    model: Model,
    prompts: list[list[int]],
    written: list[list[int]],
    rows: list[int],
    tokens: Tokens,
    counts: Counts,
) -> Tokens:
    """What the model says behind each position of a step."""
    chosen, starts = [], np.cumsum(counts) - counts
    for row, start, size in zip(rows, starts, counts, strict=True):
        text = prompts[row] + written[row]
        proposed = tokens[start + 1 : start + size].tolist()
        chosen += [model(text + proposed[:place]) for place in range(size)]
    return np.array(chosen)


def test_positions_follow_each_row_s_own() -> None:
    """Rows bring their newest token and what is proposed, one behind the other."""
    step = lay_out(np.array([5, 6, 7]), np.array([10, 20, 30]), [[1, 2], [], [3]])
    assert step.tokens.tolist() == [5, 1, 2, 6, 7, 3]
    assert step.positions.tolist() == [10, 11, 12, 20, 30, 31]
    assert (step.counts.tolist(), step.starts.tolist()) == ([3, 1, 2], [0, 3, 4])


def test_rows_of_one_width_are_filled_up() -> None:
    """A cache that wants as many tokens of every row gets them; nobody looks at the others."""
    step = lay_out(np.array([5, 6]), np.array([10, 20]), [[7, 2], []], width=4)
    assert step.counts.tolist() == [4, 4]
    assert step.positions.tolist() == [10, 11, 12, 13, 20, 21, 22, 23]
    chosen = np.array([7, 2, 9, 9, 4, 4, 4, 4])
    block = verify(step, chosen, np.ones(8, np.float32), ENDS)
    assert (block.kept.tolist(), block.tokens.tolist()) == ([3, 1], [7, 2, 9, 4])


def test_an_end_that_was_proposed_ends_the_row() -> None:
    """It counts as accepted, and nothing behind it is kept."""
    step = lay_out(np.array([5]), np.array([3]), [[7, 0, 7]])
    block = verify(step, np.array([7, 0, 7, 7]), np.ones(4, np.float32), ENDS)
    assert (block.tokens.tolist(), block.accepted.tolist()) == ([7, 0], [2])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=8, max_size=40), st.integers(1, 5), st.data())
def test_the_ngram_rule_holds_within_a_block(
    prompt: list[int], size: int, data: st.DataObject
) -> None:
    """A block is cut at the first token that the rule forbids, given the tokens before it, and
    has there what a single step would have chosen."""
    logits = torch.randn(8, 6, generator=torch.Generator().manual_seed(len(prompt)))
    rule = NoRepeatNGram(size, tuple(prompt))
    expected = []
    for place in range(8):
        token, _ = best_allowed(logits[place], rule.banned)
        if token not in (best := greedy_sample(logits[place : place + 1]).tokens):
            expected.append((token, True))
            break
        expected.append((int(best[0]), False))
        rule.append(token)
    rule = NoRepeatNGram(size, tuple(prompt))
    choice = greedy_sample(logits)
    tokens = choice.tokens.numpy()
    step = lay_out(np.array([4]), np.array([0]), [tokens[:7].tolist()])
    block = verify(step, tokens, choice.probabilities.numpy(), np.array([99]))
    before = rule.banned.copy()
    cut = without_banned(block, step.starts, np.array([3]), {3: rule}, logits)
    assert rule.banned == before
    assert cut.tokens.tolist() == [token for token, _ in expected]
    own = logits.softmax(-1)
    theirs = [float(own[place, token]) for place, (token, _) in enumerate(expected)]
    assert cut.probabilities.tolist() == pytest.approx(theirs, abs=1e-6)


def test_the_ngram_rule_touches_no_other_row() -> None:
    """Of three rows the one whose token is forbidden gets another; the others keep theirs."""
    logits = torch.tensor([[0.0, 1, 5, 2, 0], [0, 9, 0, 0, 3], [0, 0, 0, 7, 0]])
    choice = greedy_sample(logits)
    block = one_token(choice.tokens.numpy(), choice.probabilities.numpy())
    rules = {8: NoRepeatNGram(1, (1, 2))}
    cut = without_banned(block, np.arange(3), np.array([4, 8, 2]), rules, logits)
    assert cut.tokens.tolist() == [2, 4, 3]
