"""A sequence is answered once; loops are found, and n-grams forbidden as transformers does."""

from __future__ import annotations

from concurrent.futures import Future

import numpy as np
import pytest
import torch
from transformers import NoRepeatNGramLogitsProcessor

from got_loaders.engine.preprocess import ModelInput
from got_loaders.engine.sequence import NgramRule, Reading, Sequence, ends_in_loop
from got_loaders.types import OcrResult


def sequence(limit: int = 10, *, tiles: int = 1, stop_on_repetition: bool = False) -> Sequence:
    prepared = ModelInput(np.zeros((tiles, 4, 4, 3), np.uint8), (1, 2, 3))
    return Sequence(prepared, limit, stop_on_repetition=stop_on_repetition)


def test_an_end_token_is_not_part_of_the_text() -> None:
    """The end-of-sequence token counts as written but is not read."""
    assert Reading(sequence(), (7, 8, 0), 0.5, "stop").text_ids == [7, 8]
    assert Reading(sequence(), (7, 8, 9), 0.5, "length").text_ids == [7, 8, 9]


def test_answering_a_cancelled_future_does_nothing() -> None:
    """A Future is pending until it is answered, so its caller can always cancel it."""
    cancelled = sequence()
    assert cancelled.future.cancel()
    cancelled.answer(OcrResult(text="late"))
    assert isinstance(cancelled.future, Future)
    assert cancelled.future.cancelled()


@pytest.mark.parametrize("size", [1, 2, 5, 20])
def test_the_ngram_rule_is_transformers_rule(size: int) -> None:
    """The forbidden tokens are those of no_repeat_ngram_size, the prompt included."""
    tokens = torch.randint(0, 4, (60,), generator=torch.Generator().manual_seed(size)).tolist()
    rule = NgramRule(size, tuple(tokens[:20]))
    theirs = NoRepeatNGramLogitsProcessor(size)
    for end in range(20, 60):
        scores = theirs(torch.tensor([tokens[:end]]), torch.zeros(1, 4))
        assert rule.banned == {t for t in range(4) if scores[0, t] == float("-inf")}
        rule.append(tokens[end])


def test_loops_are_found() -> None:
    """Hundreds of tokens in one short period are a loop."""
    assert ends_in_loop([*range(100), *([5, 6, 7] * 200)])
    assert ends_in_loop(list(range(60)) * 10)


@pytest.mark.parametrize(
    "tokens",
    [
        [*range(600)],
        [9] * 300,
        [token for row in range(60) for token in (1, 2, 3, 4, 5, 6, 1000 + row, 7)],
    ],
    ids=["ordinary text", "dot leaders", "rows that differ in one cell"],
)
def test_what_only_looks_like_a_loop_is_none(tokens: list[int]) -> None:
    """Dot leaders and tables of similar rows are text."""
    assert not ends_in_loop(tokens)
