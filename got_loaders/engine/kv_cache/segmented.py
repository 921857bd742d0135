"""Keys and values of the running sequences, in segments of rows that are about equally long.

Reading the cache is most of what a decode step costs, so a short row must not be read as if it were
as long as the longest. Segments are merged where reading the columns that a row does not have costs
less than calling the kernels once more.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from got_loaders.engine.device.device import is_out_of_memory
from got_loaders.engine.kv_cache.base import CacheShape, check_room
from got_loaders.engine.kv_cache.segment import Segment

__all__ = ["KVCache"]

_CALL_BYTES = 1 << 20
"""So many bytes of a layer are read in the time that attending to one more segment costs beside
the reading (about 25 µs at 40 GB/s, measured on a CPU; on a GPU both are faster)."""


class KVCache:
    """A ``Cache`` for any device, with torch's own operations.

    ``max_bytes`` bounds the memory, None does not.
    """

    def __init__(self, shape: CacheShape, *, max_bytes: int | None = None) -> None:
        self._shape = shape
        self._max_tokens = None if max_bytes is None else max_bytes // shape.bytes_per_token
        layer_token = shape.bytes_per_token // shape.layers
        self._call_tokens = _CALL_BYTES // max(1, layer_token)
        self.segments: list[Segment] = []

    @property
    def slots(self) -> list[int]:
        """Whose rows there are, in the order of the batch."""
        return [slot for segment in self.segments for slot in segment.slots]

    @property
    def allocated(self) -> int:
        """Tokens that there is room for."""
        return sum(segment.allocated for segment in self.segments)

    def begin(self, slots: list[int], length: int) -> Segment:
        """Room for the prompts of these rows. They are not running before :meth:`join`."""
        return Segment(self._shape, slots, length, self._room)

    def discard(self, segment: Segment) -> None:
        """The rows of ``segment`` will not run after all."""

    def join(self, segment: Segment) -> None:
        """The rows of ``segment`` run from now on."""
        self.segments.append(segment)
        self._merge(segment)

    def reserve(self) -> None:
        """Make room for the next token of every row; raises if the memory is short."""
        for segment in self.segments:
            segment.reserve(len(segment.slots))

    def attend(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Store one token of each row and attend: (rows, heads, head size) → (rows, width)."""
        if len(self.segments) == 1:
            return self.segments[0].attend(layer, query, key, value)
        mixed, row = [], 0
        for segment in self.segments:
            own = slice(row, row + len(segment.slots))
            mixed.append(segment.attend(layer, query[own], key[own], value[own]))
            row = own.stop
        return torch.cat(mixed)

    def advance(self) -> None:
        """The tokens that :meth:`attend` stored in every layer are there to stay."""
        for segment in self.segments:
            segment.end += 1

    def release(self, slot: int) -> None:
        """Free the row of ``slot``; nothing happens if there is none."""
        for segment in self.segments:
            if slot in segment.slots:
                segment.release(slot)
                if segment.slots:
                    self._merge(segment)
                else:
                    self.segments.remove(segment)
                return

    def clear(self) -> None:
        """Forget every row and free the memory."""
        self.segments.clear()

    def _merge(self, segment: Segment) -> None:
        """Put ``segment`` together with the one that is most like it, if that pays."""
        others = [other for other in self.segments if other is not segment]
        if not others:
            return
        best = min(others, key=lambda other: _waste(segment, other))
        if _waste(segment, best) >= self._call_tokens:
            return
        host, guest = _longer_first(segment, best)
        try:
            host.absorb(guest)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            return
        self.segments.remove(guest)

    def _room(self, rows: int, columns: int, freed: int) -> Tensor:
        """Zeros, not garbage: what is masked out must still be finite, since 0 times NaN is NaN."""
        check_room(self.allocated - freed + rows * columns, self._max_tokens)
        shape = (rows, self._shape.heads, columns, self._shape.head_size)
        if self._shape.device.type != "cpu":
            return torch.zeros(shape, device=self._shape.device, dtype=self._shape.dtype)
        # numpy's large arrays take memory only when they are written, and in huge pages where the
        # system has them: reading the cache is up to a third faster.
        flat = np.zeros(int(np.prod(shape)) * self._shape.dtype.itemsize, np.uint8)
        return torch.from_numpy(flat).view(self._shape.dtype).view(shape)


def _length(segment: Segment) -> int:
    """How many columns are read for each row of ``segment``."""
    return segment.end - segment.first


def _longer_first(one: Segment, other: Segment) -> tuple[Segment, Segment]:
    return (one, other) if _length(one) >= _length(other) else (other, one)


def _waste(one: Segment, other: Segment) -> int:
    """Columns that would be read in vain at every step if the longer one took in the other."""
    host, guest = _longer_first(one, other)
    return len(guest.slots) * (_length(host) - _length(guest))
