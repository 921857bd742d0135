"""What the decoder asks of a cache of keys and values, and what a cache must know of the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

__all__ = ["Cache", "CacheShape", "Prompts", "check_room"]


@dataclass(frozen=True, slots=True)
class CacheShape:
    """``heads`` are those of keys and values; ``scale`` multiplies products of query and key."""

    layers: int
    heads: int
    head_size: int
    scale: float
    device: torch.device
    dtype: torch.dtype

    @property
    def bytes_per_token(self) -> int:
        """Of keys and values, in all layers."""
        return 2 * self.layers * self.heads * self.head_size * self.dtype.itemsize


def check_room(tokens: int, most: int | None) -> None:
    """Raise an out-of-memory error if a cache would have more tokens than there is room for."""
    if most is not None and tokens > most:
        raise torch.OutOfMemoryError(
            f"out of memory: {tokens} tokens in the key-value cache, there is room for {most}"
        )


class Prompts(Protocol):
    """Rows whose prompts are being read."""

    def write_prompt(self, layer: int, keys: Tensor, values: Tensor) -> None:
        """Store those of one layer; both (rows, heads, tokens, head size)."""


class Cache(Protocol):
    """Rows are named by slots, whole numbers that the caller chooses.

    A batch has the rows in the order of :attr:`slots`, which changes when rows join or leave.
    Whatever finds no memory raises an out-of-memory error and changes nothing.
    """

    @property
    def slots(self) -> list[int]:
        """Whose rows there are, in the order of the batch."""

    def begin(self, slots: list[int], length: int) -> Any:
        """Room for the :class:`Prompts` of these rows. They are not running before they join."""

    def join(self, prompts: Any) -> None:
        """The rows of ``prompts`` run from now on."""

    def discard(self, prompts: Any) -> None:
        """The rows of ``prompts`` will not run after all."""

    def reserve(self) -> None:
        """Make room for the next token of every row."""

    def attend(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Store one token of each row and attend to all that the row has.

        (rows, heads, head size) → (rows, heads · head size).
        """

    def advance(self) -> None:
        """The tokens that :meth:`attend` stored in every layer are there to stay."""

    def release(self, slot: int) -> None:
        """Free the row of ``slot``; nothing happens if there is none."""

    def clear(self) -> None:
        """Forget every row and free what memory can be freed."""
