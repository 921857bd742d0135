"""Keys and values on the CPU, each row's in an array of its own, for compiled attention.

A function that takes addresses reads every row exactly as far as it goes, so rows of any lengths
run together: nothing is moved when one joins or leaves, and nothing is masked.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from got_loaders.engine.kv_cache.base import CacheShape, check_room
from got_loaders.engine.numba_cpu.row_attention import RowAttention
from got_loaders.engine.numba_cpu.row_table import Table

__all__ = ["RowCache"]

_SPARE_TOKENS = 128
"""The least number of tokens that a row gets room for in advance."""


class RowCache:
    """A ``Cache``; ``max_bytes`` bounds its memory, None does not.

    ``table`` tells compiled functions where the rows are and how long.
    """

    def __init__(
        self, shape: CacheShape, attention: RowAttention, *, max_bytes: int | None = None
    ) -> None:
        self._shape = shape
        self._attention = attention
        self._max_tokens = None if max_bytes is None else max_bytes // shape.bytes_per_token
        self._slots: list[int] = []
        self._states: list[Tensor] = []
        self._joining = 0
        self.table = Table([], [])

    @property
    def slots(self) -> list[int]:
        """Whose rows there are, in the order of the batch."""
        return list(self._slots)

    @property
    def allocated(self) -> int:
        """Tokens that there is room for."""
        return self._joining + sum(map(_tokens, self._states))

    def begin(self, slots: list[int], length: int) -> _Prompts:
        """Room for the prompts of these rows. They are not running before :meth:`join`."""
        room = _with_spare(length)
        check_room(self.allocated + len(slots) * room, self._max_tokens)
        prompts = _Prompts(slots, length, [self._room(room) for _ in slots])
        self._joining += prompts.allocated
        return prompts

    def join(self, prompts: _Prompts) -> None:
        """The rows of ``prompts`` run from now on."""
        self.discard(prompts)
        lengths = [*self.table.lengths, *([prompts.length] * len(prompts.slots))]
        self._slots += prompts.slots
        self._states += prompts.states
        self.table = Table(lengths, self._states)

    def discard(self, prompts: _Prompts) -> None:
        """The rows of ``prompts`` will not run after all."""
        self._joining -= prompts.allocated

    def reserve(self) -> None:
        """Make room for the next token of every row; raises if the memory is short.

        Rows grow one after the other, so the old and the new room of one is all that is there
        twice. One that could not grow stays as it was.
        """
        lengths = self.table.lengths
        full = np.flatnonzero(lengths == self.table.rooms)
        if not len(full):
            return
        try:
            for row in full:
                self._states[row] = self._grown(self._states[row], int(lengths[row]))
        finally:
            self.table = Table(lengths, self._states)

    def attend(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Store one token of each row and attend: (rows, heads, head size) → (rows, width)."""
        return self._attention(layer, query, key, value, self.table)

    def advance(self) -> None:
        """The tokens that :meth:`attend` stored in every layer are there to stay."""
        np.add(self.table.lengths, 1, out=self.table.lengths)

    def release(self, slot: int) -> None:
        """Free the row of ``slot``; nothing happens if there is none."""
        if slot not in self._slots:
            return
        row = self._slots.index(slot)
        del self._slots[row], self._states[row]
        self.table = Table(np.delete(self.table.lengths, row), self._states)

    def clear(self) -> None:
        """Forget every row and free the memory."""
        self._slots, self._states = [], []
        self.table = Table([], [])

    def _grown(self, states: Tensor, length: int) -> Tensor:
        room = _with_spare(length)
        check_room(self.allocated + room - _tokens(states), self._max_tokens)
        grown = self._room(room)
        grown[..., :length, :] = states[..., :length, :]
        return grown

    def _room(self, tokens: int) -> Tensor:
        """One row's states, not initialised: (layers, 2, heads, tokens, head size)."""
        shape = self._shape
        sizes = (shape.layers, 2, shape.heads, tokens, shape.head_size)
        return torch.empty(sizes, dtype=shape.dtype)


class _Prompts:
    """Rows whose prompts, of one length, are being read."""

    def __init__(self, slots: list[int], length: int, states: list[Tensor]) -> None:
        self.slots = slots
        self.length = length
        self.states = states
        self.allocated = sum(map(_tokens, states))

    def write_prompt(self, layer: int, keys: Tensor, values: Tensor) -> None:
        """Store those of one layer; both (rows, heads, tokens, head size)."""
        for row, states in enumerate(self.states):
            states[layer, 0, :, : self.length] = keys[row]
            states[layer, 1, :, : self.length] = values[row]


def _tokens(states: Tensor) -> int:
    """That there is room for in a row."""
    return states.shape[3]


def _with_spare(length: int) -> int:
    return length + max(_SPARE_TOKENS, length // 4)
