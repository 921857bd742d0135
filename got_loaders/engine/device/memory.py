"""How much memory there is, and how much of it the running sequences may have."""

from __future__ import annotations

from typing import Literal

import torch

from got_loaders._memory import host_memory
from got_loaders.errors import OptionError

__all__ = ["auto_batch_size", "cache_bytes", "cache_limits", "device_memory"]

_CACHE_SHARE = {"cuda": 0.75}
"""Of the memory that is free once the model is loaded. The rest is for what a step computes, and
for a RAG application's embedding model. On the CPU, where taking too much gets the process killed
and others want memory too, it is 0.5."""

_WORKING_BYTES = 5 << 29
"""What encoding and reading in may need on a GPU: 2.5 GiB, unless that is most of what is free."""

_EXPECTED_TOKENS = 2048
"""Of a row, prompt included: what the automatic batch size counts on. Longer rows are no mistake:
when the cache is full the younger half of the batch starts again later."""

_SPARE = 1.25
"""A GPU's cache is allocated as a whole, for so many times the expected tokens of all its rows."""

_PAGE_SLACK = 1024
"""Tokens of room beside one row as long as the context: of pages that are not full, or nobody's."""

_MAX_ROWS = {"cuda": 256}
"""Beyond this a larger batch reads hardly more pages a second. On the CPU it is 32."""


def device_memory(device: str) -> tuple[int, int] | None:
    """Free and total bytes of a device; for the CPU the host's. None where that is unknown."""
    if device.startswith("cuda"):
        free, total = torch.cuda.mem_get_info(torch.device(device))
        return int(free), int(total)
    return host_memory()


def cache_limits(
    device: str,
    *,
    max_batch_size: int | Literal["auto"],
    memory_fraction: float | None,
    bytes_per_token: int,
    max_context: int,
) -> tuple[int, int | None]:
    """How many rows decode together, and the bytes that their keys and values may take.

    The latter is None where nobody tells how much memory there is. Called when the model is loaded.
    On a GPU it is no more than the rows are expected to use, unless a fraction was asked for.
    """
    max_bytes = cache_bytes(device, memory_fraction)
    rows = max_batch_size
    if rows == "auto":
        rows = auto_batch_size(device, bytes_per_token=bytes_per_token, cache_bytes=max_bytes)
    if max_bytes is not None and memory_fraction is None and device.startswith("cuda"):
        tokens = max(int(_SPARE * rows * _EXPECTED_TOKENS), max_context + _PAGE_SLACK)
        max_bytes = min(max_bytes, tokens * bytes_per_token)
    return rows, max_bytes


def cache_bytes(device: str, memory_fraction: float | None = None) -> int | None:
    """What keys and values may take beside a loaded model; None where that is unknown.

    ``memory_fraction`` is their part of what is free now; :class:`OptionError` where nobody tells
    how much that is.
    """
    if memory_fraction is not None:
        return int(memory_fraction * _free_bytes(device))
    memory = device_memory(device)
    if memory is None or device == "mps":
        return None
    free, kind = memory[0], device.partition(":")[0]
    share = int(free * _CACHE_SHARE.get(kind, 0.5))
    return share if kind == "cpu" else min(share, max(free // 4, free - _WORKING_BYTES))


def _free_bytes(device: str) -> int:
    if device == "mps":  # of the machine's memory, the part that Metal recommends to use
        return torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory()
    memory = device_memory(device)
    if memory is None:
        raise OptionError(f"memory_fraction: nothing tells how much memory of {device} is free")
    return memory[0]


def auto_batch_size(device: str, *, bytes_per_token: int, cache_bytes: int | None) -> int:
    """How many sequences decode together, by the memory that is free for them."""
    max_rows = _MAX_ROWS.get(device.partition(":")[0], 32)
    if cache_bytes is None:
        return min(max_rows, 8)
    return max(1, min(max_rows, cache_bytes // (bytes_per_token * _EXPECTED_TOKENS)))
