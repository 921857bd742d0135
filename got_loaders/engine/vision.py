"""Tiles → the embeddings that stand in the prompt for them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from got_loaders.engine.preprocess import Tiles

__all__ = ["VisionEncoder"]

_ATTENTION_BYTES = 1 << 30
"""What the attention logits of one micro-batch may take; at full size a tile has 0.8 GB of them in
float32, and transformers holds about three such arrays at a time."""


class VisionEncoder:
    """The vision tower and the projector of one model, in micro-batches that fit the memory."""

    def __init__(
        self, model: Any, *, mean: tuple[float, ...], std: tuple[float, ...], scale: float
    ) -> None:
        self._model = model.model
        weight = model.model.vision_tower.patch_embed.projection.weight
        self._device, self._dtype = weight.device, weight.dtype
        # Every value a channel can have, normalised in the reference's steps and number formats,
        # so that looking up gives the same bits: rescaled in float64, the rest in float32.
        values = (torch.arange(256, dtype=torch.float64) * scale).float()
        table = (values - torch.tensor(mean)[:, None]) / torch.tensor(std)[:, None]
        self._table = table.to(device=self._device, dtype=self._dtype)
        self._micro_batch = _micro_batch(model.config.vision_config, weight.element_size())

    def encode(self, tiles: Tiles) -> Tensor:
        """uint8 (tiles, size, size, 3) → embeddings (tiles, tokens a tile, decoder width)."""
        return torch.cat(
            [
                self._encode(tiles[start : start + self._micro_batch])
                for start in range(0, len(tiles), self._micro_batch)
            ]
        )

    def _encode(self, tiles: Tiles) -> Tensor:
        values = torch.from_numpy(tiles).to(self._device).int()
        channels = [self._table[channel][values[..., channel]] for channel in range(3)]
        output = self._model.get_image_features(pixel_values=torch.stack(channels, dim=1))
        embeddings: Tensor = output.pooler_output
        return embeddings


def _micro_batch(config: Any, element_size: int) -> int:
    """How many tiles are encoded at once: their largest attention must fit ``_ATTENTION_BYTES``."""
    patches = (config.image_size // config.patch_size) ** 2
    keys = patches if config.global_attn_indexes else config.window_size**2
    per_tile = config.num_attention_heads * patches * keys * element_size
    return max(1, int(_ATTENTION_BYTES // per_tile))
