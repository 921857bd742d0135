"""What a page costs a device at the least: floating-point operations and bytes, by formula.

A multiplication and an addition are two operations. Counted is what the function asks for, not what
an implementation spends: no padding of windows, no longer vectors for the relative positions, only
the last token of a prompt in the last layer. Norms, activations and softmax are left out: so is
all reading and writing but that of the decode step. A floor, then, and no estimate.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceilings:
    """What the device can do: ``bandwidth`` in bytes a second, ``flops`` in operations a second."""

    bandwidth: float
    flops: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Of a page of one tile: operations of ``vision`` and ``prefill``, ``prompt`` in tokens.

    ``weights`` are the bytes that every decode step reads, however many rows it has; ``kv`` are the
    bytes of a token's keys and values, in all layers.
    """

    vision: float
    prefill: float
    weights: int
    kv: int
    prompt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """Seconds of the device: of a page in its parts, and of one decode step for all its rows."""

    vision: float
    prefill: float
    decode: float
    step: float

    @property
    def page(self) -> float:
        """``vision + prefill + decode``, in seconds."""
        return self.vision + self.prefill + self.decode


def work_of(config: Any, *, prompt: int, itemsize: int) -> Work:
    """By transformers' configuration; ``itemsize`` is the number format's, in bytes."""
    text = config.text_config
    return Work(
        vision=vision_flops(config),
        prefill=prefill_flops(config, prompt),
        weights=itemsize * (text.num_hidden_layers * _layer(text) + _head(text)),
        kv=itemsize * text.num_hidden_layers * 2 * _kv_width(text),
        prompt=prompt,
    )


def floor_of(work: Work, ceilings: Ceilings, *, tokens: int, flight: int) -> Floor:
    """Of pages that get ``tokens`` each, ``flight`` of them decoded together; in seconds.

    - vision: its operations / the operations a second; prefill: likewise
    - step: (weights + flight · kv · (prompt + tokens / 2)) / bandwidth; in the brackets is the
      mean length of a row, over the time that it is decoded
    - decode: (tokens - 1) · step / flight; the first token comes from the prefill
    """
    live = flight * work.kv * (work.prompt + tokens / 2)
    step = (work.weights + live) / ceilings.bandwidth
    return Floor(
        vision=work.vision / ceilings.flops,
        prefill=work.prefill / ceilings.flops,
        decode=(tokens - 1) * step / flight,
        step=step,
    )


def vision_flops(config: Any) -> float:
    """Operations of the vision tower and the projector for one tile.

    With n patches, side √n, width d, m the MLP's width, c the neck's channels, h the decoder's
    width, and k = s² keys a query in squares of side s (the window's, or the grid's: √n):

    - patch embedding: 2 · n · (channels · patch²) · d
    - a layer: projections 2 · n · d · 4d, MLP 2 · n · d · 2m; attention 2 · n · k · 2d for the
      logits and the mixing, and 2 · n · 2s · d for the relative positions of rows and columns
    - neck: 2 · n · d · c, then a convolution 2 · n · 9c · c
    - projector: convolutions 2 · n/4 · 9c · 2c and 2 · n/16 · 18c · h, then 2 · n/16 · h · h
    """
    vision, channels = config.vision_config, config.vision_config.output_channels
    side, width = vision.image_size // vision.patch_size, vision.hidden_size
    patches, out = side * side, config.text_config.hidden_size
    half, quarter = (side + 1) // 2, ((side + 1) // 2 + 1) // 2
    embedding = 2 * patches * vision.num_channels * vision.patch_size**2 * width
    neck = 2 * patches * channels * (width + 9 * channels)
    projector = 2 * (
        half**2 * 9 * channels * 2 * channels + quarter**2 * (18 * channels + out) * out
    )
    layers = patches * width * vision.num_hidden_layers * (8 * width + 4 * vision.mlp_dim)
    for square in _squares(vision, side):
        layers += 4 * patches * width * (square * square + (square if vision.use_rel_pos else 0))
    return float(embedding + layers + neck + projector)


def prefill_flops(config: Any, prompt: int) -> float:
    """Operations of the decoder for a prompt of so many tokens, up to its first token's logits.

    Each layer 2 · prompt · its weights, and its causal attention 2 · prompt · (prompt + 1) / 2 · 2
    times the width of the queries. The last layer: keys and values of all tokens, the rest for one.
    The output layer for one token: 2 · vocabulary · width.
    """
    text = config.text_config
    queries = text.num_attention_heads * _head_size(text)
    keys_values = 2 * _kv_width(text) * text.hidden_size
    whole = 2 * prompt * _layer(text) + 2 * queries * prompt * (prompt + 1)
    last = 2 * prompt * keys_values + 2 * (_layer(text) - keys_values) + 4 * queries * prompt
    return float((text.num_hidden_layers - 1) * whole + last + 2 * _head(text))


def _squares(vision: Any, side: int) -> Iterator[int]:
    """The side of the squares in which each layer attends."""
    for layer in range(vision.num_hidden_layers):
        yield side if layer in vision.global_attn_indexes else vision.window_size


def _layer(text: Any) -> int:
    """The weights of a decoder layer's products."""
    attention = 2 * text.num_attention_heads * _head_size(text) + 2 * _kv_width(text)
    return int(text.hidden_size * (attention + 3 * text.intermediate_size))


def _head(text: Any) -> int:
    """The weights of the output layer."""
    return int(text.vocab_size * text.hidden_size)


def _kv_width(text: Any) -> int:
    return int(text.num_key_value_heads * _head_size(text))


def _head_size(text: Any) -> int:
    return int(getattr(text, "head_dim", None) or text.hidden_size // text.num_attention_heads)
