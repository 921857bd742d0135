"""The vision tower's attention without its matrix of logits.

SAM's decomposed relative positions (Li et al., MViTv2, 2022) add ``rel_h(q)[row of the key] +
rel_w(q)[column of the key]`` to each logit. That sum is linear in one-hot vectors of the key's row
and column, so it folds into the dot product of longer vectors::

    q' = [q · scale, rel_h(q), rel_w(q)]      k' = [k, onehot(row), onehot(column)]

and plain attention over q', k' and v, without a bias, is the same function. The matrix, 4096 × 4096
for each head of a full-size tile, is then never written to memory: torch's fused kernel takes the
folded vectors. Where torch has none for them it would write the matrix after all, and on a CPU with
packed products (see ``linear``) other forms are faster. There a few windows at a time are batched
products, and a whole grid is read by blocks of queries, whose logits are few and stay in the cache.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own custom
from torch import Tensor

from got_loaders.engine.device.attention import has_fused_attention
from got_loaders.engine.model.linear import Linear, uses_onednn

__all__ = [
    "Attention",
    "blocked_attention",
    "fused_attention",
    "make_attention",
    "windowed_attention",
]

_CACHE_BYTES = 8 << 20
"""What the logits that are computed at once may take, so that they stay in a processor's cache.
With half of it there are twice as many steps, hardly faster, at whose ends the threads wait for
each other: long, if other programs keep them from their cores."""

_GPU_BYTES = 64 << 20
"""The same on a GPU without a fused kernel: the logits of one head of a full-size tile. All heads
of 13 tiles are 5 GB in float16, and an array of more than 4 GiB ends the process on Apple's GPUs.
"""

_LARGE = 1024
"""From so many patches on, a square's logits are large, and so would be a table of positions for
each of its places."""

Attention = Callable[[Tensor], Tensor]
"""Queries, keys and values (squares, side, side, 3 · width), of squares of patches that attend to
themselves → (squares, side, side, width), in the same number format."""


def make_attention(module: Any, side: int) -> Attention:
    """The fastest form of ``module``, transformers' attention, for squares of ``side`` patches.

    It is chosen by what the device can do and by the square's size, not by a measurement.
    """
    if _fused_is_best(module, side):
        return fused_attention(module, side)
    form = blocked_attention if side * side >= _LARGE else windowed_attention
    return form(module, side)


def _fused_is_best(module: Any, side: int) -> bool:
    weight = module.qkv.weight
    if weight.device.type == "cpu":
        return not uses_onednn(weight.device, torch.float32)
    folded = weight.shape[0] // (3 * module.num_attention_heads) + 2 * side * module.use_rel_pos
    return has_fused_attention(weight.new_empty(1, 1, side * side, folded))


def fused_attention(module: Any, side: int) -> Attention:
    """All squares at once with torch's fused kernel, on any device."""
    shape = _AttentionShape(module, side, module.qkv.weight.dtype)

    def attend(projected: Tensor) -> Tensor:
        query, key, value = shape.fold(projected)
        # The fused kernels want vectors of one length.
        value = F.pad(value, (0, query.shape[-1] - value.shape[-1]))
        mixed = F.scaled_dot_product_attention(query, key, value, scale=1.0)
        return shape.merge_heads(mixed[..., : shape.head_size])

    return attend


def windowed_attention(module: Any, side: int) -> Attention:
    """A few small squares at a time as batched products, in float32."""
    shape = _AttentionShape(module, side, torch.float32)
    max_squares = max(1, _logits_bytes(module) // (4 * shape.heads * side**4))

    def attend(projected: Tensor) -> Tensor:
        outputs = [attend_group(group.float()) for group in torch.split(projected, max_squares)]
        return (torch.cat(outputs) if len(outputs) > 1 else outputs[0]).to(projected.dtype)

    def attend_group(projected: Tensor) -> Tensor:
        query, key, value = shape.fold(projected)
        return shape.merge_heads(_softmax(query @ key.transpose(-1, -2)) @ value)

    return attend


def blocked_attention(module: Any, side: int) -> Attention:
    """A large square head by head and by blocks of queries, in float32.

    The keys and the values of a head are laid out for packed products, where there are such. The
    positions are added to the logits: while these are in the cache, that is faster than products of
    longer vectors.
    """
    shape = _AttentionShape(module, side, torch.float32)
    block = max(1, _logits_bytes(module) // (4 * side * side))

    def attend(projected: Tensor) -> Tensor:
        return torch.stack([attend_square(square[None].float()) for square in projected]).to(
            projected.dtype
        )

    def attend_square(projected: Tensor) -> Tensor:
        query, key, value = (part[0] for part in shape.split(projected))
        terms = None if shape.positions is None else shape.positions(query[None])[0]
        query = query * shape.scale
        mixed = torch.empty_like(query)
        for head in range(shape.heads):
            keys, values = _linear_of(key[:, head]), _linear_of(value[:, head].T)
            for start in range(0, side * side, block):
                at = slice(start, start + block)
                weights = keys(query[at, head])
                if terms is not None:
                    _add_positions(weights, terms[head, at])
                mixed[at, head] = values(_softmax(weights))
        return mixed.view(side, side, -1)

    return attend


class _AttentionShape:
    """The sizes of one attention, and its relative positions, if it has any."""

    def __init__(self, module: Any, side: int, dtype: torch.dtype) -> None:
        self.side = side
        self.heads: int = module.num_attention_heads
        self.head_size: int = module.qkv.weight.shape[0] // (3 * self.heads)
        self.scale: float = module.scale
        self.positions = _RelativePositions(module, side, dtype) if module.use_rel_pos else None

    def split(self, projected: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values, each (squares, patches, heads, head size)."""
        parts = projected.reshape(-1, self.side**2, 3, self.heads, self.head_size).unbind(2)
        return parts[0], parts[1], parts[2]

    def fold(self, projected: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The same as (squares, heads, patches, …), with relative positions in the first two."""
        query, key, value = (part.transpose(1, 2) for part in self.split(projected))
        if self.positions is None:
            return query * self.scale, key, value
        one_hot = self.positions.one_hot
        longer = query.new_empty(*query.shape[:-1], self.head_size + one_hot.shape[-1])
        torch.mul(query, self.scale, out=longer[..., : self.head_size])
        longer[..., self.head_size :] = self.positions(query.transpose(1, 2))
        return longer, torch.cat((key, one_hot.expand(*key.shape[:2], -1, -1)), dim=-1), value

    def merge_heads(self, mixed: Tensor) -> Tensor:
        """(squares, heads, patches, head size) → (squares, side, side, width)."""
        return mixed.transpose(1, 2).reshape(len(mixed), self.side, self.side, -1)


class _RelativePositions:
    """The terms that a square's relative positions add to the logits."""

    @torch.inference_mode()
    def __init__(self, module: Any, side: int, dtype: torch.dtype) -> None:
        rows = module.get_rel_pos(side, side, module.rel_pos_h).to(dtype)
        columns = module.get_rel_pos(side, side, module.rel_pos_w).to(dtype)
        self._rows, self._columns = rows.contiguous(), columns.contiguous()
        self.one_hot = _one_hot_positions(side, like=self._rows)
        """(patches, 2 · side): each patch's row and column, one-hot."""
        self._tables: Tensor | None = None
        if side * side < _LARGE:
            tables = torch.cat((rows.repeat_interleave(side, 0), columns.repeat(side, 1, 1)), 1)
            self._tables = tables.transpose(1, 2).contiguous()

    def __call__(self, query: Tensor) -> Tensor:
        """The terms of each row and column: (squares, patches, heads, head size) → (squares,
        heads, patches, 2 · side).
        """
        if self._tables is not None:
            return torch.einsum("bphd,pdk->bhpk", query, self._tables)
        side = len(self._rows)
        grid = query.reshape(-1, side, side, *query.shape[2:])
        rows = torch.einsum("brchd,rkd->bhrck", grid, self._rows)
        columns = torch.einsum("brchd,ckd->bhrck", grid, self._columns)
        return torch.cat((rows, columns), dim=-1).flatten(2, 3)


def _one_hot_positions(side: int, *, like: Tensor) -> Tensor:
    identity = torch.eye(side, device=like.device, dtype=like.dtype)
    return torch.cat((identity.repeat_interleave(side, dim=0), identity.repeat(side, 1)), dim=1)


def _logits_bytes(module: Any) -> int:
    """What the logits that are computed at once may take where ``module`` is."""
    return _CACHE_BYTES if module.qkv.weight.device.type == "cpu" else _GPU_BYTES


def _softmax(logits: Tensor) -> Tensor:
    """On the CPU in place, in its cache; not every device's kernel may write where it reads."""
    if logits.device.type == "cpu":
        return torch.softmax(logits, -1, out=logits)
    return logits.softmax(-1)


def _linear_of(weight: Tensor) -> Linear:
    """Products with ``weight`` (out, in), which is no model's."""
    return Linear(SimpleNamespace(weight=weight.contiguous(), bias=None))


def _add_positions(logits: Tensor, terms: Tensor) -> None:
    """Add (queries, 2 · side) to the logits (queries, side · side) in place."""
    rows, columns = terms.chunk(2, dim=-1)
    grid = logits.view(len(logits), rows.shape[1], columns.shape[1])
    grid += rows[:, :, None]
    grid += columns[:, None, :]
