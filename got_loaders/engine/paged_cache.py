"""Keys and values of the running sequences in pages, for GPUs with a paged attention kernel.

The pool is allocated once, by the memory that is free; a row takes a page when it needs one and
gives its pages back when it leaves, so nothing is ever copied and no room is kept for text that may
not come. Shapes and addresses stay the same from step to step, as CUDA graphs require.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  # torch's own custom
from torch import Tensor

from got_loaders.engine.cache import CacheShape

__all__ = ["PAGE_TOKENS", "PagedCache", "paged_attention"]

_log = logging.getLogger(__name__)

PAGE_TOKENS = 256
"""Tokens in a page: what FlashAttention 2 asks pages to be a multiple of."""

Attention = Callable[[Tensor, Tensor, Tensor, Tensor, Tensor, float], Tensor]
"""(query (rows, heads, size), key and value pages (pages, tokens, heads, size), lengths (rows,),
page table (rows, pages), scale) → (rows, heads, size)"""


class PagedCache:
    """A :class:`got_loaders.engine.cache.Cache` over an ``attention`` that reads pages.

    Page 0 belongs to nobody: rows that only fill up a batch write there.
    """

    def __init__(
        self,
        shape: CacheShape,
        attention: Attention,
        *,
        max_rows: int,
        max_context: int,
        max_bytes: int,
    ) -> None:
        self._shape, self._attention = shape, attention
        row_pages = -(-max_context // PAGE_TOKENS)
        pages = min(max_bytes // (shape.bytes_per_token * PAGE_TOKENS), max_rows * row_pages + 1)
        if pages < 2:
            raise torch.OutOfMemoryError(
                f"out of memory: {max_bytes >> 20} MB hold not even two pages of keys and values"
            )
        room = (shape.layers, pages, PAGE_TOKENS, shape.heads, shape.head_size)
        self._keys = torch.zeros(room, device=shape.device, dtype=shape.dtype)
        self._values = torch.zeros_like(self._keys)
        self._free = list(range(pages - 1, 0, -1))
        self._pages: list[list[int]] = []
        self._lengths = np.zeros(max_rows, np.int32)
        self._table = np.zeros((max_rows, row_pages), np.int32)
        self._slots: list[int] = []
        self.lengths = torch.zeros(max_rows, dtype=torch.int32, device=shape.device)
        self.table = torch.zeros((max_rows, row_pages), dtype=torch.int32, device=shape.device)
        self.used = torch.ones_like(self.lengths)
        self.places = torch.zeros(max_rows, dtype=torch.long, device=shape.device)

    @property
    def slots(self) -> list[int]:
        """Whose rows there are, in the order of the batch."""
        return list(self._slots)

    @property
    def allocated(self) -> int:
        """Tokens that the pages in use have room for."""
        return sum(len(pages) for pages in self._pages) * PAGE_TOKENS

    def begin(self, slots: list[int], length: int) -> _Prompts:
        """Pages for the prompts of these rows. They are not running before :meth:`join`."""
        each = -(-length // PAGE_TOKENS)
        taken = self._take(each * len(slots))
        rows = [taken[start : start + each] for start in range(0, len(taken), each)]
        pages = torch.tensor(rows, device=self._shape.device)
        tokens = torch.arange(PAGE_TOKENS, device=self._shape.device)
        places = (pages[:, :, None] * PAGE_TOKENS + tokens).flatten(1)[:, :length].flatten()
        return _Prompts(self._keys, self._values, slots, rows, places, length)

    def discard(self, prompts: _Prompts) -> None:
        """The rows of ``prompts`` will not run after all."""
        for pages in prompts.pages:
            self._free.extend(pages)

    def join(self, prompts: _Prompts) -> None:
        """The rows of ``prompts`` run from now on."""
        for slot, pages in zip(prompts.slots, prompts.pages, strict=True):
            row = len(self._slots)
            self._slots.append(slot)
            self._pages.append(pages)
            self._lengths[row] = prompts.length
            self._table[row] = 0
            self._table[row, : len(pages)] = pages
        self._upload()

    def reserve(self) -> None:
        """A page more for the rows whose last one is full; raises if there are not enough."""
        count = len(self._slots)
        owned = np.fromiter(map(len, self._pages), np.int64, count)
        full = np.flatnonzero(self._lengths[:count] >= owned * PAGE_TOKENS)
        if len(full):
            for row, page in zip(full.tolist(), self._take(len(full)), strict=True):
                self._table[row, len(self._pages[row])] = page
                self._pages[row].append(page)
            self._upload()
        lengths = self.lengths.long()
        pages = self.table.gather(1, (lengths // PAGE_TOKENS)[:, None])[:, 0]
        self.used.copy_(self.lengths + 1)
        self.places.copy_(pages * PAGE_TOKENS + lengths % PAGE_TOKENS)

    def attend(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Store one token of each row and attend: (rows, heads, head size) → (rows, width).

        There may be more rows than are running: what they write and read is nobody's.
        """
        rows = query.shape[0]
        for pool, new in ((self._keys[layer], key), (self._values[layer], value)):
            pool.view(-1, *new.shape[1:]).index_copy_(0, self.places[:rows], new)
        mixed = self._attention(
            query,
            self._keys[layer],
            self._values[layer],
            self.used[:rows],
            self.table[:rows],
            self._shape.scale,
        )
        return mixed.flatten(1)

    def advance(self) -> None:
        """The tokens that :meth:`attend` stored in every layer are there to stay."""
        count = len(self._slots)
        self._lengths[:count] += 1
        self.lengths[:count] += 1

    def release(self, slot: int) -> None:
        """Free the row of ``slot``, the last one takes its place; nothing if there is none."""
        if slot not in self._slots:
            return
        row, last = self._slots.index(slot), len(self._slots) - 1
        self._free.extend(self._pages[row])
        self._slots[row], self._pages[row] = self._slots[last], self._pages[last]
        self._slots.pop()
        self._pages.pop()
        for array in (self._lengths, self._table):
            array[row] = array[last]
            array[last] = 0
        self._upload()

    def clear(self) -> None:
        """Forget every row."""
        for slot in self.slots:
            self.release(slot)

    def _take(self, count: int) -> list[int]:
        if count > len(self._free):
            raise torch.OutOfMemoryError(
                f"out of memory: {count} more pages of {PAGE_TOKENS} tokens in the key-value cache "
                f"are needed, {len(self._free)} are free"
            )
        return [self._free.pop() for _ in range(count)]

    def _upload(self) -> None:
        self.lengths.copy_(torch.from_numpy(self._lengths))
        self.table.copy_(torch.from_numpy(self._table))


@dataclass(frozen=True, slots=True)
class _Prompts:
    """Rows that are being read: their pages, and the place of each token in the pools."""

    keys: Tensor
    values: Tensor
    slots: list[int]
    pages: list[list[int]]
    places: Tensor
    length: int

    def write_prompt(self, layer: int, keys: Tensor, values: Tensor) -> None:
        """Store those of one layer; both (rows, heads, tokens, head size)."""
        for pool, new in ((self.keys, keys), (self.values, values)):
            tokens = new.transpose(1, 2).flatten(0, 1)
            pool[layer].view(-1, *tokens.shape[1:]).index_copy_(0, self.places, tokens)


def paged_attention(
    shape: CacheShape, *, heads: int, max_rows: int, varlen_attn: Any = None
) -> Attention | None:
    """torch's own paged attention; None where it is not to be had or not right.

    ``varlen_attn`` stands in for :func:`torch.nn.attention.varlen.varlen_attn`.
    """
    if varlen_attn is None:
        if shape.device.type != "cuda" or shape.dtype not in (torch.float16, torch.bfloat16):
            return None
        try:
            from torch.nn.attention.varlen import varlen_attn
        except ImportError:
            return None
    starts = torch.arange(max_rows + 1, dtype=torch.int32, device=shape.device)

    def attend(
        query: Tensor, keys: Tensor, values: Tensor, lengths: Tensor, table: Tensor, scale: float
    ) -> Tensor:
        mixed: Tensor = varlen_attn(
            query,
            keys,
            values,
            starts[: query.shape[0] + 1],
            None,
            1,
            table.shape[1] * PAGE_TOKENS,
            scale=scale,
            enable_gqa=heads != shape.heads,
            seqused_k=lengths,
            block_table=table,
        )
        return mixed

    return attend if _is_right(attend, shape, heads) else None


def _is_right(attend: Attention, shape: CacheShape, heads: int) -> bool:
    """Try the kernel on two short rows: not every build of torch has the paged one."""
    generator = torch.Generator().manual_seed(0)
    pools = torch.randn(2, 4, PAGE_TOKENS, shape.heads, shape.head_size, generator=generator)
    query = torch.randn(2, heads, shape.head_size, generator=generator)
    lengths, table = torch.tensor([300, 5]), torch.tensor([[3, 1], [2, 0]])
    try:
        device, dtype = shape.device, shape.dtype
        keys, values = pools.to(device, dtype)
        ours = attend(
            query.to(device, dtype),
            keys,
            values,
            lengths.int().to(device),
            table.int().to(device),
            shape.scale,
        )
    except (RuntimeError, TypeError, ValueError, NotImplementedError) as error:
        _log.info("no paged attention on %s: %s", shape.device, error)
        return False
    for row, (length, pages) in enumerate(zip(lengths.tolist(), table, strict=True)):
        keys, values = pools[:, pages].flatten(1, 2)[:, :length].transpose(1, 2)
        alone = F.scaled_dot_product_attention(
            query[row][:, None], keys, values, scale=shape.scale, enable_gqa=True
        )
        if not torch.allclose(ours[row].cpu().float(), alone[:, 0], atol=0.05, rtol=0.05):
            return False
    return True
