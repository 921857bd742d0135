"""The input of steps that are launched ahead: it stays on the device, whoever joins or leaves."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from got_loaders.engine.device.device import to_device
from got_loaders.engine.runner.batch_state import BatchState, Slots

__all__ = ["InputBuffers"]


class InputBuffers:
    """The next step's input on the device, in the order of the cache's rows."""

    def __init__(self, max_rows: int, device: torch.device) -> None:
        self.slots: Slots = np.zeros(0, np.int64)
        self.tokens = self.positions = torch.zeros(0, dtype=torch.long, device=device)
        self._newest = torch.zeros(max_rows, dtype=torch.long, device=device)
        self._order: list[int] | None = []

    def add(self, slots: Slots, tokens: Tensor) -> None:
        """Newcomers' first tokens."""
        self._save()
        self._newest[self._index(slots)] = tokens

    def reorder(self, order: list[int], state: BatchState) -> None:
        """Bring the rows into this order, if they are not; ``state`` knows their positions, and
        the tokens that have been read."""
        if order == self._order:
            return
        self._save()
        slots = np.array(order, np.int64)
        index = self._index(slots)
        positions = to_device(state.positions(slots), index.device)
        tokens, read = self._newest[index], np.flatnonzero(state.is_read(slots))
        if len(read):
            tokens[self._index(read)] = to_device(state.newest(slots[read]), index.device)
        self.tokens, self.positions = tokens, positions
        self._order, self.slots = order, slots  # when nothing can fail any more

    def advance(self, tokens: Tensor) -> None:
        """Every row has its next token. ``tokens`` are these buffers' own from now on."""
        self.tokens = tokens
        self.positions += 1

    def forget(self) -> None:
        """All tokens have been read, and a step that is not launched ahead may write others."""
        self._order = None

    def _save(self) -> None:
        """Keep each row's newest token under its slot, while the order changes."""
        if self._order is not None:
            self._newest[self._index(self.slots)] = self.tokens
            self._order = None

    def _index(self, slots: Slots) -> Tensor:
        return to_device(slots, self._newest.device)
