"""The vision tower gives what transformers' gives, and what was encoded is not encoded again."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
import torch
from torch import Tensor

from got_loaders.engine.config import EngineConfig
from got_loaders.engine.model import vision_attention as attention
from got_loaders.engine.model.checkpoint import TINY
from got_loaders.engine.model.linear import uses_onednn
from got_loaders.engine.model.loader import LoadedModel, load_model
from got_loaders.engine.model.vision_attention import (
    Attention,
    blocked_attention,
    fused_attention,
    make_attention,
    windowed_attention,
)
from got_loaders.engine.model.vision_encoder import VisionEncoder
from got_loaders.engine.model.vision_tower import VisionTower
from got_loaders.engine.processor.preprocess import ModelInput, Tiles
from got_loaders.errors import EngineError

SEED = 5


@pytest.fixture
def loaded(checkpoint: Path) -> LoadedModel:
    return load_model(EngineConfig(model=str(checkpoint), dtype="float32"), "cpu")


@pytest.fixture
def tiny() -> LoadedModel:
    return load_model(EngineConfig(model=str(TINY), dtype="float32"), "cpu")


def request_of(tiles: Tiles, *digests: bytes) -> ModelInput:
    return ModelInput(tiles, (), digests)


def new_request(tiles: Tiles) -> ModelInput:
    """Tiles that no encoder has seen."""
    return request_of(tiles, *(uuid4().bytes for _ in tiles))


def encoder_of(loaded: LoadedModel, **options: Any) -> VisionEncoder:
    """An encoder of its own model: it takes the weights over."""
    model = copy.deepcopy(loaded.model)
    return VisionEncoder(model, mean=loaded.mean, std=loaded.std, scale=loaded.scale, **options)


def noise(count: int, size: int, *, seed: int = SEED) -> Tiles:
    return np.random.default_rng(seed).integers(0, 256, (count, size, size, 3), dtype=np.uint8)


def pixels_of(loaded: LoadedModel, tiles: Tiles) -> Tensor:
    """Normalised: (tiles, size, size, 3)."""
    values = torch.from_numpy(tiles).float() * loaded.scale
    pixels: Tensor = (values - torch.tensor(loaded.mean)) / torch.tensor(loaded.std)
    return pixels


def theirs(loaded: LoadedModel, tiles: Tiles) -> Tensor:
    """What transformers' tower and projector make of the tiles."""
    pixels = pixels_of(loaded, tiles).permute(0, 3, 1, 2).to(loaded.model.dtype)
    embeddings: Tensor = loaded.model.get_image_features(pixels).pooler_output
    return embeddings


def difference(ours: Tensor, expected: Tensor) -> float:
    assert ours.shape == expected.shape
    return float((ours.float() - expected.float()).norm() / expected.float().norm())


@pytest.mark.parametrize("packed", [True, False])
@torch.inference_mode()
def test_embeddings_equal_transformers(
    loaded: LoadedModel, packed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows that fit or don't, global attention, with packed weights or without: but for rounding
    the same."""
    if not packed:
        monkeypatch.setattr(torch.backends.mkldnn, "enabled", False)
    tiles = noise(3, loaded.image_size)
    ours = encoder_of(loaded).encode([new_request(tiles)])
    assert difference(ours, theirs(loaded, tiles)) < 1e-5


@torch.inference_mode()
def test_tiles_together_are_as_one_by_one(loaded: LoadedModel) -> None:
    """A micro-batch of several tiles, as a GPU has them, gives what each tile gives."""
    tower = VisionTower(copy.deepcopy(loaded.model))
    pixels = pixels_of(loaded, noise(3, loaded.image_size))
    apart = torch.cat([tower(one) for one in torch.split(pixels, 1)])
    assert difference(tower(pixels), apart) < 1e-5


@torch.inference_mode()
def test_company_changes_no_bit(loaded: LoadedModel) -> None:
    """On the CPU a tile's embeddings are the same bits alone and among others."""
    encoder, tiles = encoder_of(loaded), noise(3, loaded.image_size)
    together = encoder.encode([new_request(tiles)])
    alone = encoder.encode([new_request(tiles[2:])])
    assert torch.equal(together[2:], alone)


@torch.inference_mode()
def test_relative_positions_matter(loaded: LoadedModel) -> None:
    """The comparison would notice positions that are left out or swapped."""
    inputs = [new_request(noise(1, loaded.image_size))]
    before = encoder_of(loaded).encode(inputs)
    for layer in loaded.model.model.vision_tower.layers:
        layer.attn.rel_pos_h.zero_()
    after = encoder_of(loaded).encode(inputs)
    assert difference(after, before) > 1e-3


@torch.inference_mode()
def test_bfloat16_is_no_further_off_than_transformers(checkpoint: Path) -> None:
    """In bfloat16 the embeddings are as near to float32's as transformers' in bfloat16 are."""
    tiles = noise(1, 512 if checkpoint == TINY else 256)
    exact = theirs(load_model(EngineConfig(model=str(checkpoint), dtype="float32"), "cpu"), tiles)
    half = load_model(EngineConfig(model=str(checkpoint), dtype="bfloat16"), "cpu")
    ours = encoder_of(half).encode([new_request(tiles)])
    assert ours.dtype is torch.bfloat16
    assert difference(ours, exact) < 1.1 * difference(theirs(half, tiles), exact)


def test_another_activation_is_refused(tiny: LoadedModel) -> None:
    """A tower that isn't ours to compute fails with its reason, and is not computed wrongly."""
    tiny.model.config.vision_config.hidden_act = "relu"
    with pytest.raises(EngineError, match="'relu'"):
        encoder_of(tiny)


@pytest.mark.parametrize("form", [fused_attention, windowed_attention, blocked_attention])
@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("layer", [0, 1])
@torch.inference_mode()
def test_every_form_of_attention_is_the_same_function(
    random_folder: Path, form: Any, relative: bool, layer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fused, batched, and in blocks that don't divide the square: windows and whole grids."""
    model = load_model(EngineConfig(model=str(random_folder), dtype="float32"), "cpu").model
    module = model.model.vision_tower.layers[layer].attn
    module.use_rel_pos = relative
    side = (14, 32)[layer]
    monkeypatch.setattr(attention, "_CACHE_BYTES", 4 * side * side * 30)
    attend: Attention = form(module, side)
    states = torch.randn(3, side, side, 48, generator=torch.Generator().manual_seed(SEED))
    expected = module(states)[0]
    assert difference(module.proj(attend(module.qkv(states))), expected) < 1e-5


@pytest.mark.parametrize(
    ("packed", "layer", "form"),
    [(True, 0, windowed_attention), (True, 1, blocked_attention), (False, 1, fused_attention)],
)
def test_the_form_follows_the_size_and_the_device(
    random_folder: Path, packed: bool, layer: int, form: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With packed products windows are batched and whole grids blocked; else both are fused."""
    if packed and not uses_onednn(torch.device("cpu"), torch.float32):
        pytest.skip("this machine's torch has no packed products")
    monkeypatch.setattr(torch.backends.mkldnn, "enabled", packed)
    model = load_model(EngineConfig(model=str(random_folder), dtype="float32"), "cpu").model
    attend: Any = make_attention(model.model.vision_tower.layers[layer].attn, (14, 32)[layer])
    assert attend.__qualname__.startswith(form.__name__)


class Counting:
    """A tower that counts the tiles it is shown."""

    def __init__(self, encoder: VisionEncoder) -> None:
        self._tower = encoder._tower
        self.seen = 0
        encoder._tower = self  # type: ignore[assignment]  # what is called is called the same

    def __call__(self, pixels: Tensor) -> Tensor:
        self.seen += len(pixels)
        return self._tower(pixels)


@torch.inference_mode()
def test_equal_tiles_are_encoded_once(tiny: LoadedModel) -> None:
    """Requests about one image cost one pass of the tower, in one call and in the next."""
    encoder = encoder_of(tiny)
    counting = Counting(encoder)
    a, b = noise(1, 512, seed=1), noise(1, 512, seed=2)
    both = np.concatenate([b, a])
    expected = encoder.encode([new_request(a), new_request(b)])
    counting.seen = 0
    requests = [request_of(a, b"a"), request_of(both, b"b", b"a"), request_of(a, b"a")]
    for _ in range(2):
        assert torch.equal(encoder.encode(requests), expected[[0, 1, 0, 0]])
        assert counting.seen == 2


@torch.inference_mode()
def test_what_is_kept_is_bounded(tiny: LoadedModel) -> None:
    """The tiles that were used longest ago are forgotten; an embedding too large is not kept."""
    size = 256 * 192 * 4
    encoder = encoder_of(tiny, cache_bytes=2 * size + 1)
    counting = Counting(encoder)
    requests = [request_of(noise(1, 512, seed=seed), bytes([seed])) for seed in range(3)]
    encoder.encode(requests[:2])
    encoder.encode(requests[:1])  # used again: 1 is the oldest now
    encoder.encode(requests[2:])
    counting.seen = 0
    encoder.encode([requests[0], requests[2]])
    assert counting.seen == 0
    encoder.encode(requests[1:2])
    assert counting.seen == 1
    small = encoder_of(tiny, cache_bytes=size - 1)
    counting = Counting(small)
    small.encode(requests[:1])
    small.encode(requests[:1])
    assert counting.seen == 2
