"""What a device can do is asked of torch, and what it can't is said, not tried."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from got_loaders.engine import EngineConfig, shared_engine
from got_loaders.engine.device.device import stack_to_device
from got_loaders.engine.device.dtype import DType
from got_loaders.engine.device.faults import is_context_lost, restart_advice
from got_loaders.engine.device.number_format import resolve_dtype, warn_of_emulation
from got_loaders.engine.device.release import release_device_memory
from got_loaders.errors import EngineDeadError, EngineError
from got_loaders.types import OcrRequest
from tests.engine.fakes import ILLEGAL_ACCESS, FakeModelEngine, LostGpu, out_of_memory

CAPABILITIES = {"cuda:0": (9, 0), "cuda:1": (7, 5), "cuda:2": (6, 1)}
"""An H200, a T4, and a GTX 1080."""

WAIT = 60


def request() -> OcrRequest:
    return OcrRequest(images=(Image.new("RGB", (8, 8)),), max_new_tokens=5)


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """torch sees three GPUs of three generations."""
    monkeypatch.setattr(torch.cuda, "get_device_capability", CAPABILITIES.__getitem__)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"the GPU {device}")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: len(CAPABILITIES))


@pytest.mark.usefixtures("gpus")
@pytest.mark.parametrize(
    ("device", "dtype"),
    [
        ("auto", "bfloat16"),
        ("cuda:1", "float16"),
        ("cuda:2", "float32"),
        ("cpu", "float32"),
        (("cuda:0", "cuda:1"), "float16"),
        (("cuda:0", "cuda:2"), "float32"),
        (("cuda:0", "cuda:0"), "bfloat16"),
    ],
)
def test_auto_is_a_number_format_that_the_device_computes_in(
    device: str | tuple[str, ...], dtype: DType
) -> None:
    """bfloat16 from Ampere on, float16 where only that is fast, and one that all devices have."""
    assert EngineConfig(model="tiny", device=device).resolved().dtype == dtype


@pytest.mark.usefixtures("gpus")
def test_amds_gpus_have_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    """ROCm calls itself CUDA, and numbers its devices otherwise."""
    monkeypatch.setattr(torch.version, "hip", "6.4")
    assert resolve_dtype("auto", ["cuda:1"]) == "bfloat16"


@pytest.mark.usefixtures("gpus")
def test_a_format_that_is_only_imitated_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    """Who asks for bfloat16 gets it, and is told what it costs and what "auto" takes."""
    assert resolve_dtype("bfloat16", ["cuda:1"]) == "bfloat16"
    with caplog.at_level(logging.WARNING):
        warn_of_emulation("bfloat16", "cuda:1")
        assert "the GPU cuda:1" in caplog.text
        assert "takes float16 here" in caplog.text
        caplog.clear()
        warn_of_emulation("bfloat16", "cuda:0")
        warn_of_emulation("float16", "cuda:1")
        warn_of_emulation("bfloat16", "cpu")
    assert not caplog.text


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (torch.AcceleratorError(ILLEGAL_ACCESS), True),
        (RuntimeError(f"{ILLEGAL_ACCESS}\nCUDA kernel errors might be asynchronous"), True),
        (RuntimeError("Triton Error [CUDA]: device-side assert triggered"), True),
        (RuntimeError("HIP error: unspecified launch failure"), True),
        (torch.AcceleratorError("CUDA error: out of memory"), False),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED"), False),
        (RuntimeError("CUDA error: no kernel image is available for execution"), False),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (ValueError(ILLEGAL_ACCESS), False),
        (out_of_memory(), False),
        (None, False),
    ],
)
def test_an_error_that_costs_the_gpu_is_told_from_others(
    error: Exception | None, lost: bool
) -> None:
    """What the driver reports for ever after is known, also as the cause of another error."""
    assert is_context_lost(error) is lost
    outer = EngineError("the page")
    outer.__cause__ = error
    assert is_context_lost(outer) is lost
    assert ("restart the process" in restart_advice(outer)) is lost


@pytest.mark.parametrize("phase", ["prefill", "decode"])
def test_a_lost_gpu_is_not_loaded_into(phase: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All requests, and all that come, are told to restart the process; no model is loaded anew."""
    loaded = []

    def load(config: EngineConfig) -> FakeModelEngine:
        loaded.append(FakeModelEngine(LostGpu(phase), max_context=config.max_context))
        return loaded[-1]

    monkeypatch.setattr("got_loaders.engine.registry.LocalEngine", load)
    config = EngineConfig(model="tiny", device="cpu", max_context=4100 + len(phase))
    engine = shared_engine(config)
    with pytest.raises(EngineDeadError, match=r"illegal memory.*restart the process"):
        engine.submit(request()).result(WAIT)
    engine.close()
    with pytest.raises(EngineDeadError, match=r"illegal memory.*restart the process"):
        engine.submit(request())
    for _ in range(2):
        with pytest.raises(EngineDeadError, match=r"illegal memory.*restart the process"):
            shared_engine(config)
    assert len(loaded) == 1


def test_memory_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """cuBLAS' workspaces go before torch gives back what is free; a lost GPU raises nothing."""
    calls: list[str] = []
    monkeypatch.setattr(
        torch._C, "_cuda_clearCublasWorkspaces", lambda: calls.append("clear"), raising=False
    )
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: calls.append("empty"))
    monkeypatch.setattr(torch.mps, "empty_cache", lambda: calls.append("mps"))
    for name in ("cuda", "mps", "cpu"):
        release_device_memory(torch.device(name))
    assert calls == ["clear", "empty", "mps"]
    monkeypatch.delattr(torch._C, "_cuda_clearCublasWorkspaces", raising=False)

    def lost() -> None:
        raise torch.AcceleratorError(ILLEGAL_ACCESS)

    monkeypatch.setattr(torch.cuda, "empty_cache", lost)
    release_device_memory(torch.device("cuda"))


def test_pictures_are_stacked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """For CUDA they are stacked where it copies from by itself, and nobody waits for the copy."""
    pinned: list[torch.Tensor] = []
    copies: list[tuple[str, bool]] = []
    empty = torch.empty

    def pinned_empty(*sizes: Any, pin_memory: bool, **options: Any) -> torch.Tensor:
        assert pin_memory
        pinned.append(empty(*sizes, **options))
        return pinned[-1]

    def copy(self: torch.Tensor, device: torch.device, *, non_blocking: bool) -> torch.Tensor:
        copies.append((device.type, non_blocking))
        return self

    arrays = list(np.arange(24, dtype=np.uint8).reshape(3, 2, 4))
    with monkeypatch.context() as patched:
        patched.setattr(torch, "empty", pinned_empty)
        patched.setattr(torch.Tensor, "to", copy)
        on_gpu = stack_to_device(arrays, torch.device("cuda:1"))
    assert on_gpu is pinned[0]
    assert copies == [("cuda", True)]
    for result in (on_gpu, stack_to_device(arrays, torch.device("cpu"))):
        assert result.dtype is torch.uint8
        np.testing.assert_array_equal(result.numpy(), np.stack(arrays))
