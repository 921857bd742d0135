"""Keys and values on any device, each row's in an array of its own.

Every row is read exactly as far as it goes, so rows of any lengths run together: nothing is moved
when one joins or leaves, nothing is masked, and no row's numbers depend on who else is running.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F  # noqa: N812  # torch's own custom
from torch import Tensor

from got_loaders.engine.kv_cache.base import MAX_QUERIES, CacheShape, Counts

__all__ = ["RowAttention", "RowCache", "RowTable", "sdpa_attention"]

_MIN_SPARE_TOKENS = 128
"""The least number of tokens that a row gets room for in advance."""


class RowTable:
    """For each row its states, how many tokens they hold, and how many they have room for.

    States are (layers, 2, key-value heads, tokens, head size), keys before values. ``lengths`` may
    be written to. ``counts`` are the tokens that each row brings to the step, and ``starts`` where
    the first of them stands among the step's positions. ``address`` is where compiled functions
    find, for all rows, the lengths, then the addresses of the states, then the capacities, the
    counts and the starts.
    """

    def __init__(
        self, lengths: Sequence[int] | npt.NDArray[np.int64], states: Sequence[Tensor]
    ) -> None:
        self.states = states
        addresses = [row.data_ptr() for row in states]
        ones, places = [1] * len(states), range(len(states))
        self._numbers = np.array(
            [lengths, addresses, list(map(_capacity, states)), ones, places], np.int64
        )
        self.lengths, _, self.capacities, self.counts, self.starts = self._numbers
        self.address: int = self._numbers.ctypes.data

    def set_counts(self, counts: Counts) -> None:
        """Say how many tokens each row brings to the step."""
        self.counts[:] = counts
        np.cumsum(counts[:-1], out=self.starts[1:])

    def has_capacity(self, positions: int) -> bool:
        """Whether the rows bring so many tokens, and each has room for its own."""
        fits = bool((self.lengths + self.counts <= self.capacities).all())
        return fits and int(self.counts.sum()) == positions


RowAttention = Callable[[int, Tensor, Tensor, Tensor, RowTable], Tensor]
"""(layer, query (positions, heads, head size), key and value (positions, key-value heads, head
size), table) → (positions, heads · head size); stores the tokens of each row and attends from each
to all that the row has up to it."""


def sdpa_attention(
    layer: int, query: Tensor, key: Tensor, value: Tensor, table: RowTable, *, scale: float
) -> Tensor:
    """torch's own attention, a row at a time: a :data:`RowAttention` for any device."""
    grouped = query.shape[1] != key.shape[1]
    outputs = []
    rows = zip(table.lengths.tolist(), table.counts.tolist(), table.starts.tolist(), strict=True)
    for (length, count, start), states in zip(rows, table.states, strict=True):
        at = slice(start, start + count)
        stored = states[layer, :, :, : length + count]
        stored[0, :, length:] = key[at].transpose(0, 1)
        stored[1, :, length:] = value[at].transpose(0, 1)
        mask = None
        if count > 1:  # the first of them does not see the others
            mask = torch.ones(count, length + count, dtype=torch.bool, device=query.device)
            mask = mask.tril(length)
        # With a batch of one before the heads: for three dimensions torch has no fused kernel.
        output = F.scaled_dot_product_attention(
            query[None, at].transpose(1, 2),
            stored[0, None],
            stored[1, None],
            attn_mask=mask,
            scale=scale,
            enable_gqa=grouped,
        )
        outputs.append(output[0].transpose(0, 1).flatten(1))
    return torch.cat(outputs)


class RowCache:
    """A ``Cache`` over an ``attention``, without one torch's; ``max_bytes`` bounds its memory."""

    max_queries = MAX_QUERIES

    def __init__(
        self,
        shape: CacheShape,
        attention: RowAttention | None = None,
        *,
        max_bytes: int | None = None,
    ) -> None:
        self._shape = shape
        self._attention = attention or partial(sdpa_attention, scale=shape.scale)
        self._max_tokens = None if max_bytes is None else max_bytes // shape.bytes_per_token
        self._slots: list[int] = []
        self._states: list[Tensor] = []
        self._prefilling = 0
        self._table = RowTable([], [])

    @property
    def slots(self) -> list[int]:
        """The slots of the running rows, in the order of the batch."""
        return list(self._slots)

    @property
    def allocated(self) -> int:
        """Tokens that there is room for, running or not yet."""
        return self._prefilling + sum(map(_capacity, self._states))

    def allocate(self, slots: list[int], length: int) -> RowPrefill:
        """Room for the prompts of these rows. They are not running before :meth:`commit`."""
        capacity = _padded(length)
        self._check_capacity(self.allocated + len(slots) * capacity)
        prefill = RowPrefill(slots, length, [self._allocate_row(capacity) for _ in slots])
        self._prefilling += prefill.allocated
        return prefill

    def commit(self, prefill: RowPrefill) -> None:
        """The rows of ``prefill`` run from now on."""
        self.abort(prefill)
        lengths = [*self._table.lengths, *([prefill.length] * len(prefill.slots))]
        self._slots += prefill.slots
        self._states += prefill.states
        self._table = RowTable(lengths, self._states)

    def abort(self, prefill: RowPrefill) -> None:
        """The rows of ``prefill`` will not run after all."""
        self._prefilling -= prefill.allocated

    def reserve(self, counts: Counts) -> None:
        """Make room for so many tokens of each row; raises if the memory is short.

        Rows grow one after the other, so the old and the new room of one is all that is there
        twice. One that could not grow stays as it was.
        """
        lengths = self._table.lengths
        full_rows = np.flatnonzero(lengths + counts > self._table.capacities)
        if len(full_rows):
            try:
                for row in full_rows:
                    self._states[row] = self._grow(self._states[row], int(lengths[row]))
            finally:
                self._table = RowTable(lengths, self._states)
        self._table.set_counts(counts)

    def attend(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Store the step's tokens and attend: (positions, heads, size) → (positions, width)."""
        assert self._table.has_capacity(len(query))  # compiled attention checks no address
        return self._attention(layer, query, key, value, self._table)

    def commit_step(self, kept: Counts) -> None:
        """The first so many of each row's tokens are there to stay."""
        np.add(self._table.lengths, kept, out=self._table.lengths)

    def free(self, slot: int) -> None:
        """Free the row of ``slot``; nothing happens if there is none."""
        if slot not in self._slots:
            return
        row = self._slots.index(slot)
        del self._slots[row], self._states[row]
        self._table = RowTable(np.delete(self._table.lengths, row), self._states)

    def _grow(self, states: Tensor, length: int) -> Tensor:
        capacity = _padded(length)
        self._check_capacity(self.allocated + capacity - _capacity(states))
        larger = self._allocate_row(capacity)
        larger[..., :length, :] = states[..., :length, :]
        return larger

    def _check_capacity(self, tokens: int) -> None:
        if self._max_tokens is not None and tokens > self._max_tokens:
            raise torch.OutOfMemoryError(
                f"out of memory: {tokens} tokens in the key-value cache, "
                f"there is room for {self._max_tokens}"
            )

    def _allocate_row(self, capacity: int) -> Tensor:
        """One row's states, not initialised: (layers, 2, heads, tokens, head size)."""
        shape = self._shape
        sizes = (shape.layers, 2, shape.kv_heads, capacity, shape.head_size)
        return torch.empty(sizes, dtype=shape.dtype, device=shape.device)


class RowPrefill:
    """Rows whose prompts, of one length, are being read: the ``PrefillSlots`` of a RowCache."""

    def __init__(self, slots: list[int], length: int, states: list[Tensor]) -> None:
        self.slots = slots
        self.length = length
        self.states = states
        self.allocated = sum(map(_capacity, states))

    def write_prompt(self, layer: int, keys: Tensor, values: Tensor) -> None:
        """Store those of one layer; both (rows, key-value heads, tokens, head size)."""
        for row, states in enumerate(self.states):
            states[layer, 0, :, : self.length] = keys[row]
            states[layer, 1, :, : self.length] = values[row]


def _capacity(states: Tensor) -> int:
    """How many tokens a row's states have room for."""
    return states.shape[3]


def _padded(length: int) -> int:
    """A row's tokens and some more in advance."""
    return length + max(_MIN_SPARE_TOKENS, length // 4)
