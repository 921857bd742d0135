"""The attention of a row cache on the CPU, compiled for this processor where that can be."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from got_loaders.engine.kv_cache.base import MAX_QUERIES, CacheShape
from got_loaders.engine.kv_cache.row_cache import RowAttention, RowTable, sdpa_attention
from got_loaders.engine.numba_cpu.openmp import RunInThreads, openmp

__all__ = ["CompiledAttention", "compiled_attention"]

_log = logging.getLogger(__name__)

_DTYPES = (torch.float32, torch.bfloat16)
_TRIAL_LENGTHS = (1, 2, 126, 127, 130, 300, 1, 125, 257)
"""Around the blocks of columns that the compiled function goes by, new tokens not counted."""

_TRIAL_COUNTS = (1, 1, 1, 1, 1, 1, 2, MAX_QUERIES, 5)
"""The new tokens of each."""


class CompiledAttention:
    """A :data:`RowAttention`; queries, keys and values of a row are contiguous."""

    def __init__(self, shape: CacheShape, *, heads: int, run: RunInThreads) -> None:
        from got_loaders.engine.numba_cpu.attention_kernel import ARGS, attention_kernel

        self._run, self._scale = run, shape.scale
        self._kernel: Any = attention_kernel(
            kv_heads=shape.kv_heads,
            group_size=heads // shape.kv_heads,
            head_size=shape.head_size,
            scale=shape.scale,
            bfloat16=shape.dtype is torch.bfloat16,
        )
        self._args = np.zeros((), ARGS)

    def __call__(
        self, layer: int, query: Tensor, key: Tensor, value: Tensor, table: RowTable
    ) -> Tensor:
        """(positions, heads, head size) → (positions, heads · head size); checks no address."""
        query_f32 = query.float()
        output = torch.empty(query.shape, dtype=torch.float32)
        args = self._args
        args["next_item"], args["rows"], args["layer"] = 0, len(table.states), layer
        args["table"], args["output"] = table.address, output.data_ptr()
        for name, states in (("query", query_f32), ("key", key), ("value", value)):
            args[name], args[f"{name}_stride"] = states.data_ptr(), states.stride(0)
        self._run(self._kernel.address, args.ctypes.data)
        return output.flatten(1).to(query.dtype)


def compiled_attention(shape: CacheShape, *, heads: int) -> RowAttention | None:
    """Attention in float32 or bfloat16 on the CPU; None where it can't be compiled or is not right.

    numba keeps what it has compiled on the disk; the first time takes some seconds. It is an
    optimisation: whatever goes wrong, decoding goes on without it.
    """
    if shape.device.type != "cpu" or shape.dtype not in _DTYPES:
        return None
    run = openmp()
    if run is None or not _has_numba():
        return None
    try:
        attend = CompiledAttention(shape, heads=heads, run=run)
        if _matches_reference(attend, shape, heads):
            return attend
    except Exception as error:  # noqa: BLE001  # numba raises what it likes
        _log.warning("numba can't compile for this machine, decoding will be slower: %r", error)
        return None
    _log.warning("compiled attention is wrong on this machine, decoding will be slower")
    return None


@torch.inference_mode()
def _matches_reference(attend: RowAttention, shape: CacheShape, heads: int) -> bool:
    """Whether rows of several lengths and counts get what torch gives each alone, in float32."""
    generator = torch.Generator().manual_seed(0)

    def random(*sizes: int) -> Tensor:
        return torch.randn(*sizes, generator=generator).to(shape.dtype)

    counts, size = np.array(_TRIAL_COUNTS), shape.head_size
    states = [
        random(1, 2, shape.kv_heads, length + count, size)
        for length, count in zip(_TRIAL_LENGTHS, _TRIAL_COUNTS, strict=True)
    ]
    query = random(int(counts.sum()), heads, size)
    key, value = random(2, len(query), shape.kv_heads, size)
    table = RowTable(_TRIAL_LENGTHS, states)
    table.set_counts(counts)
    output = attend(0, query, key, value, table)
    table = RowTable(_TRIAL_LENGTHS, [row.float() for row in states])
    table.set_counts(counts)
    query, key, value = query.float(), key.float(), value.float()
    reference = sdpa_attention(0, query, key, value, table, scale=shape.scale)
    tolerance = 1e-4 if shape.dtype is torch.float32 else 0.01
    return torch.allclose(output.float(), reference, atol=tolerance, rtol=tolerance)


def _has_numba() -> bool:
    try:
        import numba
    except ImportError:
        _log_once()
        return False
    return not numba.config.DISABLE_JIT


@cache
def _log_once() -> None:
    _log.info('numba is not installed: pip install "got-loaders[cpu]" makes the CPU faster')
