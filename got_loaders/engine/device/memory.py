"""How much memory there is, and how much of it the running sequences may have."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Any

import torch

from got_loaders._memory import host_memory

__all__ = ["auto_batch_size", "cache_bytes", "device_memory", "trim_heap"]

_CACHE_SHARE = {"cuda": 0.85}
"""Of the memory that is free once the model is loaded. The rest is for what a step computes. On the
CPU, where taking too much gets the process killed and others want memory too, it is 0.5."""

_WORKING_BYTES = 5 << 29
"""What encoding and reading in may need on a GPU: 2.5 GiB, unless that is most of what is free."""

_EXPECTED_TOKENS = 2048
"""Of a row, prompt included: what the automatic batch size counts on. Longer rows are no mistake:
when the cache is full the younger half of the batch starts again later."""

_MAX_ROWS = {"cuda": 256}
"""Beyond this a larger batch reads hardly more pages a second. On the CPU it is 32."""


def device_memory(device: str) -> tuple[int, int] | None:
    """Free and total bytes of a device; for the CPU the host's. None where that is unknown."""
    if device.startswith("cuda"):
        free, total = torch.cuda.mem_get_info(torch.device(device))
        return int(free), int(total)
    return host_memory()


def cache_bytes(device: str) -> int | None:
    """What keys and values may take beside a loaded model; None where that is unknown."""
    memory = device_memory(device)
    if memory is None or device == "mps":
        return None
    free, kind = memory[0], device.partition(":")[0]
    share = int(free * _CACHE_SHARE.get(kind, 0.5))
    return share if kind == "cpu" else min(share, max(free // 4, free - _WORKING_BYTES))


def auto_batch_size(device: str, *, bytes_per_token: int, cache_bytes: int | None) -> int:
    """How many sequences decode together, by the memory that is free for them."""
    max_rows = _MAX_ROWS.get(device.partition(":")[0], 32)
    if cache_bytes is None:
        return min(max_rows, 8)
    return max(1, min(max_rows, cache_bytes // (bytes_per_token * _EXPECTED_TOKENS)))


def trim_heap() -> None:
    """Give the system what the C library keeps of memory that was freed; 10 to 35 ms.

    Large arrays come and go in several threads, and glibc's heaps keep the gaps between those that
    stay: some 100 MB, and slowly more. Other C libraries need no such call.
    """
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@cache
def _malloc_trim() -> Any:
    return getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
