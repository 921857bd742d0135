"""Running rows of about one length, whose keys and values are read together.

A segment is a timeline of columns. At each step every row of it writes its newest token into the
same column, so a step writes slices and needs no index; rows that are shorter than the longest one
begin later. What a row does not have is masked.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from got_loaders.engine.kv_cache.base import CacheShape

__all__ = ["Segment"]

_SPARE_COLUMNS = 128
"""The least number of columns that a growing segment gets in advance."""


class Segment:
    """Keys and values of its rows: for each layer (rows, key-value heads, columns, head size).

    ``slots`` says whose rows they are, and ``starts`` in which column each of them begins; ``end``
    is the column of the next token. ``room(rows, columns, freed)`` makes the array of a layer, in
    the place of ``freed`` row-columns.
    """

    def __init__(
        self,
        shape: CacheShape,
        slots: list[int],
        length: int,
        room: Callable[[int, int, int], Tensor],
    ) -> None:
        self.slots = slots
        self.starts = [0] * len(slots)
        self.end = length
        self._shape = shape
        self._room = room
        columns = length + _spare(length)
        self._keys = [room(len(slots), columns, 0) for _ in range(shape.layers)]
        self._values = [room(len(slots), columns, 0) for _ in range(shape.layers)]
        self._origins = [0] * shape.layers
        self._rows, self._full = self._limits()
        self._mask: Tensor | None = None
        self._mask_is_old = False

    @property
    def first(self) -> int:
        """The column in which the longest row begins."""
        return min(self.starts)

    @property
    def allocated(self) -> int:
        """Rows times columns that the largest of its arrays has room for."""
        return max(keys.shape[0] * keys.shape[2] for keys in self._keys)

    def write_prompt(self, layer: int, keys: Tensor, values: Tensor) -> None:
        """Store the prompts of a new segment: both (rows, key-value heads, tokens, head size)."""
        self._keys[layer][:, :, : keys.shape[2]] = keys
        self._values[layer][:, :, : values.shape[2]] = values

    def attend(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Store the newest token of each row and attend to all of them.

        ``query`` (rows, heads, head size), ``key`` and ``value`` (rows, key-value heads, head
        size) → (rows, heads · head size).
        """
        rows, heads = query.shape[0], self._shape.heads
        first, last = self.first - self._origins[layer], self.end - self._origins[layer]
        keys, values = self._keys[layer][:rows], self._values[layer][:rows]
        keys[:, :, last] = key
        values[:, :, last] = value
        keys = keys.flatten(0, 1)[:, first : last + 1]
        values = values.flatten(0, 1)[:, first : last + 1]
        # (rows · key-value heads, queries of a head, head size), seen as columns: the fast way
        # for a product of a matrix and a vector.
        queries = query.reshape(rows * heads, -1, query.shape[-1]).transpose(1, 2)
        logits = torch.baddbmm(
            query.new_empty(1), keys, queries, beta=0, alpha=self._shape.scale
        ).transpose(1, 2)
        if self._mask is not None:
            logits = logits.reshape(rows, heads, -1, last + 1 - first)
            logits = (logits + self._mask[..., : last + 1 - first]).flatten(0, 1)
        mixed = torch.bmm(torch.softmax(logits, -1), values)
        return mixed.view(rows, -1)

    def reserve(self, rows: int) -> None:
        """Make room for this many rows and one more column.

        The layers grow one after the other, so the old and the new room of one layer is all that
        is there twice. One that could not grow stays as it was, and is tried again next time. So
        is the mask, which takes memory too: rows come and go without it.
        """
        if rows > self._rows or self.end >= self._full:
            for layer, keys in enumerate(self._keys):
                if rows > keys.shape[0] or self.end >= self._origins[layer] + keys.shape[2]:
                    self._grow(layer, rows)
            self._rows, self._full = self._limits()
            self._mask_is_old = True
        if self._mask_is_old:
            self._set_mask()
            self._mask_is_old = False

    def absorb(self, other: Segment) -> None:
        """Take over the rows of a segment that is no longer than this one."""
        rows, more = len(self.slots), len(other.slots)
        self.reserve(rows + more)
        shift = self.end - other.end
        for layer in range(self._shape.layers):
            here = slice(
                other.first + shift - self._origins[layer], self.end - self._origins[layer]
            )
            there = slice(other.first - other._origins[layer], other.end - other._origins[layer])
            for mine, theirs in (
                (self._keys[layer], other._keys[layer]),
                (self._values[layer], other._values[layer]),
            ):
                mine[rows : rows + more, :, here] = theirs[:more, :, there]
        self.slots = [*self.slots, *other.slots]
        self.starts = [*self.starts, *(start + shift for start in other.starts)]
        self._mask_is_old = True

    def release(self, slot: int) -> None:
        """Free the row of ``slot``; the last row takes its place."""
        row, last = self.slots.index(slot), len(self.slots) - 1
        if row != last:
            for arrays in (self._keys, self._values):
                for layer, array in enumerate(arrays):
                    own = slice(
                        self.starts[last] - self._origins[layer], self.end - self._origins[layer]
                    )
                    array[row, :, own] = array[last, :, own]
        self.slots[row], self.starts[row] = self.slots[last], self.starts[last]
        self.slots.pop()
        self.starts.pop()
        self._mask_is_old = True

    def _grow(self, layer: int, rows: int) -> None:
        first, length = self.first, self.end - self.first
        columns = length + 1 + _spare(length)
        stored = slice(first - self._origins[layer], self.end - self._origins[layer])
        count = len(self.slots)
        grown = [self._room(rows, columns, self.allocated) for _ in range(2)]
        for new, old in zip(grown, (self._keys[layer], self._values[layer]), strict=True):
            new[:count, :, :length] = old[:count, :, stored]
        self._keys[layer], self._values[layer] = grown
        self._origins[layer] = first

    def _limits(self) -> tuple[int, int]:
        """Rows, and the column after the last, that there is room for in every layer."""
        arrays = zip(self._origins, self._keys, strict=True)
        return (
            min(keys.shape[0] for keys in self._keys),
            min(origin + keys.shape[2] for origin, keys in arrays),
        )

    def _set_mask(self) -> None:
        """Minus infinity where a row has not begun; none at all if they all begin together."""
        first = self.first
        if all(start == first for start in self.starts):
            self._mask = None
            return
        starts = torch.tensor(self.starts, device=self._shape.device)
        places = torch.arange(first, self._full, device=self._shape.device)
        mask = torch.zeros(
            len(self.starts), len(places), device=self._shape.device, dtype=self._shape.dtype
        )
        mask.masked_fill_(places < starts[:, None], float("-inf"))
        self._mask = mask[:, None, None]


def _spare(length: int) -> int:
    return max(_SPARE_COLUMNS, length // 4)
