"""Keys and values of the running sequences: one row each, rows without gaps.

The rows of the running batch are always 0 … n-1, so a decode step reads one slice. When a row
leaves, the last one takes its place. Capacity grows with demand, in both directions.
"""

from __future__ import annotations

import torch
from torch import Tensor

from got_loaders.engine.device import is_out_of_memory

__all__ = ["KVCache"]

_LENGTH_STEP = 256


class KVCache:
    """Shape of ``keys`` and ``values``: (layers, rows, key-value heads, tokens, head size)."""

    def __init__(
        self, *, layers: int, heads: int, head_size: int, device: torch.device, dtype: torch.dtype
    ) -> None:
        self._shape = (layers, heads, head_size)
        self._device, self._dtype = device, dtype
        self.keys = self._empty(0, 0)
        self.values = self._empty(0, 0)
        self.rows = 0

    def reserve(self, rows: int, length: int) -> None:
        """Make room for this many rows of this many tokens; what is stored stays."""
        have_rows, have_length = self.keys.shape[1], self.keys.shape[3]
        if rows <= have_rows and length <= have_length:
            return
        # Longer: for the rows that are needed. More rows: a few in advance.
        more_rows = rows if length > have_length else min(2 * have_rows, rows + 8)
        more_length = have_length * 3 // 2 if length > have_length else have_length
        if self._resized(max(rows, more_rows), max(length, more_length)):
            return
        if self.rows:
            self._resize(rows, max(length, have_length))
        else:  # nothing is stored: the old room may go before the new one is asked for
            self.keys = self.values = self._empty(0, 0)
            self._resize(rows, length)

    def release(self, row: int) -> int:
        """Free ``row``; the last row takes its place. Returns the number that row had."""
        last = self.rows - 1
        if row != last:
            self.keys[:, row] = self.keys[:, last]
            self.values[:, row] = self.values[:, last]
        self.rows = last
        return last

    def _empty(self, rows: int, length: int) -> Tensor:
        layers, heads, head_size = self._shape
        # Zeros, not garbage: what is masked out must still be finite, since 0 times NaN is NaN.
        shape = (layers, rows, heads, length, head_size)
        return torch.zeros(shape, device=self._device, dtype=self._dtype)

    def _resized(self, rows: int, length: int) -> bool:
        """Resize; False if the memory is short. What a failed try had allocated is free again."""
        try:
            self._resize(rows, length)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            return False
        return True

    def _resize(self, rows: int, length: int) -> None:
        """Both arrays or none: half a growth would leave them of different sizes."""
        length = -(-length // _LENGTH_STEP) * _LENGTH_STEP
        keys = self._grown(self.keys, rows, length)
        values = self._grown(self.values, rows, length)
        self.keys, self.values = keys, values

    def _grown(self, old: Tensor, rows: int, length: int) -> Tensor:
        new = self._empty(rows, length)
        new[:, : self.rows, :, : old.shape[3]] = old[:, : self.rows]
        return new
