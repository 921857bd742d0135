"""What attention over pages is, and whether a kernel for it is right on this device."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own custom
from torch import Tensor

from got_loaders.engine.device.device import is_out_of_memory
from got_loaders.engine.device.faults import is_context_lost
from got_loaders.engine.kv_cache.base import MAX_QUERIES, CacheShape
from got_loaders.engine.triton_gpu.availability import why_not

__all__ = ["PAGE_TOKENS", "Attention", "AttentionTrial", "Outcome"]

PAGE_TOKENS = 256
"""Tokens in a page: what FlashAttention 2 asks pages to be a multiple of."""

Attention = Callable[[Tensor, Tensor, Tensor, Tensor, Tensor, float], Tensor]
"""(query (positions, heads, size), key and value pages (pages, tokens, heads, size), lengths
(rows,), page table (rows, pages), scale) → (positions, heads, size)

All rows have as many queries, which are their last tokens, one row's after the other's; ``lengths``
counts them. Each sees its row up to itself."""

_POOL_PAGES = 8


class Outcome(NamedTuple):
    """Whether a kernel is right; one that is not has raised ``error``, or ran and was wrong."""

    right: bool
    error: Exception | None = None

    def __str__(self) -> str:
        """What is said of a kernel after its name."""
        if self.right:
            return "is right"
        if self.error is None:
            return "gives wrong results"
        return f"can't be used: {why_not(self.error)}"


@dataclass(frozen=True, slots=True)
class AttentionTrial:
    """Asks a kernel for batches of several sizes, and compares each row with what it gets alone."""

    shape: CacheShape
    heads: int
    max_rows: int
    max_context: int

    def run(self, attend: Attention, queries: int) -> Outcome:
        """With so many queries of each row."""
        for rows in [*(rows for rows in (1, 2, 13) if rows < self.max_rows), self.max_rows]:
            outcome = self._run(attend, rows, queries)
            if not outcome.right:
                return outcome
        return Outcome(True)

    def max_queries(self, attend: Attention) -> int:
        """How many queries of a row a kernel takes that is right for one."""
        return MAX_QUERIES if self.run(attend, MAX_QUERIES).right else 1

    def _run(self, attend: Attention, rows: int, queries: int) -> Outcome:
        """Rows of several lengths, in pages in any order."""
        shape, generator = self.shape, torch.Generator().manual_seed(rows)
        columns = -(-self.max_context // PAGE_TOKENS)
        sizes = (_POOL_PAGES, PAGE_TOKENS, shape.kv_heads, shape.head_size)
        pools = torch.randn(2, *sizes, generator=generator)
        query = torch.randn(rows * queries, self.heads, shape.head_size, generator=generator)
        longest = min(3, columns) * PAGE_TOKENS
        lengths = torch.randint(queries, longest + 1, (rows,), generator=generator)
        table = torch.randint(0, _POOL_PAGES, (rows, columns), generator=generator)
        keys, values = pools.to(shape.device, shape.dtype)
        lens, tables = (numbers.to(shape.device, torch.int32) for numbers in (lengths, table))
        own = query.to(shape.device, shape.dtype)
        try:
            output = attend(own, keys, values, lens, tables, shape.scale)
            output = output.float().cpu()
        except Exception as error:  # torch, Triton and their compilers raise what they like
            if is_out_of_memory(error) or is_context_lost(error):
                raise
            return Outcome(False, error)
        for row in range(rows):
            at = slice(row * queries, (row + 1) * queries)
            alone = _reference(query[at], pools, int(lengths[row]), table[row], shape.scale)
            if not torch.allclose(output[at], alone, atol=0.05, rtol=0.05):
                return Outcome(False)
        return Outcome(True)


def _reference(query: Tensor, pools: Tensor, length: int, table: Tensor, scale: float) -> Tensor:
    """One row's attention, in float32 on the CPU."""
    row_pages = table[: -(-length // PAGE_TOKENS)]
    keys, values = pools[:, row_pages].flatten(1, 2)[:, :length].transpose(1, 2)
    seen = torch.ones(len(query), length, dtype=torch.bool).tril(length - len(query))
    mixed = F.scaled_dot_product_attention(
        query.transpose(0, 1), keys, values, attn_mask=seen, scale=scale, enable_gqa=True
    )
    return mixed.transpose(0, 1)
