"""A sequence is answered once; n-grams are forbidden as transformers does."""

from __future__ import annotations

from concurrent.futures import Future

import numpy as np
import pytest
import torch
from transformers import NoRepeatNGramLogitsProcessor

from got_loaders.engine.processor.preprocess import ModelInput
from got_loaders.engine.sequence import NoRepeatNGram, Sequence, SequenceOutput
from got_loaders.types import OcrResult


def sequence(limit: int = 10, *, tiles: int = 1, stop_on_repetition: bool = False) -> Sequence:
    prepared = ModelInput(np.zeros((tiles, 4, 4, 3), np.uint8), (1, 2, 3), ())
    return Sequence(prepared, limit, stop_on_repetition=stop_on_repetition)


def test_an_end_token_is_not_part_of_the_text() -> None:
    """The end-of-sequence token counts as written but is not read."""
    half = np.full(3, 0.5, np.float32)
    assert SequenceOutput(sequence(), (7, 8, 0), half, "stop").output_ids == [7, 8]
    assert SequenceOutput(sequence(), (7, 8, 9), half, "length").output_ids == [7, 8, 9]


def test_a_cut_reading_has_the_confidence_of_what_is_kept() -> None:
    """How sure the model was of its loop is not counted."""
    probabilities = np.array([0.5, 0.7, 1.0, 1.0], np.float32)
    output = SequenceOutput(sequence(), (7, 8, 9, 9), probabilities, "length")
    assert output.confidence == pytest.approx(0.8)
    cut = output.truncated(2)
    assert (cut.token_ids, cut.output_ids, cut.finish_reason) == ((7, 8), [7, 8], "repetition")
    assert cut.confidence == pytest.approx(0.6)


def test_answering_a_cancelled_future_does_nothing() -> None:
    """A Future is pending until it is answered, so its caller can always cancel it."""
    cancelled = sequence()
    assert cancelled.future.cancel()
    cancelled.set_result(OcrResult(text="late"))
    assert isinstance(cancelled.future, Future)
    assert cancelled.future.cancelled()


@pytest.mark.parametrize("size", [1, 2, 5, 20])
def test_the_ngram_rule_is_transformers_rule(size: int) -> None:
    """The forbidden tokens are those of no_repeat_ngram_size, the prompt included."""
    tokens = torch.randint(0, 4, (60,), generator=torch.Generator().manual_seed(size)).tolist()
    rule = NoRepeatNGram(size, tuple(tokens[:20]))
    theirs = NoRepeatNGramLogitsProcessor(size)
    for end in range(20, 60):
        scores = theirs(torch.tensor([tokens[:end]]), torch.zeros(1, 4))
        assert rule.banned == {t for t in range(4) if scores[0, t] == float("-inf")}
        rule.append(tokens[end])
