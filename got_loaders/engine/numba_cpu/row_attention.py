"""Attention over rows that are in arrays of their own, compiled for this processor."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  # torch's own custom
from torch import Tensor

from got_loaders.engine.kv_cache.base import CacheShape
from got_loaders.engine.numba_cpu.availability import compiled_by_numba
from got_loaders.engine.numba_cpu.openmp import OpenMP
from got_loaders.engine.numba_cpu.row_table import Table

__all__ = ["RowAttention", "row_attention"]

_log = logging.getLogger(__name__)

_HALF = {torch.float32: False, torch.bfloat16: True}
_TRIAL_LENGTHS = (1, 2, 126, 127, 130, 300)
"""Around the blocks of columns that the compiled function goes by, the new token not counted."""


class RowAttention:
    """Stores a token of each row and attends to all that the row has; one layer at a time."""

    def __init__(self, shape: CacheShape, *, heads: int, threads: OpenMP) -> None:
        from got_loaders.engine.numba_cpu import attention_kernel as attention

        self._names = attention
        self._threads = threads
        self._function: Any = attention.attention_kernel(
            heads=shape.heads,
            group=heads // shape.heads,
            size=shape.head_size,
            scale=shape.scale,
            half=_HALF[shape.dtype],
        )
        self._block = np.zeros(attention.NUMBERS, np.int64)

    def __call__(
        self, layer: int, query: Tensor, key: Tensor, value: Tensor, table: Table
    ) -> Tensor:
        """``query`` (rows, heads, head size), ``key`` and ``value`` (rows, key-value heads, head
        size), each row's contiguous → (rows, heads · head size).
        """
        assert table.has_room(len(query))
        names, block = self._names, self._block
        wide = query.float()
        mixed = torch.empty(query.shape, dtype=torch.float32)
        block[names.NEXT] = 0
        block[names.ROWS], block[names.LAYER] = len(query), layer
        block[names.TABLE] = table.address
        block[names.QUERY], block[names.QUERY_STEP] = wide.data_ptr(), wide.stride(0)
        block[names.KEY], block[names.KEY_STEP] = key.data_ptr(), key.stride(0)
        block[names.VALUE], block[names.VALUE_STEP] = value.data_ptr(), value.stride(0)
        block[names.MIXED] = mixed.data_ptr()
        self._threads.run(self._function.address, block.ctypes.data)
        return mixed.flatten(1).to(query.dtype)


def row_attention(shape: CacheShape, *, heads: int) -> RowAttention | None:
    """The compiled attention; None where it can't be had or is not right.

    It is for the CPU, in float32 and bfloat16.
    """
    if shape.device.type != "cpu" or shape.dtype not in _HALF:
        return None

    def made(threads: OpenMP) -> RowAttention | None:
        attend = RowAttention(shape, heads=heads, threads=threads)
        if _is_right(attend, shape, heads):
            return attend
        _log.warning("compiled attention is wrong on this machine, decoding will be slower")
        return None

    return compiled_by_numba(made)


@torch.inference_mode()
def _is_right(attend: RowAttention, shape: CacheShape, heads: int) -> bool:
    """Whether rows of several lengths get what torch gives each alone."""
    generator = torch.Generator().manual_seed(0)

    def drawn(*sizes: int) -> Tensor:
        return torch.randn(*sizes, generator=generator).to(shape.dtype)

    rows = len(_TRIAL_LENGTHS)
    states = [drawn(1, 2, shape.heads, length + 2, shape.head_size) for length in _TRIAL_LENGTHS]
    query = drawn(rows, heads, shape.head_size)
    key, value = drawn(2, rows, shape.heads, shape.head_size)
    ours = attend(0, query, key, value, Table(_TRIAL_LENGTHS, states)).float()
    close = 1e-4 if shape.dtype is torch.float32 else 0.01
    for row, (length, (stored,)) in enumerate(zip(_TRIAL_LENGTHS, states, strict=True)):
        stored[:, :, length] = torch.stack((key[row], value[row]))
        keys, values = stored[:, :, : length + 1].float()
        alone = F.scaled_dot_product_attention(
            query[row][:, None].float(), keys, values, scale=shape.scale, enable_gqa=True
        )
        if not torch.allclose(ours[row], alone.flatten(), atol=close, rtol=close):
            return False
    return True
