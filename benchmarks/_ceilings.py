"""What a device can do, measured: how fast it copies its memory and multiplies matrices."""

from __future__ import annotations

import platform
import statistics
import subprocess
import time
from collections.abc import Callable

import torch
import transformers

from benchmarks._floor import Ceilings
from got_loaders import __version__

WARM_UPS, REPEATS = 5, 20
COPIED = {"cuda": 1 << 30, "cpu": 1 << 24}
"""Bytes of the array that is copied: on a GPU many times its L2 cache."""
SIDE = {"cuda": 8192, "cpu": 384}
"""Of the square matrices that are multiplied."""


def ceilings_of(device: str, dtype: torch.dtype) -> Ceilings:
    """Medians of 20, after 5 to warm up.

    - bandwidth: bytes read and bytes written by a copy within the device / its seconds
    - flops: 2 · side³ / seconds of a product of two square matrices of random numbers (zeros would
      run faster), in the number format ``dtype``
    """
    kind = torch.device(device).type
    copied, side = COPIED[kind], SIDE[kind]
    return Ceilings(
        bandwidth=2 * copied / _copy_seconds(device, copied),
        flops=2 * side**3 / _product_seconds(device, side, dtype),
    )


def machine(device: str) -> dict[str, object]:
    """What it runs on: names and versions."""
    found: dict[str, object] = {
        "device": device,
        "name": platform.processor() or platform.machine(),
        "got_loaders": __version__,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "python": platform.python_version(),
    }
    if device.startswith("cuda"):
        properties = torch.cuda.get_device_properties(device)
        found |= {
            "name": properties.name,
            "capability": f"{properties.major}.{properties.minor}",
            "processors": properties.multi_processor_count,
            "memory_gb": round(properties.total_memory / 1e9, 1),
            "driver": _driver(),
            "cuda": torch.version.cuda,
        }
    return found


def _copy_seconds(device: str, size: int) -> float:
    source = torch.randn(size // 4, device=device)
    target = torch.empty_like(source)
    return median_seconds(lambda: target.copy_(source), device)


def _product_seconds(device: str, side: int, dtype: torch.dtype) -> float:
    one, other, product = torch.randn(3, side, side, device=device).to(dtype)
    return median_seconds(lambda: torch.matmul(one, other, out=product), device)


def median_seconds(run: Callable[[], object], device: str, *, repeats: int = REPEATS) -> float:
    """Seconds of ``run``, by the device's own clock, after a few runs to warm up."""
    for _ in range(min(WARM_UPS, repeats)):
        run()
    clock = _cuda_seconds if device.startswith("cuda") else _host_seconds
    return statistics.median(clock(run) for _ in range(repeats))


def _cuda_seconds(run: Callable[[], object]) -> float:
    """By the device's own clock."""
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))  # type: ignore[no-untyped-call]  # torch's own
    start.record()
    run()
    end.record()
    end.synchronize()
    return float(start.elapsed_time(end)) / 1e3


def _host_seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _driver() -> str:
    """The version of NVIDIA's driver, as nvidia-smi says it."""
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return (answer.stdout.split() or ["unknown"])[0]
