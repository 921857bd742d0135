"""An engine as on a GPU, through stand-ins for its kernels: pages, captured steps, drafts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest

from got_loaders.engine import EngineConfig, LocalEngine
from got_loaders.engine.kv_cache.paged import PagedCache
from got_loaders.engine.kv_cache.paged_attention import paged_attention
from got_loaders.engine.runner import decode_backends
from got_loaders.engine.runner.cuda_graphs import GraphedStep
from got_loaders.engine.runner.model_runner import ModelRunner
from got_loaders.types import OcrRequest, OcrResult
from tests.engine.pictures import page
from tests.engine.test_cuda_graphs import Recorder
from tests.engine.test_paged_cache import varlen_attn

WAIT = 60


@contextmanager
def like_a_gpu(**config: Any) -> Iterator[LocalEngine]:
    """The embedded model over pages, with a step launched before the last one is read."""
    paged = partial(paged_attention, varlen_attn=varlen_attn)
    with (
        patch.object(decode_backends, "paged_attention", paged),
        patch.object(decode_backends, "capture_cuda_graph", Recorder),
    ):
        made = plain(**config)
    with made as engine:
        runner_of(engine)._async_scheduling = True
        yield engine


def plain(**config: Any) -> LocalEngine:
    config |= {"model": "tiny", "device": "cpu", "max_batch_size": 3, "max_context": 512}
    return LocalEngine(EngineConfig(**config))


def runner_of(engine: LocalEngine) -> ModelRunner:
    runner = engine._loop._runner
    assert isinstance(runner, ModelRunner)
    return runner


def read(engine: LocalEngine, requests: list[OcrRequest]) -> list[OcrResult]:
    futures = [engine.submit(request) for request in requests]
    return [future.result(WAIT) for future in futures]


@pytest.mark.parametrize("ngram", [None, 3])
def test_drafts_over_pages_change_nothing_but_the_steps(ngram: int | None) -> None:
    """Right, wrong and no drafts, side by side, under a rule of n-grams too: the same readings."""
    requests = [
        OcrRequest(images=(page(number),), max_new_tokens=24 + number) for number in (0, 1, 2)
    ]
    with plain(no_repeat_ngram_size=ngram) as engine:
        expected = read(engine, requests)
    drafts = [expected[0].text, expected[2].text, "nothing of the kind"]
    drafted = [replace(each, draft=own) for each, own in zip(requests, drafts, strict=True)]
    with like_a_gpu(no_repeat_ngram_size=ngram) as engine:
        backend = runner_of(engine)._backend
        assert isinstance(backend.cache, PagedCache)
        assert isinstance(backend.step, GraphedStep)
        assert backend.widths == (1, 4, 8)
        assert {width for _, width in backend.step._graphs} == {1, 4, 8}
        results = read(engine, requests + drafted)
        (alone,) = read(engine, [drafted[0]])
    for result, same in zip([*results, alone], [*expected, *expected, expected[0]], strict=True):
        assert result.token_ids == same.token_ids
        assert result.finish_reason == same.finish_reason
        assert result.confidence == pytest.approx(same.confidence, abs=1e-5)
    assert alone.accepted_tokens > len(alone.token_ids) / 2
