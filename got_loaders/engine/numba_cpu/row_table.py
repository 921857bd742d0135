"""Where the rows of a cache are, as compiled functions want to be told."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from torch import Tensor

__all__ = ["Table"]

_Numbers = npt.NDArray[np.int64]


class Table:
    """For each row how many tokens are stored, the address of its states, and their room.

    States are (layers, 2, key-value heads, tokens, head size), keys before values. ``lengths`` may
    be written to; whoever holds the table must hold the states too. ``address`` is that of the
    three numbers of all rows, the lengths first.
    """

    def __init__(self, lengths: Sequence[int] | _Numbers, states: Sequence[Tensor]) -> None:
        places = [each.data_ptr() for each in states]
        self._numbers = np.array([lengths, places, [each.shape[3] for each in states]], np.int64)
        self.lengths, _, self.rooms = self._numbers
        self.address: int = self._numbers.ctypes.data

    def has_room(self, rows: int) -> bool:
        """Whether there are so many rows, each with room for a token: nothing compiled asks."""
        return len(self.lengths) == rows and bool((self.lengths < self.rooms).all())
