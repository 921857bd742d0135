"""What nobody has written is never computed with: a NaN may lie there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch

from got_loaders.engine import EngineConfig, LocalEngine
from got_loaders.types import OcrRequest
from tests.engine.fakes import nothing_compiled
from tests.engine.pictures import page


@contextmanager
def nan_in_new_memory() -> Iterator[None]:
    """torch fills what it allocates with NaN, as it does for who asks for determinism."""
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        assert torch.empty(3).isnan().all()
        yield
    finally:
        torch.use_deterministic_algorithms(False)


def test_new_memory_does_not_reach_a_result(
    tiny_engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With nothing compiled and no packed weights, as a GPU computes, readings are the same."""
    requests = [OcrRequest(images=(page(seed),), max_new_tokens=12) for seed in range(2)]
    expected = [tiny_engine.submit(request).result(60) for request in requests]
    monkeypatch.setattr(torch.backends.mkldnn, "enabled", False)
    config = EngineConfig(model="tiny", device="cpu")
    with nan_in_new_memory(), nothing_compiled(), LocalEngine(config) as engine:
        futures = [engine.submit(request) for request in requests]
        readings = [future.result(60) for future in futures]
    for ours, plain in zip(readings, expected, strict=True):
        assert ours.token_ids == plain.token_ids
        assert ours.confidence == pytest.approx(plain.confidence, rel=1e-5)
