"""torch's attention over keys and values in pages, tried before it is trusted.

The kernel is that of FlashAttention (Dao, 2023), behind ``torch.nn.attention.varlen``. What it
takes differs between releases of torch, and some gave wrong rows in silence, so each way to call it
is tried on a few batches, and the first that is right is used.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own custom
from torch import Tensor

from got_loaders.engine.kv_cache.base import CacheShape

__all__ = ["PAGE_TOKENS", "Attention", "paged_attention"]

_log = logging.getLogger(__name__)

PAGE_TOKENS = 256
"""Tokens in a page: what FlashAttention 2 asks pages to be a multiple of."""

Attention = Callable[[Tensor, Tensor, Tensor, Tensor, Tensor, float], Tensor]
"""(query (rows, heads, size), key and value pages (pages, tokens, heads, size), lengths (rows,),
page table (rows, pages), scale) → (rows, heads, size)"""


def paged_attention(
    shape: CacheShape, *, heads: int, max_rows: int, max_context: int, varlen_attn: Any = None
) -> Attention | None:
    """The kernel, called in the first way that is right here; None if none is.

    ``varlen_attn`` stands in for :func:`torch.nn.attention.varlen.varlen_attn`.
    """
    if varlen_attn is None:
        if shape.device.type != "cuda" or shape.dtype not in (torch.float16, torch.bfloat16):
            return None
        try:
            from torch.nn.attention.varlen import varlen_attn
        except ImportError as error:
            _log.warning("this torch has no paged attention, decoding will be slower: %s", error)
            return None
    pages = -(-max_context // PAGE_TOKENS)
    trials = [rows for rows in (1, 2, 13) if rows < max_rows] + [max_rows]
    for attend in _call_variants(varlen_attn, shape, heads, max_rows):
        if all(_matches_reference(attend, shape, heads, rows, pages) for rows in trials):
            return attend
    _log.warning("torch's paged attention does not work here, decoding will be slower")
    return None


def _call_variants(
    varlen_attn: Any, shape: CacheShape, heads: int, max_rows: int
) -> Iterator[Attention]:
    """Ways to call the kernel: with the keys' offsets or without, in one split or as it likes.

    One split first: with several, FlashAttention 2 is known to write the rows of a paged batch in
    the wrong places.
    """
    starts = torch.arange(max_rows + 1, dtype=torch.int32, device=shape.device)
    for options in ({"num_splits": 1}, {}):
        for with_offsets in (True, False):

            def attend(
                query: Tensor,
                keys: Tensor,
                values: Tensor,
                lengths: Tensor,
                table: Tensor,
                scale: float,
                options: dict[str, int] = options,
                with_offsets: bool = with_offsets,
            ) -> Tensor:
                offsets = starts[: query.shape[0] + 1]
                output: Tensor = varlen_attn(
                    query,
                    keys,
                    values,
                    offsets,
                    offsets if with_offsets else None,
                    1,
                    table.shape[1] * PAGE_TOKENS,
                    scale=scale,
                    enable_gqa=heads != shape.kv_heads,
                    seqused_k=lengths,
                    block_table=table,
                    **options,
                )
                return output

            yield attend


def _matches_reference(
    attend: Attention, shape: CacheShape, heads: int, rows: int, pages: int
) -> bool:
    """Whether rows of several lengths, in pages in any order, get what each gets alone."""
    generator = torch.Generator().manual_seed(rows)
    pools = torch.randn(2, 8, PAGE_TOKENS, shape.kv_heads, shape.head_size, generator=generator)
    query = torch.randn(rows, heads, shape.head_size, generator=generator)
    max_length = min(3, pages) * PAGE_TOKENS
    lengths = torch.randint(1, max_length + 1, (rows,), generator=generator, dtype=torch.int32)
    table = torch.randint(0, 8, (rows, pages), generator=generator, dtype=torch.int32)
    keys, values = pools.to(shape.device, shape.dtype)
    inputs = query.to(shape.device, shape.dtype), keys, values
    try:
        output = attend(*inputs, lengths.to(shape.device), table.to(shape.device), shape.scale)
    except (RuntimeError, TypeError, ValueError, NotImplementedError) as error:
        _log.info("paged attention on %s: %s", shape.device, error)
        return False
    output = output.float().cpu()
    return all(
        torch.allclose(
            output[row],
            _reference(query[row], pools, lengths[row], table[row], shape.scale),
            atol=0.05,
            rtol=0.05,
        )
        for row in range(rows)
    )


def _reference(query: Tensor, pools: Tensor, length: Tensor, table: Tensor, scale: float) -> Tensor:
    """One row's attention, in float32 on the CPU."""
    row_pages = table[: -(-int(length) // PAGE_TOKENS)].long()
    keys, values = pools[:, row_pages].flatten(1, 2)[:, : int(length)].transpose(1, 2)
    return F.scaled_dot_product_attention(
        query[:, None], keys, values, scale=scale, enable_gqa=True
    )[:, 0]
