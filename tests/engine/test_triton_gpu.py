"""The kernels for GPUs are right: interpreted here, and compiled; run where there is a GPU."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from got_loaders.engine.sampler import SamplerOutput, greedy_sample
from got_loaders.engine.triton_gpu.attention import DEFAULT_TILING
from got_loaders.engine.triton_gpu.sampler import Sampler, gpu_sampler

CASES = Path(__file__).with_name("triton_cases.py")


def run_cases(marks: str, *, interpreted: bool) -> None:
    """Triton is told before it is imported whether to interpret, so in a process of its own."""
    environment = {key: os.environ[key] for key in os.environ if key != "TRITON_INTERPRET"}
    if interpreted:
        environment |= {"TRITON_INTERPRET": "1", "OMP_NUM_THREADS": "1"}
    pytest_quiet = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*pytest_quiet, "--noconftest", "--override-ini=addopts=", "-m", marks, str(CASES)],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
        cwd=CASES.parents[2],
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout


def test_the_kernels_are_right_when_they_are_interpreted() -> None:
    """Attention and choice are torch's, whatever the rows, and do not depend on the batch."""
    pytest.importorskip("triton")
    run_cases("not slow", interpreted=True)


@pytest.mark.slow
def test_all_lengths_are_right_when_they_are_interpreted() -> None:
    """The same for each number of queries and for all edges of tiles and pages."""
    pytest.importorskip("triton")
    run_cases("slow", interpreted=True)


SMALLEST_SHARED = 99 * 1024
"""Bytes of shared memory that a program may have on GPUs since 2020 that have the least of it."""

ATTENTION = {
    **dict.fromkeys(("query", "keys", "values"), "*bf16"),
    **dict.fromkeys(("lengths", "table"), "*i32"),
    **dict.fromkeys(("sums", "maxima", "totals"), "*fp32"),
    **dict.fromkeys(("queries", "query_stride", "table_stride"), "i32"),
    "scale": "fp32",
}
CHOICE = {
    **dict.fromkeys(("highest", "totals", "probabilities"), "*fp32"),
    **dict.fromkeys(("stride", "vocabulary", "chunks"), "i32"),
    "logits": "*bf16",
    "firsts": "*i32",
    "tokens": "*i64",
}
SIZES = {"SIZE": 64, "WIDTH": 64, "TILE": 64, "SPLITS": 8}


def compiled_for(capability: int, kernel: Any, types: dict[str, str], **constants: int) -> Any:
    """A kernel as a GPU of this compute capability would run it; needs none."""
    import triton
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource

    names = kernel.arg_names
    source = ASTSource(
        kernel,
        {name: types.get(name, "constexpr") for name in names},
        constexprs={(names.index(name),): value for name, value in constants.items()},
        attrs={
            (index,): [["tt.divisibility", 16]]
            for index, name in enumerate(names)
            if types.get(name, "").startswith("*") or name == "query_stride"
        },
    )
    options = {"num_warps": 4, "num_stages": DEFAULT_TILING.stages}
    return triton.compile(source, target=GPUTarget("cuda", capability, 32), options=options)


@pytest.mark.parametrize("capability", [80, 90])
def test_the_kernels_compile_for_gpus(
    capability: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What can be interpreted can be compiled: on tensor cores, several tiles under way at once."""
    pytest.importorskip("triton")
    if os.environ.get("TRITON_INTERPRET") == "1":
        pytest.skip("Triton interprets in this process")
    monkeypatch.setenv("TRITON_CACHE_DIR", str(tmp_path))
    from got_loaders.engine.triton_gpu import attention_kernel, sampler_kernel

    more = {"KV_HEADS": 16, "GROUP": 1, "PAGE": 256, "BLOCK": 16, "WIDEN": False}
    attend = compiled_for(capability, attention_kernel.attend_to_splits, ATTENTION, **SIZES, **more)
    assert attend.metadata.shared <= SMALLEST_SHARED
    assert "cp.async" in attend.asm["ptx"]
    assert "mma.sync" in attend.asm["ptx"]
    merged = ATTENTION | {"output": "*bf16"}
    compiled_for(capability, attention_kernel.merge_splits, merged, **SIZES, HEADS=16, COLUMNS=256)
    chunks = {"ALIGN": 4, "CHUNK": 4096, "CHUNKS": 64}
    choose = compiled_for(capability, sampler_kernel.choose_in_chunk, CHOICE, **chunks)
    assert "ld.global.v2" in choose.asm["ptx"]  # several logits at once
    compiled_for(capability, sampler_kernel.choose_among_chunks, CHOICE, CHUNKS=64)


def first_of_equals(logits: Tensor) -> SamplerOutput:
    return greedy_sample(logits)


def last_of_equals(logits: Tensor) -> SamplerOutput:
    tokens = logits.shape[1] - 1 - logits.flip(1).argmax(1)
    return SamplerOutput(tokens, greedy_sample(logits).probabilities)


def blind(logits: Tensor) -> SamplerOutput:
    choice = greedy_sample(logits)
    return SamplerOutput(choice.tokens, choice.probabilities.nan_to_num(0.5))


def no_folder() -> Sampler:
    raise PermissionError(13, "Permission denied", "/home/someone/.triton/cache")


def no_triton() -> Sampler:
    raise ModuleNotFoundError("No module named 'triton'")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: first_of_equals, ""),
        (lambda: last_of_equals, "is wrong on cpu"),
        (lambda: blind, "is wrong on cpu"),
        (no_folder, "PermissionError: [Errno 13] Permission denied: '…'"),
        (no_triton, "no Triton"),
    ],
)
def test_the_choice_is_torch_s_where_triton_s_is_not_right(
    make: Callable[[], Sampler], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A kernel that is missing, can't be compiled, or chooses otherwise than torch is not used."""
    caplog.set_level(logging.INFO)
    sampler = gpu_sampler(torch.device("cpu"), torch.bfloat16, make)
    assert sampler is (greedy_sample if said else first_of_equals)
    assert said in caplog.text


def test_bfloat16_is_widened_before_it_is_added_up() -> None:
    """A choice among logits in bfloat16 is as probable as among the same ones in float32."""
    logits = torch.randn(4, 3000).to(torch.bfloat16)
    ours, wide = greedy_sample(logits), greedy_sample(logits.float())
    assert torch.equal(ours.tokens, wide.tokens)
    assert torch.equal(ours.probabilities, wide.probabilities)


@pytest.mark.gpu
def test_the_kernels_are_right_on_a_gpu() -> None:
    """What holds in the interpreter holds for the compiled kernels."""
    pytest.importorskip("triton")
    if not pytest.importorskip("torch").cuda.is_available():
        pytest.skip("this machine has no CUDA GPU")
    run_cases("slow or not slow", interpreted=False)
