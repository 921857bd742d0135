"""What the decoder asks of a cache of keys and values, and what a cache must know of the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from got_loaders.engine.kv_cache.counts import MAX_QUERIES, Counts

__all__ = ["MAX_QUERIES", "Cache", "CacheShape", "Counts", "PrefillSlots", "one_each"]


@dataclass(frozen=True, slots=True)
class CacheShape:
    """The sizes of a model's keys and values; ``scale`` multiplies products of query and key."""

    layers: int
    kv_heads: int
    head_size: int
    scale: float
    device: torch.device
    dtype: torch.dtype

    @property
    def bytes_per_token(self) -> int:
        """Of keys and values, in all layers."""
        return 2 * self.layers * self.kv_heads * self.head_size * self.dtype.itemsize


class PrefillSlots(Protocol):
    """Rows whose prompts are being read."""

    def write_prompt(self, layer: int, keys: Tensor, values: Tensor) -> None:
        """Store those of one layer; both (rows, key-value heads, tokens, head size)."""


class Cache(Protocol):
    """Keys and values of the running rows, which are named by slots that the caller chooses.

    A batch has the rows in the order of :attr:`slots`, which changes when rows are committed or
    freed. Whatever finds no memory raises an out-of-memory error and changes nothing.

    A step is ``reserve``, ``attend`` in each layer, and ``commit_step``. A row brings 1 to
    ``max_queries`` tokens to it; they stand behind what it has, each sees those before it, and the
    positions of a step are the tokens of the first row, then those of the second, and so on. Pages
    want as many of every row: see the ``widths`` of a decode backend.
    """

    max_queries: int

    @property
    def slots(self) -> list[int]:
        """The slots of the running rows, in the order of the batch."""

    def allocate(self, slots: list[int], length: int) -> Any:
        """:class:`PrefillSlots` for prompts of one length; they run when they are committed."""

    def commit(self, prefill: Any) -> None:
        """The rows of ``prefill`` run from now on."""

    def abort(self, prefill: Any) -> None:
        """The rows of ``prefill`` will not run after all."""

    def reserve(self, counts: Counts) -> None:
        """Make room for so many tokens of each row; the step that follows brings these."""

    def attend(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Store the step's tokens, and attend from each to all that its row has up to it.

        (positions, heads, head size) → (positions, heads · head size).
        """

    def commit_step(self, kept: Counts) -> None:
        """The first so many of each row's tokens are there to stay, the others never were."""

    def free(self, slot: int) -> None:
        """Free the row of ``slot``; nothing happens if there is none."""


def one_each(cache: Cache) -> Counts:
    """The counts of a step to which every running row brings its newest token alone."""
    return np.ones(len(cache.slots), np.int64)
