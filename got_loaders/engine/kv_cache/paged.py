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
from got_loaders.engine.kv_cache.attention_trial import PAGE_TOKENS, Attention
from got_loaders.engine.kv_cache.base import MAX_QUERIES, CacheShape, Counts

__all__ = ["PagedCache"]


class PagedCache:
    """A :class:`got_loaders.engine.kv_cache.base.Cache` over an ``attention`` that reads pages.

    Page 0 belongs to nobody: rows that only fill up a batch write there. ``queries`` is how many
    tokens each row brings to the step that is run, or captured, next: :meth:`reserve` sets it, and
    so may who captures a step that nothing is reserved for. ``max_context`` must have room for the
    tokens that a step brings and does not keep.
    """

    def __init__(
        self,
        shape: CacheShape,
        attention: Attention,
        *,
        max_rows: int,
        max_context: int,
        max_bytes: int,
        max_queries: int = MAX_QUERIES,
    ) -> None:
        self.max_queries, self.queries = max_queries, 1
        self._shape, self._attention = shape, attention
        pages_per_row = -(-max_context // PAGE_TOKENS)
        pages = min(
            max_bytes // (shape.bytes_per_token * PAGE_TOKENS), max_rows * pages_per_row + 1
        )
        if pages < 2:
            raise torch.OutOfMemoryError(
                f"out of memory: {max_bytes >> 20} MB hold not even two pages of keys and values"
            )
        sizes = (shape.layers, pages, PAGE_TOKENS, shape.kv_heads, shape.head_size)
        self._keys = torch.zeros(sizes, device=shape.device, dtype=shape.dtype)
        self._values = torch.zeros_like(self._keys)
        self._free_pages = list(range(pages - 1, 0, -1))
        self._slots: list[int] = []
        self._pages: list[list[int]] = []
        self._host_lens = np.zeros(max_rows, np.int32)
        self._host_table = np.zeros((max_rows, pages_per_row), np.int32)
        self._table_changed = False
        # What a step reads stays at these addresses. Rows that are not running have no tokens and
        # page 0.
        self._cached_lens = torch.zeros(max_rows, dtype=torch.int32, device=shape.device)
        self._seq_lens = torch.ones_like(self._cached_lens)  # with the step's tokens
        self._page_table = torch.zeros(
            (max_rows, pages_per_row), dtype=torch.int32, device=shape.device
        )
        self._slot_mapping = torch.zeros(
            max_rows * max_queries, dtype=torch.long, device=shape.device
        )
        self._offsets = torch.arange(max_queries, device=shape.device)

    @property
    def slots(self) -> list[int]:
        """The slots of the running rows, in the order of the batch."""
        return list(self._slots)

    def allocate(self, slots: list[int], length: int) -> PagedPrefill:
        """Pages for the prompts of these rows. They are not running before :meth:`commit`."""
        count = -(-length // PAGE_TOKENS)
        page_ids = self._take_pages(count * len(slots))
        rows = [page_ids[start : start + count] for start in range(0, len(page_ids), count)]
        try:
            pages = torch.tensor(rows, device=self._shape.device)
            tokens = torch.arange(PAGE_TOKENS, device=self._shape.device)
            mapping = (pages[:, :, None] * PAGE_TOKENS + tokens).flatten(1)[:, :length].flatten()
        except BaseException:
            self._free_pages.extend(page_ids)
            raise
        return PagedPrefill(self._keys, self._values, slots, rows, mapping, length)

    def abort(self, prefill: PagedPrefill) -> None:
        """The rows of ``prefill`` will not run after all."""
        for pages in prefill.pages:
            self._free_pages.extend(pages)

    def commit(self, prefill: PagedPrefill) -> None:
        """The rows of ``prefill`` run from now on."""
        for slot, pages in zip(prefill.slots, prefill.pages, strict=True):
            row = len(self._slots)
            self._slots.append(slot)
            self._pages.append(pages)
            self._host_lens[row] = prefill.length
            self._host_table[row] = 0
            self._host_table[row, : len(pages)] = pages
        self._table_changed = True

    def reserve(self, counts: Counts) -> None:
        """Pages for as many tokens of every row; raises, and changes nothing, if they are short."""
        count = len(self._slots)
        queries = int(counts[0]) if count else 1
        assert (counts == queries).all()
        assert queries <= self.max_queries
        ends = -(-(self._host_lens[:count] + queries) // PAGE_TOKENS)
        assert ends.max(initial=0) <= self._host_table.shape[1]
        missing = ends - np.fromiter(map(len, self._pages), np.int64, count)
        rows = np.repeat(np.arange(count), np.maximum(missing, 0)).tolist()
        taken = self._take_pages(len(rows))
        for row, page in zip(rows, taken, strict=True):
            self._host_table[row, len(self._pages[row])] = page
            self._pages[row].append(page)
        try:
            if taken or self._table_changed:
                self._upload()
        except BaseException:
            for row in reversed(rows):
                self._free_pages.append(self._pages[row].pop())
                self._host_table[row, len(self._pages[row])] = 0
            self._table_changed = True
            raise
        self.queries = queries

    def attend(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Store ``queries`` tokens of each row and attend: (positions, heads, size) → (…, width).

        There may be more rows than are running: what they write and read is nobody's.
        """
        positions = query.shape[0]
        rows = positions // self.queries
        if layer == 0:
            self._map_tokens(rows)
        mapping = self._slot_mapping[:positions]
        for pool, states in ((self._keys[layer], key), (self._values[layer], value)):
            pool.view(-1, *states.shape[1:]).index_copy_(0, mapping, states)
        output = self._attention(
            query,
            self._keys[layer],
            self._values[layer],
            self._seq_lens[:rows],
            self._page_table[:rows],
            self._shape.scale,
        )
        return output.flatten(1)

    def commit_step(self, kept: Counts) -> None:
        """The first so many of each row's tokens are there to stay; waits for nothing."""
        count = len(self._slots)
        # Takes memory where the counts differ: before anything has changed.
        more: Tensor | int = 1 if (kept == 1).all() else to_device(kept, self._shape.device)
        self._cached_lens[:count] += more
        self._host_lens[:count] += kept

    def free(self, slot: int) -> None:
        """Free the row of ``slot``, the last one takes its place; nothing if there is none."""
        if slot not in self._slots:
            return
        row, last = self._slots.index(slot), len(self._slots) - 1
        self._free_pages.extend(self._pages[row])
        self._slots[row], self._pages[row] = self._slots[last], self._pages[last]
        self._slots.pop()
        self._pages.pop()
        for array in (self._host_lens, self._host_table):
            array[row] = array[last]
            array[last] = 0
        self._table_changed = True

    def _take_pages(self, count: int) -> list[int]:
        if count > len(self._free_pages):
            raise torch.OutOfMemoryError(
                f"out of memory: {count} more pages of {PAGE_TOKENS} tokens in the key-value cache "
                f"are needed, {len(self._free_pages)} are free"
            )
        return [self._free_pages.pop() for _ in range(count)]

    def _upload(self) -> None:
        """Tell the device the rows' lengths and pages; the copies are queued."""
        device = self._shape.device
        self._cached_lens.copy_(to_device(self._host_lens, device), non_blocking=True)
        self._page_table.copy_(to_device(self._host_table, device), non_blocking=True)
        self._table_changed = False

    def _map_tokens(self, rows: int) -> None:
        """Where in the pools each row's newest tokens go; part of the step, on the device."""
        queries, lens = self.queries, self._cached_lens[:rows]
        places = lens.long()[:, None] + self._offsets[:queries]
        pages = self._page_table[:rows].gather(1, places // PAGE_TOKENS)
        mapping = pages * PAGE_TOKENS + places % PAGE_TOKENS
        self._slot_mapping[: rows * queries].copy_(mapping.flatten())
        self._seq_lens[:rows].copy_(lens + queries)


@dataclass(frozen=True, slots=True)
class PagedPrefill:
    """Rows whose prompts are being read: the ``PrefillSlots`` of a PagedCache.

    ``slot_mapping`` says where in the pools each of their tokens goes.
    """

    keys: Tensor
    values: Tensor
    slots: list[int]
    pages: list[list[int]]
    slot_mapping: Tensor
    length: int

    def write_prompt(self, layer: int, keys: Tensor, values: Tensor) -> None:
        """Store those of one layer; both (rows, key-value heads, tokens, head size)."""
        for pool, states in ((self.keys, keys), (self.values, values)):
            tokens = states.transpose(1, 2).flatten(0, 1)
            pool[layer].view(-1, *tokens.shape[1:]).index_copy_(0, self.slot_mapping, tokens)
