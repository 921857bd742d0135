"""The tiny configuration of GOT-OCR2 and the start of its weights.

A stock `GotOcr2ForConditionalGeneration`: nothing here is needed to load the checkpoint.
"""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from transformers import GotOcr2Config, GotOcr2ForConditionalGeneration

from .tokenizer import END, IMAGE, IMAGE_SIDE, PAD, TOKENS_PER_IMAGE, VOCABULARY_SIZE

PATCH = 8
VISION_WIDTH, VISION_LAYERS, VISION_HEADS, WINDOW = 96, 3, 3, 8
WIDTH, LAYERS, HEAD_SIZE = 192, 6, 48
# The neighbouring patch (down, right) at which each head of each vision layer looks at first.
FIRST_LOOKS = (
    ((0, -1), (0, 1), (1, 0)),
    ((0, -1), (0, 1), (-1, 0)),
    ((0, -2), (0, 2), (1, 0)),
)


def build_model() -> GotOcr2ForConditionalGeneration:
    """The untrained model in float32; seed torch first for the same start every time."""
    model = GotOcr2ForConditionalGeneration(_config())
    model.generation_config.eos_token_id = END
    model.generation_config.pad_token_id = PAD
    model.generation_config.bos_token_id = None
    model.generation_config.max_new_tokens = 1024
    with torch.no_grad():
        _start_positions(model.model.vision_tower)
        _start_attention(model.model.vision_tower)
        _start_convolutions(model)
    return model


def load_weights(model: nn.Module, weights: Mapping[str, torch.Tensor]) -> None:
    """Load a state; decoder layers that it lacks start as the identity: a model can grow."""
    missing, unexpected = model.load_state_dict(weights, strict=False)
    if unexpected:
        raise ValueError(f"the state has weights that this model lacks: {unexpected[:3]}")
    for name in missing:
        if "o_proj.weight" in name or "down_proj.weight" in name:
            nn.init.zeros_(model.get_parameter(name))


def _config() -> GotOcr2Config:
    vision = {
        "hidden_size": VISION_WIDTH,
        "output_channels": VISION_WIDTH,
        "num_hidden_layers": VISION_LAYERS,
        "num_attention_heads": VISION_HEADS,
        "image_size": IMAGE_SIDE,
        "patch_size": PATCH,
        "initializer_range": 0.02,  # the class default, 1e-10, never learns
        "window_size": WINDOW,
        "global_attn_indexes": [],
        "mlp_dim": VISION_WIDTH * 3,
    }
    text = {
        "model_type": "qwen2",
        "vocab_size": VOCABULARY_SIZE,
        "hidden_size": WIDTH,
        "intermediate_size": WIDTH * 5 // 2,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": WIDTH // HEAD_SIZE,
        "num_key_value_heads": WIDTH // HEAD_SIZE,
        "max_position_embeddings": 8192,
        "initializer_range": 0.02,
        "rms_norm_eps": 1e-6,
        "tie_word_embeddings": True,
        "use_cache": True,
        "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
        "bos_token_id": None,
        "eos_token_id": END,
        "pad_token_id": PAD,
    }
    return GotOcr2Config(
        vision_config=vision,
        text_config=text,
        image_token_index=IMAGE,
        image_seq_length=TOKENS_PER_IMAGE,
    )


def _start_positions(tower: Any) -> None:
    """Sines and cosines of row and column for the absolute positions."""
    half = VISION_WIDTH // 2
    frequencies = torch.exp(-math.log(100.0) * torch.arange(half // 2) / (half // 2))
    angles = torch.arange(IMAGE_SIDE // PATCH)[:, None] * frequencies
    waves = torch.cat([angles.sin(), angles.cos()], 1) * 0.1
    tower.pos_embed[0, :, :, :half] = waves[:, None]
    tower.pos_embed[0, :, :, half:] = waves[None]


def _start_attention(tower: Any) -> None:
    """Each head looks at one neighbouring patch (ConViT, arXiv 2103.10697).

    The relative positions are shared by the heads of a layer, so each head's centre is written
    in a slice of channels of its own, which its query bias selects.
    """
    size = VISION_WIDTH // VISION_HEADS
    share = size // VISION_HEADS
    offsets = torch.arange(2 * WINDOW - 1) - (WINDOW - 1)
    for layer, looks in zip(tower.layers, FIRST_LOOKS, strict=True):
        attention = layer.attn
        attention.qkv.weight.normal_(std=0.5 * VISION_WIDTH**-0.5)
        attention.proj.weight.normal_(std=0.7 * VISION_WIDTH**-0.5)
        for tensor in (attention.qkv.bias, attention.rel_pos_h, attention.rel_pos_w):
            tensor.zero_()
        for head, (down, right) in enumerate(looks):
            own = slice(head * share, (head + 1) * share)
            attention.qkv.bias[head * size :][own] = 0.7
            attention.rel_pos_h[:, own] = _peak(offsets + down, share)
            attention.rel_pos_w[:, own] = _peak(offsets + right, share)
        nn.init.kaiming_normal_(layer.mlp.lin1.weight, nonlinearity="linear")
        layer.mlp.lin2.weight.normal_(std=0.5 * layer.mlp.lin2.weight.shape[1] ** -0.5)


def _peak(distance: torch.Tensor, channels: int) -> torch.Tensor:
    """A parabola around zero: what `channels` queries of 0.7 sum to a sharp attention."""
    scale = 0.7 * channels
    return (-1.5 * distance.float() ** 2 / scale).clamp(min=-12 / scale)[:, None]


def _start_convolutions(model: GotOcr2ForConditionalGeneration) -> None:
    tower, projector = model.model.vision_tower, model.model.multi_modal_projector
    nn.init.normal_(tower.patch_embed.projection.weight, std=0.05)
    for convolution in (
        projector.conv_upsampler1,
        projector.conv_upsampler2,
        tower.neck.conv1,
        tower.neck.conv2,
    ):
        nn.init.kaiming_normal_(convolution.weight, nonlinearity="linear")
