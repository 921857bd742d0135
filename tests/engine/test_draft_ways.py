"""However the model runs - ahead of its tokens or not - drafts and rules change no reading."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Literal

import pytest

from got_loaders.engine.draft.budget import DraftBudget
from got_loaders.types import OcrRequest, OcrResult
from tests.engine.pictures import page
from tests.engine.stages import WAIT, StagedEngine, Way

FREE = DraftBudget(costs=((1, 1.0), (1000, 1.0)))
ASKED = [
    OcrRequest(images=(page(seed),), format=bool(seed % 2), max_new_tokens=limit)
    for seed, limit in enumerate((1, 2, 9, 50, 21))
]


def engine_of(way: Way, ngram: int | None) -> StagedEngine:
    engine = StagedEngine(way=way, max_batch_size=4)
    engine.config = replace(engine.config, no_repeat_ngram_size=ngram)
    engine._model_runner._budget = FREE
    return engine


@pytest.mark.parametrize("ngram", [None, 2])
@pytest.mark.parametrize("way", ["compiled", "ahead"])
def test_rows_with_and_without_drafts_share_a_batch(way: Way, ngram: int | None) -> None:
    """Rows join and leave, some with a draft, some with a rule: the tokens are those of each alone.

    A step that was launched ahead is read before one that checks drafts, and the other way round.
    """
    rng = random.Random(str((way, ngram)))
    with engine_of(way, ngram) as engine:
        alone = [engine.submit(replace(each, draft=False)).result(WAIT) for each in ASKED]
        asked: list[tuple[OcrRequest, OcrResult]] = []
        for request, result in zip(ASKED * 3, alone * 3, strict=True):
            choices: list[str | Literal[False] | None] = [False, None, result.text, result.text[3:]]
            draft = rng.choice([*choices, alone[0].text * 9])
            asked.append((replace(request, draft=draft), result))
        rng.shuffle(asked)
        futures = [engine.submit(request) for request, _ in asked]
        for future, (_, expected) in zip(futures, asked, strict=True):
            result = future.result(WAIT)
            assert result.token_ids == expected.token_ids
            assert result.finish_reason == expected.finish_reason
            assert result.confidence == pytest.approx(expected.confidence, abs=1e-6)
        assert engine.leftover == (0, 0)


def test_the_ngram_rule_is_kept_with_a_draft_that_breaks_it() -> None:
    """A draft that repeats itself is accepted no further than the rule allows."""
    with engine_of("compiled", 3) as engine:
        request = OcrRequest(images=(page(4),), max_new_tokens=60)
        ruled = engine.submit(replace(request, draft=False)).result(WAIT)
        grams = list(zip(*(ruled.token_ids[n:] for n in range(3)), strict=False))
        assert len(grams) == len(set(grams))
        again = engine.submit(replace(request, draft=ruled.text[:9] * 50)).result(WAIT)
        assert again.token_ids == ruled.token_ids
