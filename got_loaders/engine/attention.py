"""The vision tower's attention without its matrix of logits.

SAM's decomposed relative positions (Li et al., MViTv2, 2022) add ``rel_h(q)[row of the key] +
rel_w(q)[column of the key]`` to each logit. That sum is linear in one-hot vectors of the key's row
and column, so it folds into the dot product of longer vectors::

    q' = [q · scale, rel_h(q), rel_w(q)]      k' = [k, onehot(row), onehot(column)]

and plain attention over q', k' and v, without a bias, is the same function. The matrix, 4096 × 4096
for each head of a full-size tile, is then never written to memory.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own custom
from torch import Tensor

__all__ = ["VisionLayer"]


class VisionLayer:
    """One layer of the vision tower, over the weights of transformers' one.

    ``side`` is the side of the whole grid of patches. A layer with a window looks at squares of
    that many patches; the grid is padded where they don't fit.
    """

    def __init__(self, layer: Any, side: int) -> None:
        self._layer = layer
        self._window: int = layer.window_size
        attention = layer.attn
        self._heads: int = attention.num_attention_heads
        self._scale: float = attention.scale
        side = self._window or side
        self._relative: tuple[Tensor, Tensor] | None = None
        if attention.use_rel_pos:
            with torch.inference_mode():
                self._relative = (
                    attention.get_rel_pos(side, side, attention.rel_pos_h).contiguous(),
                    attention.get_rel_pos(side, side, attention.rel_pos_w).contiguous(),
                )
                self._places = _one_hot_places(side, self._relative[0])

    def __call__(self, hidden: Tensor) -> Tensor:
        """(tiles, rows, columns, width) → the same shape."""
        layer, size = self._layer, hidden.shape[1:3]
        states = layer.layer_norm1(hidden)
        if self._window:
            windows, padded = layer.window_partition(states, self._window)
            states = layer.window_unpartition(self._attend(windows), self._window, padded, size)
        else:
            states = self._attend(states)
        hidden = hidden + states
        out: Tensor = hidden + layer.mlp(layer.layer_norm2(hidden))
        return out

    def _attend(self, states: Tensor) -> Tensor:
        """Squares of patches (squares, side, side, width), each attending to itself."""
        count, side, _, width = states.shape
        projected = self._layer.attn.qkv(states).view(count, side * side, 3, self._heads, -1)
        query, key, value = projected.permute(2, 0, 3, 1, 4)
        head_size = query.shape[-1]
        if self._relative is not None:
            query, key = self._folded(query, key, side)
            # The fast kernels want vectors of one length.
            value = F.pad(value, (0, query.shape[-1] - head_size))
        else:
            query = query * self._scale
        mixed = F.scaled_dot_product_attention(query, key, value, scale=1.0)[..., :head_size]
        mixed = mixed.transpose(1, 2).reshape(count, side, side, width)
        out: Tensor = self._layer.attn.proj(mixed)
        return out

    def _folded(self, query: Tensor, key: Tensor, side: int) -> tuple[Tensor, Tensor]:
        """Query and key (squares, heads, patches, head size), with relative positions in them."""
        assert self._relative is not None
        rel_h, rel_w = self._relative
        grid = query.reshape(*query.shape[:2], side, side, -1)
        rows = torch.einsum("bnhwc,hkc->bnhwk", grid, rel_h).flatten(2, 3)
        columns = torch.einsum("bnhwc,wkc->bnhwk", grid, rel_w).flatten(2, 3)
        places = self._places.expand(*key.shape[:2], -1, -1)
        return (
            torch.cat((query * self._scale, rows, columns), dim=-1),
            torch.cat((key, places), dim=-1),
        )


def _one_hot_places(side: int, like: Tensor) -> Tensor:
    """(patches, 2 · side): each patch's row and column, one-hot, in the format of ``like``."""
    one = torch.eye(side, device=like.device, dtype=like.dtype)
    rows = one.repeat_interleave(side, dim=0)
    columns = one.repeat(side, 1)
    return torch.cat((rows, columns), dim=1)
