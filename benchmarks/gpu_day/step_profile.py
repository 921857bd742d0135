"""Twenty decode steps of a full batch, kernel by kernel, without drafts and with them.

The engine's own runner is asked, while its engine has nothing to do, so what the engine does
between two steps is not in it. On a CPU torch's own operations stand in for a GPU's kernels.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import torch
from torch.autograd.profiler_util import DeviceType  # type: ignore[attr-defined]  # torch's own, not marked as exported
from torch.profiler import ProfilerActivity, profile

from benchmarks._inside import prefilled, runner_of, sequences_of
from benchmarks.gpu_day.deadline import Deadline
from benchmarks.gpu_day.drafts import drafts_of
from benchmarks.gpu_day.pages import open_engine
from benchmarks.gpu_day.results import Results
from benchmarks.gpu_day.settings import Settings
from benchmarks.gpu_day.steady import Pages
from got_loaders.engine import LocalEngine
from got_loaders.engine.kv_cache.base import MAX_QUERIES
from got_loaders.types import OcrRequest, OcrResult

LONGEST = 10
SETTLING = 8
"""Steps with all rows before the profile begins."""
NAME = 70
"""Characters of a kernel's name: templates have hundreds."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """One run of a kernel; times in seconds."""

    name: str
    start: float
    end: float


def run(settings: Settings, results: Results, deadline: Deadline) -> None:
    """Both profiles of one engine."""
    rows, steps = settings.profile
    with open_engine(settings, rows) as engine:
        requests = _requests(rows, steps, {})
        results.add(rows=rows, steps=steps)
        results.add(without=profiled(engine, requests, steps, settings.device))
        texts = _read(engine, requests, deadline)
        requests = _requests(rows, steps, drafts_of(texts))
        results.add(drafted=profiled(engine, requests, steps, settings.device))


def profiled(
    engine: LocalEngine, requests: Sequence[OcrRequest], steps: int, device: str
) -> dict[str, object]:
    """The summary of so many decode steps of all ``requests``, and the tokens that they wrote."""
    written = 0

    def hear(index: int, token_id: int, probability: float) -> None:  # noqa: ARG001  # by name
        nonlocal written
        written += 1

    sequences = sequences_of(engine, requests)
    for sequence in sequences:
        sequence.listener = hear
    runner, on_gpu = runner_of(engine), device.startswith("cuda")
    activities = [ProfilerActivity.CUDA] if on_gpu else [ProfilerActivity.CPU]
    with prefilled(engine, sequences):
        for _ in range(SETTLING):
            runner.decode()
        _wait(device)
        before = written
        with profile(activities=activities) as profiler:
            for _ in range(steps):
                runner.decode()
            _wait(device)
        tokens = (written - before) / steps
    kernels = kernels_of(profiler, on_gpu=on_gpu)
    return {"tokens_per_step": tokens} | summary(kernels, steps)


def _wait(device: str) -> None:
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)


def kernels_of(profiled: Any, *, on_gpu: bool) -> list[Kernel]:
    """What ran on the device, copies included, in order; on the CPU operations without parts."""
    wanted = DeviceType.CUDA if on_gpu else DeviceType.CPU
    found = [
        Kernel(event.name, event.time_range.start / 1e6, event.time_range.end / 1e6)
        for event in profiled.events()
        if event.device_type == wanted and (on_gpu or not event.cpu_children)
    ]
    return sorted(found, key=lambda kernel: kernel.start)


def summary(kernels: Sequence[Kernel], steps: int) -> dict[str, object]:
    """Kernels a step, how long the device worked and waited, and which kernels took longest."""
    if not kernels:
        raise RuntimeError("the profiler saw no kernel")
    busy, gaps, end = 0.0, list[float](), kernels[0].start
    for kernel in kernels:
        if kernel.start > end:
            gaps.append(kernel.start - end)
        busy += max(0.0, kernel.end - max(kernel.start, end))
        end = max(end, kernel.end)
    by_name: dict[str, list[float]] = defaultdict(list)
    for kernel in kernels:
        by_name[kernel.name].append(kernel.end - kernel.start)
    longest = sorted(by_name, key=lambda name: -sum(by_name[name]))[:LONGEST]
    return {
        "kernels_per_step": len(kernels) / steps,
        "step_s": (end - kernels[0].start) / steps,
        "busy_s_per_step": busy / steps,
        "gap_s_per_step": sum(gaps) / steps,
        "longest_gap_s": max(gaps, default=0.0),
        "longest": [
            {
                "kernel": name[:NAME],
                "runs_per_step": len(by_name[name]) / steps,
                "s_per_step": sum(by_name[name]) / steps,
                "share_of_busy": sum(by_name[name]) / busy if busy else 0.0,
            }
            for name in longest
        ],
    }


def _requests(rows: int, steps: int, drafts: Mapping[int, str]) -> list[OcrRequest]:
    """Pages that are long enough for the profile, also where a step writes several tokens."""
    pages, tokens = Pages(), MAX_QUERIES * (SETTLING + steps) + 8
    return [
        OcrRequest(
            images=(pages.draw(number),),
            max_new_tokens=tokens,
            stop_on_repetition=False,
            draft=drafts.get(number, False),
        )
        for number in range(rows)
    ]


def _read(
    engine: LocalEngine, requests: Sequence[OcrRequest], deadline: Deadline
) -> dict[int, str]:
    futures: list[Future[OcrResult]] = [engine.submit(request) for request in requests]
    try:
        results = [future.result(timeout=deadline.left or 0.1) for future in futures]
    except TimeoutError:
        text = f"{len(requests)} pages of {requests[0].max_new_tokens} tokens were not read in time"
        raise TimeoutError(text) from None
    return {number: result.text for number, result in enumerate(results)}
