"""Tiles → the embeddings that stand in the prompt for them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from got_loaders.engine.attention import VisionLayer
from got_loaders.engine.preprocess import Tiles

__all__ = ["VisionEncoder"]

_MICRO_BATCH_BYTES = 1 << 30
"""What the widest arrays of a micro-batch may take together; at full size and in float32 a tile has
about 0.2 GB of them (queries, keys, values and the MLP's inner states)."""


class VisionEncoder:
    """The vision tower and the projector of one model, in micro-batches that fit the memory."""

    def __init__(
        self, model: Any, *, mean: tuple[float, ...], std: tuple[float, ...], scale: float
    ) -> None:
        self._tower = model.model.vision_tower
        self._project = model.model.multi_modal_projector
        config = model.config.vision_config
        side = config.image_size // config.patch_size
        self._layers = [VisionLayer(layer, side) for layer in self._tower.layers]
        weight = self._tower.patch_embed.projection.weight
        self._device, dtype = weight.device, weight.dtype
        self._table = pixel_table(mean, std, scale).to(device=self._device, dtype=dtype)
        self._micro_batch = _micro_batch(config, weight.element_size())

    def encode(self, tiles: Tiles) -> Tensor:
        """uint8 (tiles, size, size, 3) → embeddings (tiles, tokens a tile, decoder width)."""
        return torch.cat(
            [
                self._encode(self.pixels(tiles[start : start + self._micro_batch]))
                for start in range(0, len(tiles), self._micro_batch)
            ]
        )

    def pixels(self, tiles: Tiles) -> Tensor:
        """uint8 (tiles, size, size, 3) → what the tower is shown: (tiles, 3, size, size)."""
        values = torch.from_numpy(tiles).to(self._device).int()
        channels = [self._table[channel][values[..., channel]] for channel in range(3)]
        return torch.stack(channels, dim=1)

    def _encode(self, pixels: Tensor) -> Tensor:
        hidden = self._tower.patch_embed(pixels)
        if self._tower.pos_embed is not None:
            hidden = hidden + self._tower.pos_embed
        for layer in self._layers:
            hidden = layer(hidden)
        embeddings: Tensor = self._project(self._tower.neck(hidden))
        return embeddings


def pixel_table(mean: tuple[float, ...], std: tuple[float, ...], scale: float) -> Tensor:
    """(3, 256): every value that a channel can have, normalised.

    In the reference's steps and number formats, so that looking up gives the same bits: rescaled
    in float64, the rest in float32.
    """
    values = (torch.arange(256, dtype=torch.float64) * scale).float()
    return (values - torch.tensor(mean)[:, None]) / torch.tensor(std)[:, None]


def _micro_batch(config: Any, element_size: int) -> int:
    """How many tiles are encoded at once."""
    patches = (config.image_size // config.patch_size) ** 2
    folded = config.hidden_size + 2 * config.num_attention_heads * (
        config.image_size // config.patch_size
    )
    per_tile = patches * (3 * folded + config.mlp_dim) * element_size
    return max(1, int(_MICRO_BATCH_BYTES // per_tile))
