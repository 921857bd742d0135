"""The vision tower gives what transformers' gives, without its matrix of logits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from got_loaders.engine.config import EngineConfig
from got_loaders.engine.loader import LoadedModel, load_model
from got_loaders.engine.preprocess import Tiles
from got_loaders.engine.vision import VisionEncoder

SEED = 5


@pytest.fixture
def loaded(checkpoint: Path) -> LoadedModel:
    return load_model(EngineConfig(model=str(checkpoint), dtype="float32"), "cpu")


def encoder_of(loaded: LoadedModel) -> VisionEncoder:
    return VisionEncoder(loaded.model, mean=loaded.mean, std=loaded.std, scale=loaded.scale)


def noise(count: int, size: int) -> Tiles:
    return np.random.default_rng(SEED).integers(0, 256, (count, size, size, 3), dtype=np.uint8)


@torch.inference_mode()
def test_embeddings_equal_transformers(loaded: LoadedModel) -> None:
    """Windows that fit or don't, global attention, any number of tiles: equal but for rounding."""
    encoder = encoder_of(loaded)
    tiles = noise(3, loaded.image_size)
    ours = encoder.encode(tiles)
    theirs = loaded.model.get_image_features(encoder.pixels(tiles)).pooler_output
    assert ours.shape == theirs.shape
    assert ((ours - theirs).norm() / theirs.norm()).item() < 1e-5


@torch.inference_mode()
def test_relative_positions_matter(loaded: LoadedModel) -> None:
    """The comparison would notice positions that are left out or swapped."""
    tiles = noise(1, loaded.image_size)
    before = encoder_of(loaded).encode(tiles)
    for layer in loaded.model.model.vision_tower.layers:
        layer.attn.rel_pos_h.zero_()
    after = encoder_of(loaded).encode(tiles)
    assert ((after - before).norm() / before.norm()).item() > 1e-3


@torch.inference_mode()
def test_micro_batches_change_nothing(loaded: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiles that are encoded one by one give what they give together."""
    tiles = noise(3, loaded.image_size)
    together = encoder_of(loaded).encode(tiles)
    monkeypatch.setattr("got_loaders.engine.vision._MICRO_BATCH_BYTES", 1)
    apart = encoder_of(loaded).encode(tiles)
    assert torch.allclose(together, apart, atol=1e-4, rtol=1e-4)
