"""On a GPU the engine reads what it reads on the CPU, with drafts too. Marked ``gpu``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch

from got_loaders.engine import EngineConfig, LocalEngine
from got_loaders.types import OcrRequest, OcrResult
from tests.engine.pictures import page
from tests.engine.requests import parity_requests

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA GPU"),
]


@pytest.fixture(autouse=True)
def exact_convolutions() -> Iterator[None]:
    """cuDNN's convolutions round float32 to TF32 unless they are told not to."""
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        yield


def read(config: EngineConfig, requests: list[OcrRequest]) -> list[OcrResult]:
    """All of them at once, as far as the engine has room."""
    with LocalEngine(config) as engine:
        futures = [engine.submit(request) for request in requests]
        return [future.result(timeout=600) for future in futures]


def equal(one: list[OcrResult], other: list[OcrResult]) -> float:
    """The share of the requests that got the same tokens."""
    same = [a.token_ids == b.token_ids for a, b in zip(one, other, strict=True)]
    return sum(same) / len(same)


def test_float32_on_the_gpu_reads_as_on_the_cpu() -> None:
    """In float32 nearly every request gets the CPU's tokens; kernels differ in their rounding."""
    requests = parity_requests()[::3]
    config = EngineConfig(model="tiny", device="cpu", dtype="float32", max_queued=200)
    on_cpu, on_gpu = (read(replace(config, device=name), requests) for name in ("cpu", "cuda"))
    assert equal(on_cpu, on_gpu) >= 0.9


def test_the_default_number_format_is_close_to_float32() -> None:
    """It is one that the GPU computes in, and most requests begin as in float32."""
    requests = parity_requests()[::5]
    config = EngineConfig(model="tiny", device="cuda", max_queued=200)
    expected = "bfloat16" if torch.cuda.get_device_capability() >= (8, 0) else "float16"
    assert config.resolved().dtype == expected
    exact, default = (read(replace(config, dtype=name), requests) for name in ("float32", "auto"))
    same = sum(a.token_ids[:8] == b.token_ids[:8] for a, b in zip(exact, default, strict=True))
    assert same >= 0.5 * len(requests)


@pytest.mark.parametrize("rows", [1, 3, 13])
def test_a_draft_changes_no_token(rows: int) -> None:
    """Right, wrong and no drafts among rows that join and leave, in steps of any size."""
    requests = [replace(request, draft=False) for request in parity_requests()[::3]]
    config = EngineConfig(
        model="tiny", device="cuda", dtype="float32", max_queued=200, max_batch_size=rows
    )
    without = read(config, requests)
    texts = [result.text for result in without]
    drafts: list[str | None] = list(texts)
    drafts[1::4] = texts[::-1][1::4]
    drafts[2::4] = [text.replace("e", "o") for text in texts[2::4]]
    drafts[3::4] = [None] * len(drafts[3::4])
    drafted = [
        replace(request, draft=draft) for request, draft in zip(requests, drafts, strict=True)
    ]
    results = read(config, drafted)
    assert equal(without, results) >= 0.97
    assert sum(result.accepted_tokens for result in results[::4]) > 0
    ends = [(result.finish_reason, result.num_tokens) for result in results]
    same = sum(
        end == (result.finish_reason, result.num_tokens)
        for end, result in zip(ends, without, strict=True)
    )
    assert same >= 0.97 * len(requests)


def test_a_row_reads_the_same_alone_and_among_others() -> None:
    """Recorded steps have room for more rows than are running; what fills them up is nobody's."""
    requests = [
        OcrRequest(images=(page(seed),), max_new_tokens=20 * (seed + 1)) for seed in range(11)
    ]
    config = EngineConfig(model="tiny", device="cuda", dtype="float32", max_queued=200)
    alone = read(replace(config, max_batch_size=1), requests)
    assert equal(alone, read(config, requests)) >= 0.9
    assert equal(alone, read(replace(config, max_batch_size=5), requests)) >= 0.9


def test_probabilities_are_numbers() -> None:
    """In the GPU's own number format no token's probability is anything but a share."""
    config = EngineConfig(model="tiny", device="cuda", max_queued=200)
    for result in read(config, parity_requests()[::7]):
        assert result.confidence is not None
        assert 0 < result.confidence <= 1


def test_a_format_that_the_gpu_lacks_is_not_chosen() -> None:
    """ "auto" is bfloat16 where torch says that the GPU has it without imitating it."""
    has_it = torch.cuda.is_bf16_supported(including_emulation=False)
    assert (EngineConfig(model="tiny", device="cuda").resolved().dtype == "bfloat16") is has_it


def test_closing_one_engine_leaves_anothers_readings() -> None:
    """What is given back of the GPU's memory is not what another engine's graphs use."""
    requests = parity_requests()[::7]
    config = EngineConfig(model="tiny", device="cuda")
    with LocalEngine(config) as stays:
        before = [stays.submit(request).result(600).token_ids for request in requests]
        LocalEngine(config).close()
        noise = [torch.randn(1 << 22, device="cuda") for _ in range(64)]
        after = [stays.submit(request).result(600).token_ids for request in requests]
        assert all(bool(one.isfinite().all()) for one in noise)
    assert after == before


def test_a_fraction_of_the_memory_is_all_that_is_taken() -> None:
    """With memory_fraction an embedding model has the rest, whatever the size of the GPU."""
    free, _ = torch.cuda.mem_get_info()
    config = EngineConfig(model="tiny", device="cuda", memory_fraction=0.1, max_batch_size=4)
    with LocalEngine(config) as engine:
        engine.submit(parity_requests()[0]).result(600)
        left, _ = torch.cuda.mem_get_info()
    assert free - left < 0.1 * free + (2 << 30)


def test_closing_gives_the_memory_back() -> None:
    """After close the GPU holds no more than before, cuBLAS' workspaces included."""
    before = torch.cuda.memory_allocated()
    engine = LocalEngine(EngineConfig(model="tiny", device="cuda"))
    engine.submit(parity_requests()[0]).result(600)
    assert torch.cuda.memory_allocated() > before
    engine.close()
    assert torch.cuda.memory_allocated() <= before + (1 << 20)
