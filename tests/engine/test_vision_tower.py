"""The vision tower gives what transformers' gives, and what was encoded is not encoded again."""

from __future__ import annotations

import copy
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from transformers import GotOcr2VisionConfig
from transformers.models.got_ocr2.modeling_got_ocr2 import GotOcr2VisionAttention

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
from got_loaders.engine.model.vision_encoder import VisionEncoder, _micro_batch
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


@pytest.mark.parametrize(
    ("form", "packed"),
    [
        (fused_attention, True),
        (windowed_attention, True),
        (blocked_attention, True),
        (windowed_attention, False),
        (blocked_attention, False),
    ],
)
@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("side", [14, 32])
@torch.inference_mode()
def test_every_form_of_attention_is_the_same_function(
    form: Any, packed: bool, relative: bool, side: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fused, batched, and in blocks that don't divide the square: windows and whole grids, with
    packed products and with plain ones, as GPUs have them."""
    torch.manual_seed(SEED)
    sizes: Any = {"hidden_size": 48, "num_attention_heads": 4, "image_size": 256, "patch_size": 8}
    module: Any = GotOcr2VisionAttention(GotOcr2VisionConfig(**sizes), side)  # type: ignore[no-untyped-call]  # theirs
    for positions in (module.rel_pos_h, module.rel_pos_w):
        torch.nn.init.normal_(positions, std=0.3)
    module.use_rel_pos = relative
    monkeypatch.setattr(torch.backends.mkldnn, "enabled", packed)
    monkeypatch.setattr(attention, "_CACHE_BYTES", 4 * side * side * 150)
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


class FullSize:
    """What is used of the real model's attention, with no numbers in it."""

    num_attention_heads, scale = 12, 0.125
    rel_pos_h = rel_pos_w = None

    def __init__(self, dtype: torch.dtype, *, use_rel_pos: bool = True) -> None:
        self.use_rel_pos = use_rel_pos
        self.qkv = SimpleNamespace(weight=torch.empty(3 * 768, 768, dtype=dtype))

    def get_rel_pos(self, rows: int, columns: int, _: None) -> Tensor:
        return torch.empty(rows, columns, 64)


class Largest(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's own
    """How large the largest array is that anything in the block makes."""

    nbytes = 0

    def __torch_dispatch__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        made = function(*args, **(kwargs or {}))
        for one in made if isinstance(made, tuple | list) else (made,):
            self.nbytes = max(self.nbytes, getattr(one, "nbytes", 0))
        return made


@pytest.mark.parametrize(
    ("device", "dtype", "fused"),
    [
        ("cuda", torch.float16, True),
        ("cuda", torch.bfloat16, False),
        ("mps", torch.float16, False),
        ("mps", torch.float32, False),
    ],
)
def test_a_gpu_without_a_kernel_gets_another_form(
    device: str, dtype: torch.dtype, fused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """torch is asked whether it has a kernel for the number format; on Apple's GPUs it has none."""
    kernels = torch.backends.cuda
    monkeypatch.setattr(kernels, "can_use_flash_attention", lambda params: False)
    monkeypatch.setattr(
        kernels, "can_use_efficient_attention", lambda params: params.query.dtype == torch.float16
    )
    with FakeTensorMode(), torch.device(device), torch.inference_mode():
        for side, form in ((14, windowed_attention), (64, blocked_attention)):
            attend: Any = make_attention(FullSize(dtype, use_rel_pos=False), side)
            assert attend.__qualname__.startswith((fused_attention if fused else form).__name__)


@pytest.mark.parametrize("side", [14, 64])
def test_no_matrix_of_logits_is_written(side: int) -> None:
    """Without a kernel for it, no array of a full-size tile comes near the 4 GiB that end a process
    on Apple's GPUs."""
    with torch.device("meta"), torch.inference_mode():
        attend = make_attention(FullSize(torch.float16), side)
        with Largest() as largest:  # type: ignore[no-untyped-call]  # torch's own
            mixed = attend(torch.empty(1, side, side, 3 * 768, dtype=torch.float16))
    assert (mixed.shape, mixed.dtype) == ((1, side, side, 768), torch.float16)
    assert largest.nbytes <= 64 << 20


@pytest.mark.parametrize(("device", "tiles"), [("cpu", 1), ("mps", 1), ("cuda", 6)])
def test_tiles_are_encoded_together_where_that_helps(device: str, tiles: int) -> None:
    """Several at a time on CUDA, by the memory they take; elsewhere one after the other."""
    with FakeTensorMode():
        weight = torch.empty(1, device=device)
    assert _micro_batch(GotOcr2VisionConfig(), weight) == tiles


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
