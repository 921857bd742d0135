"""Requests' tiles → embeddings. A tile that was seen lately is not encoded again.

Many boxes or colours of one page are as many requests with the same tiles, and a page is often
asked about more than once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor

from got_loaders.engine.device.device import stack_to_device
from got_loaders.engine.model.vision_tower import VisionTower
from got_loaders.engine.processor.preprocess import ModelInput, Tiles

__all__ = ["PixelNormalizer", "VisionEncoder"]

_CACHE_BYTES = 16 << 20
"""What embeddings kept for later calls may take; a full-size tile has 1 MiB of them in float32."""

_MICRO_BATCH_BYTES = 1 << 30
"""What the widest arrays of a micro-batch may take together; at full size and in float32 a tile has
about 0.2 GB of them (queries, keys, values and the MLP's inner states)."""


class VisionEncoder:
    """The vision tower and the projector of one model; used by the engine's thread only.

    It takes over the vision part of ``model``, which can't be called by others afterwards.
    ``cache_bytes`` bounds the embeddings that are kept on the device for later calls.
    """

    def __init__(
        self,
        model: Any,
        *,
        mean: tuple[float, ...],
        std: tuple[float, ...],
        scale: float,
        cache_bytes: int = _CACHE_BYTES,
    ) -> None:
        weight = model.model.vision_tower.patch_embed.projection.weight
        self._micro_batch = _micro_batch(model.config.vision_config, weight)
        self._normalize = PixelNormalizer(mean, std, scale, like=weight)
        self._tower = VisionTower(model)
        self._cache = _EmbeddingCache(cache_bytes)

    def encode(self, inputs: Sequence[ModelInput]) -> Tensor:
        """The embeddings of all tiles in order: (tiles, tokens a tile, decoder width).

        Tiles of equal digests are encoded once, and not at all while they are kept.
        """
        keys = [digest for item in inputs for digest in item.digests]
        tiles = dict(zip(keys, (tile for item in inputs for tile in item.tiles), strict=True))
        embeddings = self._cache.get(keys)
        missing = [key for key in tiles if key not in embeddings]
        for start in range(0, len(missing), self._micro_batch):
            batch = missing[start : start + self._micro_batch]
            encoded = self._tower(self._normalize([tiles[key] for key in batch]))
            embeddings.update(zip(batch, encoded, strict=True))
        self._cache.put(embeddings)
        return torch.stack([embeddings[key] for key in keys])


class PixelNormalizer:
    """Normalises tiles: ``(value · scale - mean) / std``.

    In the reference's steps and number formats, so that the floats are the same bits: rescaled in
    float64, the rest in float32.
    """

    def __init__(
        self, mean: tuple[float, ...], std: tuple[float, ...], scale: float, *, like: Tensor
    ) -> None:
        """The pixels come in the number format and on the device of ``like``."""
        self._mean, self._std, self._scale = torch.tensor(mean), torch.tensor(std), scale
        self._device, self._dtype = like.device, like.dtype
        every_value = torch.arange(256, dtype=torch.uint8)[:, None].expand(256, 3)
        self._table = self.compute(every_value.reshape(1, 1, 256, 3)).view(256, 3).to(like.device)

    def __call__(self, tiles: Sequence[Tiles]) -> Tensor:
        """uint8, each (size, size, 3) → (tiles, size, size, 3); queued on a GPU, not waited for."""
        values = stack_to_device(tiles, self._device)
        return self.compute(values) if self._device.type == "cpu" else self.lookup(values)

    def compute(self, values: Tensor) -> Tensor:
        """The fastest on the CPU, over whole rows: three channels are too short for its vectors."""
        size = values.shape[2]
        scaled = values.flatten(2).double().mul_(self._scale).float()
        normal = scaled.sub_(self._mean.repeat(size)).div_(self._std.repeat(size))
        return normal.view(values.shape).to(self._dtype)

    def lookup(self, values: Tensor) -> Tensor:
        """The same where there may be no float64, and the same bits whatever the device."""
        channels = [self._table[:, channel][values[..., channel].int()] for channel in range(3)]
        return torch.stack(channels, dim=-1)


class _EmbeddingCache:
    """The embeddings of the tiles that were used last, up to a number of bytes."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._embeddings: OrderedDict[bytes, Tensor] = OrderedDict()

    def get(self, keys: Iterable[bytes]) -> dict[bytes, Tensor]:
        """The embeddings that are here, of those tiles."""
        return {key: self._embeddings[key] for key in keys if key in self._embeddings}

    def put(self, embeddings: dict[bytes, Tensor]) -> None:
        """Keep these and forget those used longest ago, where the room is short."""
        for key, embedding in embeddings.items():
            if key not in self._embeddings:
                self._embeddings[key] = embedding.clone()
                self._bytes += embedding.nbytes
            self._embeddings.move_to_end(key)
        while self._bytes > self._max_bytes:
            self._bytes -= self._embeddings.popitem(last=False)[1].nbytes


def _micro_batch(config: Any, weight: Tensor) -> int:
    """How many tiles are encoded at once.

    On the CPU one: more go through its caches no faster, and a tile's embeddings are then the same
    bits in whatever company it came. On Apple's GPUs one, too: it keeps them busy, their memory is
    the whole machine's, and an array of more than 4 GiB ends the process.
    """
    if weight.device.type != "cuda":
        return 1
    patches = (config.image_size // config.patch_size) ** 2
    folded = config.hidden_size + 2 * config.num_attention_heads * (
        config.image_size // config.patch_size
    )
    per_tile = patches * (3 * folded + config.mlp_dim) * weight.element_size()
    return max(1, int(_MICRO_BATCH_BYTES // per_tile))
