"""Attention over pages by our own kernel: one query of a row, or a few that follow one another."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from got_loaders.engine.kv_cache.base import MAX_QUERIES, CacheShape

__all__ = ["DEFAULT_TILING", "AttentionTiling", "TritonAttention", "triton_attention"]

_DTYPES = (torch.bfloat16, torch.float16, torch.float32)
_LARGEST_HEAD = 256
_LEAST_LINES = 16
"""The fewest rows of a product on tensor cores: what Triton's ``dot`` asks for."""

_MERGED_COLUMNS = 256
"""How much of (heads, size) one program puts together."""


@dataclass(frozen=True, slots=True)
class AttentionTiling:
    """How the keys of a row are cut: ``tile`` tokens at a time, each to one of ``splits`` programs.

    A row of 700 tokens and 16 heads is 128 programs, so that a single row occupies an H100. Each of
    them has up to two tiles under way, 32 KB in bfloat16, and a multiprocessor has room for six of
    them: enough bytes in flight, by Little's law, for twice its share of 4.3 TB/s. None of this is
    measured yet. Whoever changes ``tile`` or ``splits`` changes the last digits of all rows;
    ``warps`` and ``stages`` (of Triton's pipeline) change the time alone.
    """

    tile: int = 64
    splits: int = 8
    warps: int = 4
    stages: int = 5


DEFAULT_TILING = AttentionTiling()


class TritonAttention:
    """Called with rows that all bring as many queries; no tile of tokens lies in two pages."""

    def __init__(self, shape: CacheShape, *, heads: int, tiling: AttentionTiling) -> None:
        import triton

        from got_loaders.engine.triton_gpu.attention_kernel import attend_to_splits, merge_splits

        self._attend: Any = attend_to_splits
        self._merge: Any = merge_splits
        self._interpreted = not isinstance(attend_to_splits, triton.JITFunction)
        self._shape, self._heads, self._tiling = shape, heads, tiling
        self._width = max(_LEAST_LINES, _power_of_two(shape.head_size))
        self._group = heads // shape.kv_heads
        self._lines = max(_LEAST_LINES, _power_of_two(self._group * MAX_QUERIES))
        # Two large tiles at once would be more than the shared memory of small GPUs.
        large = tiling.tile * self._width * shape.dtype.itemsize > 8192
        self._stages = min(tiling.stages, 3) if large else tiling.stages

    def __call__(
        self,
        query: Tensor,
        keys: Tensor,
        values: Tensor,
        lengths: Tensor,
        table: Tensor,
        scale: float,
    ) -> Tensor:
        """An ``Attention`` of :mod:`got_loaders.engine.kv_cache.attention_trial`."""
        queries = len(query) // len(lengths)
        assert len(query) == len(lengths) * queries
        assert 1 <= queries <= MAX_QUERIES
        assert query.stride(2) == 1
        assert self._heads == 1 or query.stride(1) == self._shape.head_size
        assert keys.is_contiguous()
        assert values.is_contiguous()
        assert keys.shape[1] % self._tiling.tile == 0
        assert lengths.is_contiguous()
        assert table.stride(1) == 1
        partial = (len(query), self._tiling.splits, self._heads)
        sums = torch.empty(*partial, self._width, dtype=torch.float32, device=query.device)
        maxima, totals = torch.empty(2, *partial, dtype=torch.float32, device=query.device)
        self._attend_to_splits((query, keys, values, lengths, table), (sums, maxima, totals), scale)
        output = torch.empty(query.shape, dtype=query.dtype, device=query.device)
        self._merge_splits((sums, maxima, totals), lengths, output)
        return output

    def _attend_to_splits(
        self, inputs: tuple[Tensor, ...], splits: tuple[Tensor, ...], scale: float
    ) -> None:
        """Fill ``splits`` with what each part of a row adds up to."""
        query, keys, _, lengths, table = inputs
        shape, tiling, rows = self._shape, self._tiling, len(lengths)
        self._attend[shape.kv_heads, tiling.splits, rows](
            *inputs,
            *splits,
            scale * math.log2(math.e),
            len(query) // rows,
            query.stride(0),
            table.stride(0),
            KV_HEADS=shape.kv_heads,
            GROUP=self._group,
            SIZE=shape.head_size,
            WIDTH=self._width,
            PAGE=keys.shape[1],
            TILE=tiling.tile,
            SPLITS=tiling.splits,
            BLOCK=self._lines,
            WIDEN=self._interpreted,
            num_warps=tiling.warps,
            num_stages=self._stages,
        )

    def _merge_splits(self, splits: tuple[Tensor, ...], lengths: Tensor, output: Tensor) -> None:
        """Put the parts of each row together."""
        positions, heads, width = len(output), self._heads, self._width
        columns = max(width, _MERGED_COLUMNS)
        self._merge[positions, -(-heads * width // columns)](
            *splits,
            lengths,
            output,
            positions // len(lengths),
            HEADS=heads,
            SIZE=self._shape.head_size,
            WIDTH=width,
            TILE=self._tiling.tile,
            SPLITS=self._tiling.splits,
            COLUMNS=columns,
            num_warps=2,
        )


def triton_attention(
    shape: CacheShape, *, heads: int, tiling: AttentionTiling = DEFAULT_TILING
) -> TritonAttention | None:
    """The kernel for these sizes, not yet tried; None where they are not its own.

    Raises ImportError where there is no Triton.
    """
    if shape.dtype not in _DTYPES or shape.head_size > _LARGEST_HEAD or heads % shape.kv_heads:
        return None
    return TritonAttention(shape, heads=heads, tiling=tiling)


def _power_of_two(number: int) -> int:
    """The least power of two that is no less."""
    return 1 << (number - 1).bit_length()
