"""Where the rows of a cache are, as compiled functions want to be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from torch import Tensor

__all__ = ["Table"]

_Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Table:
    """For each row how many tokens are stored, the address of its states, and their room.

    States are (layers, 2, key-value heads, tokens, head size), keys before values. ``lengths`` may
    be written to; whoever holds the table must hold the states too.
    """

    lengths: _Numbers
    places: _Numbers
    rooms: _Numbers
    addresses: tuple[int, int, int]
    """Of these three arrays."""

    def has_room(self, rows: int) -> bool:
        """Whether there are so many rows, each with room for a token: nothing compiled asks."""
        return len(self.lengths) == rows and bool((self.lengths < self.rooms).all())

    @classmethod
    def of(cls, lengths: Sequence[int] | _Numbers, states: Sequence[Tensor]) -> Table:
        """The table of these rows, in this order."""
        arrays = (
            np.array(lengths, np.int64),
            np.array([each.data_ptr() for each in states], np.int64),
            np.array([each.shape[3] for each in states], np.int64),
        )
        first, second, third = (array.ctypes.data for array in arrays)
        return cls(*arrays, (first, second, third))
