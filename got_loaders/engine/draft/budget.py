"""How many positions a step may have, and what they cost, by device. Pure.

A step reads the model's weights once, whatever the number of positions, and a GPU has computing to
spare for more of them. A CPU has little, and a full batch has used it up. Only ratios of costs
matter here: a table that is wrong by half changes how soon an answer is there, and nothing else.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

__all__ = ["MAX_WINDOW", "DraftBudget", "draft_budget"]

MAX_WINDOW = 7
"""Proposals of a row in a step, at most: with its newest token as many as caches take."""

_SMALL_MODEL = 64 * 2**20
"""Bytes of weights that mostly stay in a processor's caches, as those of the embedded model do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftBudget:
    """``costs`` of a step with so many positions, in any unit, rising; straight between
    them, and beyond the last.

    A row costs ``per_row`` more for what it has written already. A step with proposals costs
    ``checking`` more, since its tokens must be known before the next, and ``proposing`` for each
    row. ``per_row_positions``: up to so many rows, so many positions each. ``total``: positions of
    a step in all.
    """

    costs: tuple[tuple[int, float], ...]
    per_row: float = 0.0
    checking: float = 0.0
    proposing: float = 0.0
    per_row_positions: tuple[tuple[int, int], ...] = ((10**9, MAX_WINDOW + 1),)
    total: int = 10**9
    max_window: int = MAX_WINDOW

    def positions(self, rows: int) -> int:
        """The most positions of a step with so many rows; never fewer than there are rows."""
        each = next((most for up_to, most in self.per_row_positions if rows <= up_to), 1)
        return max(rows, min(rows * min(each, self.max_window + 1), self.total))

    def cost(self, rows: int, positions: int) -> float:
        """Of one step."""
        cost = self._products(positions) + self.per_row * rows
        return cost if positions <= rows else cost + self.checking + self.proposing * rows

    def _products(self, positions: int) -> float:
        index = min(bisect_left(self.costs, (positions,)), len(self.costs) - 1)
        if index == 0:
            return self.costs[0][1]
        (few, low), (many, high) = self.costs[index - 1 : index + 1]
        return low + (high - low) * (positions - few) / (many - few)


_TINY = DraftBudget(
    costs=((1, 0.9), (6, 1.0), (8, 1.15), (16, 1.4), (32, 1.9)),
    per_row=0.1,
    proposing=0.02,
    total=32,
)
_CPU_BFLOAT16 = DraftBudget(
    costs=((1, 44.6), (6, 56.0), (7, 68.0), (8, 76.0), (12, 92.0), (16, 106.0), (32, 187.0)),
    per_row=4.4,
    total=32,
)
_CPU_FLOAT32 = DraftBudget(
    costs=((1, 68.0), (8, 94.0), (16, 120.0), (24, 141.0), (32, 171.0)), per_row=6.4, total=32
)
_CUDA = DraftBudget(
    costs=((1, 1.22), (2048, 4.7)),
    per_row=0.025,
    checking=0.4,
    proposing=0.015,
    per_row_positions=((128, 8), (10**9, 4)),
)
_MPS = DraftBudget(costs=((1, 10.0), (4, 12.0), (16, 26.0)), per_row_positions=((4, 4),))
"""Milliseconds. CPU: measured on two cores of a Xeon (2.3 GHz, AVX512_BF16), 800 tokens a row; what
the attention of a further position takes is in ``costs``. oneDNN's products in bfloat16 compute six
rows at a time. CUDA: estimated for an H200. MPS: a guess, and a careful one."""


def draft_budget(device_type: str, itemsize: int, weight_bytes: int) -> DraftBudget:
    """What suits a device ("cpu", "cuda", "mps"), the bytes of a number, and of all weights."""
    if device_type == "cuda":
        return _CUDA
    if device_type != "cpu":
        return _MPS
    if weight_bytes <= _SMALL_MODEL:
        return _TINY
    return _CPU_BFLOAT16 if itemsize <= 2 else _CPU_FLOAT32
