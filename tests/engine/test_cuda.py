"""On a GPU the engine reads what it reads on the CPU. Marked ``gpu``."""

from __future__ import annotations

import pytest
import torch

from got_loaders.engine import EngineConfig, LocalEngine
from tests.engine.requests import parity_requests

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA GPU"),
]


def test_float32_on_the_gpu_reads_as_on_the_cpu() -> None:
    """In float32 nearly every request gets the CPU's tokens; kernels differ in their rounding."""
    requests = parity_requests()[::3]
    readings = []
    for device in ("cpu", "cuda"):
        config = EngineConfig(model="tiny", device=device, dtype="float32", max_queued=200)
        with LocalEngine(config) as engine:
            futures = [engine.submit(request) for request in requests]
            readings.append([future.result(timeout=600).token_ids for future in futures])
    same = sum(a == b for a, b in zip(*readings, strict=True))
    assert same >= 0.9 * len(requests)


def test_bfloat16_is_the_default_and_close_to_float32() -> None:
    """The default number format on a GPU reads most requests as float32 does."""
    requests = parity_requests()[::5]
    readings = []
    for options in ({"dtype": "float32"}, {}):
        with LocalEngine(EngineConfig(model="tiny", device="cuda", **options)) as engine:  # type: ignore[arg-type]  # a table of options
            readings.append([engine.submit(request).result(600).token_ids for request in requests])
    assert engine.config.dtype == "bfloat16"
    same = sum(a[:8] == b[:8] for a, b in zip(*readings, strict=True))
    assert same >= 0.5 * len(requests)


def test_closing_gives_the_memory_back() -> None:
    """After close the GPU holds no more than before."""
    before = torch.cuda.memory_allocated()
    engine = LocalEngine(EngineConfig(model="tiny", device="cuda"))
    engine.submit(parity_requests()[0]).result(600)
    assert torch.cuda.memory_allocated() > before
    engine.close()
    assert torch.cuda.memory_allocated() <= before + (1 << 20)
