"""Keys and values of the running sequences in pages, for GPUs with a paged attention kernel.

The pool is allocated once, by the memory that is free; a row takes a page when it needs one and
gives its pages back when it leaves, so nothing is ever copied and no room is kept for text that may
not come. Shapes and addresses stay the same from step to step, as CUDA graphs require.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from got_loaders.engine.device.device import to_device
from got_loaders.engine.kv_cache.base import CacheShape
from got_loaders.engine.kv_cache.paged_attention import PAGE_TOKENS, Attention

__all__ = ["PagedCache"]


class PagedCache:
    """A :class:`got_loaders.engine.kv_cache.base.Cache` over an ``attention`` that reads pages.

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
        self._changed = False
        # What a step reads stays at these addresses. Rows that are not running have no tokens and
        # page 0.
        self._stored = torch.zeros(max_rows, dtype=torch.int32, device=shape.device)
        self._with_newest = torch.ones_like(self._stored)
        self._rows_pages = torch.zeros(
            (max_rows, row_pages), dtype=torch.int32, device=shape.device
        )
        self._places = torch.zeros(max_rows, dtype=torch.long, device=shape.device)

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
        try:
            pages = torch.tensor(rows, device=self._shape.device)
            tokens = torch.arange(PAGE_TOKENS, device=self._shape.device)
            places = (pages[:, :, None] * PAGE_TOKENS + tokens).flatten(1)[:, :length].flatten()
        except BaseException:
            self._free.extend(taken)
            raise
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
        self._changed = True

    def reserve(self) -> None:
        """A page more for the rows whose last one is full; raises if there are not enough."""
        count = len(self._slots)
        owned = np.fromiter(map(len, self._pages), np.int64, count)
        full = np.flatnonzero(self._lengths[:count] >= owned * PAGE_TOKENS)
        for row, page in zip(full.tolist(), self._take(len(full)), strict=True):
            self._table[row, len(self._pages[row])] = page
            self._pages[row].append(page)
            self._changed = True
        if self._changed:
            self._stored.copy_(to_device(self._lengths, self._stored.device), non_blocking=True)
            self._rows_pages.copy_(
                to_device(self._table, self._rows_pages.device), non_blocking=True
            )
            self._changed = False

    def attend(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Store one token of each row and attend: (rows, heads, head size) → (rows, width).

        There may be more rows than are running: what they write and read is nobody's.
        """
        rows = query.shape[0]
        if layer == 0:
            self._find_places()
        for pool, new in ((self._keys[layer], key), (self._values[layer], value)):
            pool.view(-1, *new.shape[1:]).index_copy_(0, self._places[:rows], new)
        mixed = self._attention(
            query,
            self._keys[layer],
            self._values[layer],
            self._with_newest[:rows],
            self._rows_pages[:rows],
            self._shape.scale,
        )
        return mixed.flatten(1)

    def advance(self) -> None:
        """The tokens that :meth:`attend` stored in every layer are there to stay."""
        count = len(self._slots)
        self._lengths[:count] += 1
        self._stored[:count] += 1

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
        self._changed = True

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

    def _find_places(self) -> None:
        """Where in the pools each row's newest token goes; part of the step, on the device."""
        stored = self._stored.long()
        pages = self._rows_pages.gather(1, (stored // PAGE_TOKENS)[:, None])[:, 0]
        self._places.copy_(pages * PAGE_TOKENS + stored % PAGE_TOKENS)
        self._with_newest.copy_(self._stored + 1)


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
