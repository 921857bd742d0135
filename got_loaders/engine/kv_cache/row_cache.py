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

from got_loaders.engine.kv_cache.base import CacheShape

__all__ = ["RowAttention", "RowCache", "RowTable", "sdpa_attention"]

_MIN_SPARE_TOKENS = 128
"""The least number of tokens that a row gets room for in advance."""


class RowTable:
    """For each row its states, how many tokens they hold, and how many they have room for.

    States are (layers, 2, key-value heads, tokens, head size), keys before values. ``lengths`` may
    be written to. ``address`` is where compiled functions find, for all rows, the lengths, then the
    addresses of the states, then the capacities.
    """

    def __init__(
        self, lengths: Sequence[int] | npt.NDArray[np.int64], states: Sequence[Tensor]
    ) -> None:
        self.states = states
        addresses = [row.data_ptr() for row in states]
        self._numbers = np.array([lengths, addresses, list(map(_capacity, states))], np.int64)
        self.lengths, _, self.capacities = self._numbers
        self.address: int = self._numbers.ctypes.data

    def has_capacity(self, rows: int) -> bool:
        """Whether there are so many rows, each with room for a token."""
        return len(self.lengths) == rows and bool((self.lengths < self.capacities).all())


RowAttention = Callable[[int, Tensor, Tensor, Tensor, RowTable], Tensor]
"""(layer, query (rows, heads, head size), key and value (rows, key-value heads, head size), table)
→ (rows, heads · head size); stores the token of each row and attends to all that the row has."""


def sdpa_attention(
    layer: int, query: Tensor, key: Tensor, value: Tensor, table: RowTable, *, scale: float
) -> Tensor:
    """torch's own attention, a row at a time: a :data:`RowAttention` for any device."""
    grouped = query.shape[1] != key.shape[1]
    newest = torch.stack((key, value), dim=1)
    outputs = []
    for row, (length, states) in enumerate(zip(table.lengths.tolist(), table.states, strict=True)):
        stored = states[layer, :, :, : length + 1]
        stored[:, :, length] = newest[row]
        # With a batch of one before the heads: for three dimensions torch has no fused kernel.
        output = F.scaled_dot_product_attention(
            query[row, None, :, None],
            stored[0, None],
            stored[1, None],
            scale=scale,
            enable_gqa=grouped,
        )
        outputs.append(output.flatten())
    return torch.stack(outputs)


class RowCache:
    """A ``Cache`` over an ``attention``, without one torch's; ``max_bytes`` bounds its memory."""

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

    def reserve(self) -> None:
        """Make room for the next token of every row; raises if the memory is short.

        Rows grow one after the other, so the old and the new room of one is all that is there
        twice. One that could not grow stays as it was.
        """
        lengths = self._table.lengths
        full_rows = np.flatnonzero(lengths == self._table.capacities)
        if not len(full_rows):
            return
        try:
            for row in full_rows:
                self._states[row] = self._grow(self._states[row], int(lengths[row]))
        finally:
            self._table = RowTable(lengths, self._states)

    def attend(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Store one token of each row and attend: (rows, heads, head size) → (rows, width)."""
        assert self._table.has_capacity(len(query))  # compiled attention checks no address
        return self._attention(layer, query, key, value, self._table)

    def commit_step(self) -> None:
        """The tokens that :meth:`attend` stored in every layer are there to stay."""
        np.add(self._table.lengths, 1, out=self._table.lengths)

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
