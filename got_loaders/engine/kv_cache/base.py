"""What the decoder asks of a cache of keys and values, and what a cache must know of the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

__all__ = ["Cache", "CacheShape", "PrefillSlots"]


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
    """

    @property
    def slots(self) -> list[int]:
        """The slots of the running rows, in the order of the batch."""

    def allocate(self, slots: list[int], length: int) -> Any:
        """:class:`PrefillSlots` for prompts of one length; they run when they are committed."""

    def commit(self, prefill: Any) -> None:
        """The rows of ``prefill`` run from now on."""

    def abort(self, prefill: Any) -> None:
        """The rows of ``prefill`` will not run after all."""

    def reserve(self) -> None:
        """Make room for the next token of every row."""

    def attend(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Store one token of each row and attend to all that the row has.

        (rows, heads, head size) → (rows, heads · head size).
        """

    def commit_step(self) -> None:
        """The tokens that :meth:`attend` stored in every layer are there to stay."""

    def free(self, slot: int) -> None:
        """Free the row of ``slot``; nothing happens if there is none."""
