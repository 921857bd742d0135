"""Each number format reads; none of them is a way to read something else."""

from __future__ import annotations

import pytest

from got_loaders.engine import EngineConfig, LocalEngine
from got_loaders.engine.device.dtype import DType
from got_loaders.types import OcrRequest
from tests.engine.pictures import page


def test_sixteen_bits_read_as_thirty_two(tiny_engine: LocalEngine) -> None:
    """float16 runs on the CPU, too: the same beginnings, and nearly the same confidence."""
    dtype: DType = "float16"
    requests = [OcrRequest(images=(page(seed),), max_new_tokens=10) for seed in range(2)]
    exact = [tiny_engine.submit(request).result(60) for request in requests]
    with LocalEngine(EngineConfig(model="tiny", device="cpu", dtype=dtype)) as engine:
        assert engine.fingerprint.endswith(f"/{dtype}")
        futures = [engine.submit(request) for request in requests]
        for future, expected in zip(futures, exact, strict=True):
            result = future.result(60)
            assert result.token_ids[:8] == expected.token_ids[:8]
            assert result.confidence == pytest.approx(expected.confidence, abs=0.05)
