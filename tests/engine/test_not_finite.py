"""A model whose numbers overflow says so: such a page fails, and is never given as a reading."""

from __future__ import annotations

import math

import pytest
from torch import Tensor

from got_loaders.engine.runner.model_runner import ModelRunner
from got_loaders.errors import EngineError
from got_loaders.types import OcrRequest
from tests.engine.pictures import page
from tests.engine.stages import WAIT, StagedEngine, Way


def spoil(engine: StagedEngine, *, call: int, value: float) -> None:
    """The logits of the first position are no numbers in this call of the decoder."""
    runner = engine._loop._runner
    assert isinstance(runner, ModelRunner)
    logits, calls = runner._decoder._logits, iter(range(10_000))

    def spoiled(hidden: Tensor) -> Tensor:
        result = logits(hidden)
        if next(calls) == call:
            result[0, 5] = value
        return result

    runner._decoder._logits = spoiled  # type: ignore[method-assign]


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("call", [0, 3])
@pytest.mark.parametrize("way", ["eager", "ahead"])
def test_numbers_that_are_none_fail_their_page(way: Way, call: int, value: float) -> None:
    """The error names the number format and the device, and what to try."""
    with StagedEngine(way=way) as engine:
        spoil(engine, call=call, value=value)
        future = engine.submit(OcrRequest(images=(page(0),), max_new_tokens=30))
        with pytest.raises(EngineError, match=r"float32 on cpu.*dtype"):
            future.result(WAIT)
        assert engine.alive


def test_other_pages_go_on() -> None:
    """Of pages that are read together the one whose numbers break fails, and it alone."""
    asked = [OcrRequest(images=(page(seed),), max_new_tokens=30) for seed in range(3)]
    with StagedEngine() as engine:
        expected = [engine.submit(each).result(WAIT).token_ids for each in asked]
        spoil(engine, call=4, value=math.nan)
        futures = [engine.submit(each) for each in asked]
        errors = [future.exception(WAIT) for future in futures]
        right = [f.result().token_ids for f, e in zip(futures, errors, strict=True) if e is None]
        assert 0 < len(right) < len(asked)
        assert set(right) <= set(expected)
        assert all(e is None or isinstance(e, EngineError) for e in errors)
