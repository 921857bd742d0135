"""The two losses that exist in training only: which character stands where, and where to look.

Both are possible because we draw the pages ourselves and know where every character is.
Neither leaves a weight in the checkpoint.
"""

from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import nn
from torch.nn.functional import cross_entropy, linear, pad

from .tokenizer import TOKENS_PER_SIDE, VOCABULARY, VOCABULARY_SIZE

NEWLINE_ID = VOCABULARY["\n"]
SLOT_ROWS, SLOT_COLUMNS = 4, 8
"""Slots of a visual token's 32 × 32 pixels: one character at most stands in 8 × 4 pixels."""


class GlyphHead(nn.Module):
    """Reads from a visual token's feature which character stands in each of its 32 slots."""

    def __init__(self, width: int, hidden: int = 48) -> None:
        super().__init__()
        slots = SLOT_ROWS * SLOT_COLUMNS
        self.slot = nn.Parameter(torch.randn(slots, width, hidden) * width**-0.5)
        self.cls = nn.Linear(hidden, VOCABULARY_SIZE)

    def forward(
        self, features: torch.Tensor, glyphs: torch.Tensor, labelled: torch.Tensor
    ) -> tuple[torch.Tensor, float]:
        """The loss and the share of characters recognised, over all glyphs and some blank slots.

        `features` (images, 256, width); `glyphs` and `labelled` as in `Batch`.
        """
        places = torch.cat([glyphs, _random_slots(glyphs, labelled, len(features))])
        image, row, column, target = places.unbind(1)
        slot = row % SLOT_ROWS * SLOT_COLUMNS + column % SLOT_COLUMNS
        order = torch.argsort(slot)
        token = row // SLOT_ROWS * TOKENS_PER_SIDE + column // SLOT_COLUMNS
        chosen, target = features[image, token][order], target[order]
        counts = torch.bincount(slot, minlength=len(self.slot)).tolist()
        hidden = torch.cat(
            [
                part @ weight.to(part.dtype)
                for part, weight in zip(torch.split(chosen, counts), self.slot, strict=True)
            ]
        )
        weight, bias = self.cls.weight.to(hidden.dtype), self.cls.bias.to(hidden.dtype)
        logits = linear(hidden, weight, bias).float()
        inked = target > 0
        right = (logits.argmax(-1) == target)[inked].float().mean().item()
        return cross_entropy(logits, target), right


def _random_slots(glyphs: torch.Tensor, labelled: torch.Tensor, images: int) -> torch.Tensor:
    """A third as many slots anywhere, nearly all of them blank, with what stands there."""
    side = TOKENS_PER_SIDE
    device = glyphs.device
    standing = torch.zeros(
        images, side * SLOT_ROWS, side * SLOT_COLUMNS, dtype=torch.int64, device=device
    )
    standing[glyphs[:, 0], glyphs[:, 1], glyphs[:, 2]] = glyphs[:, 3]
    count = max(1, len(glyphs) // 3)
    image = labelled[torch.randint(len(labelled), (count,), device=device)]
    row = torch.randint(side * SLOT_ROWS, (count,), device=device)
    column = torch.randint(side * SLOT_COLUMNS, (count,), device=device)
    return torch.stack([image, row, column, standing[image, row, column]], 1)


@dataclass(frozen=True, slots=True)
class Pointer:
    """A head of a decoder layer that is to look at the current or at the next character."""

    layer: int
    head: int
    at: Literal["current", "next"]


POINTERS = (Pointer(1, 0, "current"), Pointer(2, 0, "next"), Pointer(4, 0, "next"))
LINE_BREAK_WEIGHT = 3.0
"""A missed line start costs a whole line, so pointing to one counts as much as three characters."""


class PointerLoss:
    """Teaches the pointers; recomputes the scores of their heads from the layers' inputs."""

    def __init__(self, decoder: Any, pointers: tuple[Pointer, ...] = POINTERS) -> None:
        self.pointers = pointers
        self._inputs: dict[int, tuple[Any, torch.Tensor, Any]] = {}
        for layer in {pointer.layer for pointer in pointers}:
            attention = decoder.layers[layer].self_attn
            attention.register_forward_pre_hook(self._keep(layer), with_kwargs=True)

    def __call__(
        self, ids: torch.Tensor, sources: torch.Tensor, start: int
    ) -> tuple[torch.Tensor, list[float]]:
        """The loss over positions from `start` on, and the share of right looks by pointer.

        Call it after the forward pass of the decoder on `ids`; `sources` as in `Batch`.
        """
        losses, shares = [], []
        breaks = ids == NEWLINE_ID
        for pointer in self.pointers:
            scores = self._scores(pointer, start)
            ahead = pointer.at == "next"
            target = _shifted(sources, start, ahead, -1)
            is_break = _shifted(breaks, start, ahead, 0)
            known = target >= 0
            each = cross_entropy(scores[known], target[known], reduction="none")
            weight = torch.where(is_break[known].bool(), LINE_BREAK_WEIGHT, 1.0)
            losses.append((each * weight).sum() / weight.sum())
            shares.append((scores[known].argmax(-1) == target[known]).float().mean().item())
        return torch.stack(losses).mean(), shares

    def _keep(self, layer: int) -> Any:
        def hook(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            hidden = kwargs["hidden_states"] if "hidden_states" in kwargs else args[0]
            self._inputs[layer] = (module, hidden, kwargs["position_embeddings"])

        return hook

    def _scores(self, pointer: Pointer, start: int) -> torch.Tensor:
        """Causal attention logits of one head, (batch, positions from start, all positions)."""
        attention, hidden, (cos, sin) = self._inputs[pointer.layer]
        size = attention.head_dim
        own = slice(pointer.head * size, (pointer.head + 1) * size)
        query, key = (
            linear(hidden, projection.weight[own], projection.bias[own])
            for projection in (attention.q_proj, attention.k_proj)
        )
        query, key = _turned(query, cos, sin)[:, start:], _turned(key, cos, sin)
        scores = (query @ key.transpose(1, 2)).float() * size**-0.5
        position = torch.arange(hidden.shape[1], device=hidden.device)
        later = position[None] > position[start:, None]
        return torch.where(later, -1e9, scores)


def reading_loss(
    logits: torch.Tensor, targets: torch.Tensor, previous: torch.Tensor
) -> torch.Tensor:
    """Cross-entropy of the answer's tokens; the first of a line counts double."""
    each = cross_entropy(logits, targets, reduction="none")
    weight = torch.where(previous == NEWLINE_ID, 2.0, 1.0)
    return (each * weight).sum() / weight.sum()


def _shifted(values: torch.Tensor, start: int, ahead: bool, filler: int) -> torch.Tensor:
    if not ahead:
        return values[:, start:]
    return pad(values[:, start + 1 :].to(torch.int64), (0, 1), value=filler)


def _turned(states: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """Rotary positions, as Qwen2 applies them."""
    left, right = states.chunk(2, -1)
    turned: torch.Tensor = states * cos + torch.cat([-right, left], -1) * sin
    return turned
