"""The decode step of a small model as one call: its states never come back to Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  # torch's own custom
from torch import Tensor

from got_loaders.engine.kv_cache.base import CacheShape
from got_loaders.engine.numba_cpu.availability import compiled_by_numba
from got_loaders.engine.numba_cpu.openmp import OpenMP
from got_loaders.engine.numba_cpu.row_table import Table
from got_loaders.engine.sampler import SamplerOutput

__all__ = ["WholeStep", "whole_step"]

_MOST_BYTES = 64 << 20
"""Weights of a small decoder, in float32. At 52 MB a compiled step was 2.2 times as fast as single
operations with one row and 1.07 times with 32; at 138 MB 1.6 times with one and no faster from 12
on, since the products are most of the work there, and oneDNN's are as fast."""

_MULTIPLE = 4
"""Outputs that the compiled products compute at a time."""


class WholeStep:
    """Tokens in, logits or the next tokens out, over copies of the decoder's weights.

    ``model`` is transformers' one. ``rotary`` are the decoder's tables of cosines and sines.
    """

    @torch.inference_mode()
    def __init__(
        self, model: Any, shape: CacheShape, rotary: tuple[Tensor, ...], threads: OpenMP
    ) -> None:
        from got_loaders.engine.numba_cpu import decode_kernel as step
        from got_loaders.engine.numba_cpu import matmul_kernel as products

        language, config = model.model.language_model, model.config.text_config
        layers = language.layers
        self._words, width = language.embed_tokens.weight.shape
        self._weights = {
            step.EMBEDDINGS: language.embed_tokens.weight,
            step.COSINES: rotary[0],
            step.SINES: rotary[1],
            step.QKV: _stacked(layers, _qkv),
            step.BIASES: _stacked(layers, _biases),
            step.OUT: _stacked(layers, lambda layer: layer.self_attn.o_proj.weight),
            step.GATE_UP: _stacked(layers, _gate_up),
            step.DOWN: _stacked(layers, lambda layer: layer.mlp.down_proj.weight),
            step.HEAD: _head(model),
        }
        self._weights = {name: value.detach().contiguous() for name, value in self._weights.items()}
        outputs, inner = len(self._weights[step.HEAD]), config.num_attention_heads * shape.head_size
        wide = inner + 2 * shape.heads * shape.head_size
        self._sizes = (width, wide, inner, config.intermediate_size, outputs)
        self._states = [torch.empty(0, size) for size in self._sizes]
        self._function: Any = step.step_kernel(
            step.StepShape(
                layers=len(layers),
                width=width,
                middle=config.intermediate_size,
                heads=config.num_attention_heads,
                kv_heads=shape.heads,
                size=shape.head_size,
                words=self._words,
                outputs=outputs,
                scale=shape.scale,
                epsilon=language.norm.variance_epsilon,
            )
        )
        self._names, self._threads = step, threads
        self._most_threads = max(1, width // products.OUTPUTS)
        self._block = np.zeros(step.NUMBERS + step.phases(len(layers)), np.int64)
        self._address = self._block.ctypes.data
        self._block[step.BARRIER], self._block[step.CONTEXT] = threads.barrier, len(rotary[0])
        for name, value in self._weights.items():
            self._block[name] = value.data_ptr()

    def logits(self, tokens: Tensor, positions: Tensor, table: Table) -> Tensor:
        """One token of each row, both (rows,) → logits (rows, vocabulary).

        Keys and values are stored in the places that ``table`` names, one after the last.
        """
        self.choice(tokens, positions, table)
        return self._states[-1][:, : self._words].clone()

    def choice(self, tokens: Tensor, positions: Tensor, table: Table) -> SamplerOutput:
        """The same, but the most probable token of each row with its probability."""
        names, block, rows = self._names, self._block, len(tokens)
        assert table.has_room(rows)
        if len(self._states[0]) != rows:
            self._states = [torch.empty(rows, size) for size in self._sizes]
            block[names.HIDDEN : names.LOGITS + 1] = [each.data_ptr() for each in self._states]
        choice = SamplerOutput(torch.empty(rows, dtype=torch.long), torch.empty(rows))
        block[names.NUMBERS :] = 0
        block[names.ROWS], block[names.TABLE] = rows, table.address
        held = (tokens.contiguous(), positions.contiguous(), choice.tokens, choice.probabilities)
        block[names.TOKENS : names.PROBABILITIES + 1] = [each.data_ptr() for each in held]
        self._threads.run(self._function.address, self._address, most=self._most_threads)
        return choice


def whole_step(model: Any, shape: CacheShape, rotary: tuple[Tensor, ...]) -> WholeStep | None:
    """The compiled step of a small model in float32 on the CPU; None where it can't be had."""
    if shape.device.type != "cpu" or shape.dtype is not torch.float32 or not _fits(model):
        return None
    return compiled_by_numba(lambda threads: WholeStep(model, shape, rotary, threads))


def _fits(model: Any) -> bool:
    """Whether it is small, and has the form that the compiled step computes."""
    language, config = model.model.language_model, model.config.text_config
    layers = language.layers
    plain = [model.lm_head]
    for layer in layers:
        plain += [layer.self_attn.o_proj, layer.mlp.gate_proj, layer.mlp.up_proj]
        plain.append(layer.mlp.down_proj)
    sizes = (config.hidden_size, config.intermediate_size)
    weights = sum(weight.nbytes for weight in layers.parameters()) + model.lm_head.weight.nbytes
    return (
        weights <= _MOST_BYTES
        and all(module.bias is None for module in plain)
        and all(size % _MULTIPLE == 0 for size in sizes)
    )


def _stacked(layers: Any, weight: Callable[[Any], Tensor]) -> Tensor:
    return torch.stack([weight(layer) for layer in layers])


def _qkv(layer: Any) -> Tensor:
    """Queries, keys and values as one product; the weight of the norm before it is taken in."""
    modules = (layer.self_attn.q_proj, layer.self_attn.k_proj, layer.self_attn.v_proj)
    weight = torch.cat([module.weight for module in modules])
    return weight.mul_(layer.input_layernorm.weight)


def _biases(layer: Any) -> Tensor:
    modules = (layer.self_attn.q_proj, layer.self_attn.k_proj, layer.self_attn.v_proj)
    return torch.cat(
        [
            module.weight.new_zeros(len(module.weight)) if module.bias is None else module.bias
            for module in modules
        ]
    )


def _gate_up(layer: Any) -> Tensor:
    both = torch.cat((layer.mlp.gate_proj.weight, layer.mlp.up_proj.weight))
    return both.mul_(layer.post_attention_layernorm.weight)


def _head(model: Any) -> Tensor:
    """The output layer with the norm before it, in a whole number of fours."""
    weight = model.lm_head.weight * model.model.language_model.norm.weight
    return F.pad(weight, (0, 0, 0, -len(weight) % _MULTIPLE))
