"""The Qwen2 decoder over our own key-value cache.

It takes over the weights of transformers' layers and computes the same functions: the products that
read the same input are one product, only the last token of a prompt is brought to its logits, and
what the attention reads is the cache's affair.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own custom
from torch import Tensor

from got_loaders.engine.kv_cache.base import Cache, CacheShape, PrefillSlots
from got_loaders.engine.model.linear import Linear
from got_loaders.errors import EngineError

__all__ = ["Decoder"]


class Decoder:
    """Token embeddings in, logits of the last position out."""

    def __init__(self, model: Any, *, max_context: int) -> None:
        config = model.config.text_config
        kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
        if kinds != {"full_attention"}:
            raise EngineError(f"the decoder's attention {sorted(kinds)} is not supported")
        if config.hidden_act != "silu":
            raise EngineError(f"the decoder's activation {config.hidden_act!r} is not supported")
        language = model.model.language_model
        self._embeddings: Tensor = language.embed_tokens.weight.detach()
        head_size = (
            getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
        )
        self.cache_shape = CacheShape(
            layers=len(language.layers),
            kv_heads=config.num_key_value_heads,
            head_size=head_size,
            scale=head_size**-0.5,
            device=self._embeddings.device,
            dtype=self._embeddings.dtype,
        )
        self.weight_bytes = _weight_bytes(language.layers, model.lm_head)
        self._rotary = _rotary_tables(language.rotary_emb, self._embeddings, max_context)
        self.heads: int = config.num_attention_heads
        heads = self.heads, config.num_key_value_heads
        self._layers = [_Layer(layer, *heads, head_size) for layer in language.layers]
        self._norm = _Norm(language.norm)
        self._head = Linear(model.lm_head)

    def embed(self, token_ids: Tensor) -> Tensor:
        """Token ids of any shape → embeddings, one dimension more."""
        return F.embedding(token_ids, self._embeddings)

    def prefill(self, groups: Sequence[Tensor], prompts: Sequence[PrefillSlots]) -> Tensor:
        """Whole prompts, in groups of one length → logits of their last tokens.

        (rows, tokens, width) a group → (rows of all groups, vocabulary). Only the attention is a
        group's own: the products read all tokens at once.
        """
        shapes = [(group.shape[0], group.shape[1]) for group in groups]
        hidden = _joined([group.flatten(0, 1) for group in groups])
        rotary = tuple(
            _joined([table[:tokens].repeat(rows, 1) for rows, tokens in shapes])[:, None]
            for table in self._rotary
        )
        for index, layer in enumerate(self._layers):
            last = index == len(self._layers) - 1  # only the last tokens go on to the logits
            states = [_grouped(part, shapes) for part in layer.project(hidden, rotary)]
            mixed = []
            for own, query, key, value in zip(prompts, *states, strict=True):
                own.write_prompt(index, key, value)
                query = query[:, :, -1:] if last else query
                mixed.append(self._attend(query, key, value, grouped=layer.grouped))
            if last:
                hidden = _joined([part[:, 0, -1] for part in _grouped(hidden[:, None], shapes)])
            hidden = layer.finish(hidden, _joined(mixed))
        return self._logits(hidden)

    def _attend(self, query: Tensor, key: Tensor, value: Tensor, *, grouped: bool) -> Tensor:
        """A group's attention: (rows, heads, tokens, size) → (rows · queries, width)."""
        mixed = F.scaled_dot_product_attention(
            query,
            key,
            value,
            is_causal=query.shape[2] > 1,
            scale=self.cache_shape.scale,
            enable_gqa=grouped,
        )
        return mixed.transpose(1, 2).flatten(2).flatten(0, 1)

    def decode(self, tokens: Tensor, positions: Tensor, cache: Cache) -> Tensor:
        """A step's tokens and positions, both (positions,) → logits (positions, vocabulary)."""
        hidden = F.embedding(tokens, self._embeddings)
        rotary = tuple(table[positions][:, None] for table in self._rotary)
        for index, layer in enumerate(self._layers):
            mixed = cache.attend(index, *layer.project(hidden, rotary))
            hidden = layer.finish(hidden, mixed)
        return self._logits(hidden)

    def _logits(self, hidden: Tensor) -> Tensor:
        logits = self._head(self._norm(hidden))
        return logits if logits.is_cuda else logits.float()  # a GPU's sampler widens as it reads


class _Layer:
    """One layer of the decoder, over the weights of transformers' one, which it takes over."""

    def __init__(self, layer: Any, heads: int, kv_heads: int, head_size: int) -> None:
        attention, mlp = layer.self_attn, layer.mlp
        self.grouped = heads != kv_heads
        self._heads, self._rotary_heads = heads, heads + kv_heads
        self._head_size = head_size
        self._norm = _Norm(layer.input_layernorm)
        self._qkv = Linear(attention.q_proj, attention.k_proj, attention.v_proj)
        self._out = Linear(attention.o_proj)
        self._mlp_norm = _Norm(layer.post_attention_layernorm)
        self._gate_up = Linear(mlp.gate_proj, mlp.up_proj)
        self._down = Linear(mlp.down_proj)

    def project(self, hidden: Tensor, rotary: tuple[Tensor, ...]) -> tuple[Tensor, Tensor, Tensor]:
        """(…, width) → query, key, value (…, heads, head size), the first two rotated."""
        projected = self._qkv(self._norm(hidden))
        states = projected.view(*hidden.shape[:-1], -1, self._head_size)
        rotated = _rotate(states[..., : self._rotary_heads, :], *rotary)
        query, key = rotated[..., : self._heads, :], rotated[..., self._heads :, :]
        return query, key, states[..., self._rotary_heads :, :]

    def finish(self, hidden: Tensor, mixed: Tensor) -> Tensor:
        """The rest of the layer, after its attention."""
        hidden = self._out.linear_add(mixed, hidden)
        gate, up = self._gate_up(self._mlp_norm(hidden)).chunk(2, dim=-1)
        return self._down.linear_add(F.silu(gate).mul_(up), hidden)


class _Norm:
    """Root mean square layer normalisation (Zhang and Sennrich, 2019)."""

    def __init__(self, norm: Any) -> None:
        self._weight: Tensor = norm.weight.detach()
        self._epsilon: float = norm.variance_epsilon
        self._by_hand = self._weight.device.type == "cpu" and self._weight.dtype is torch.float32

    def __call__(self, states: Tensor) -> Tensor:
        if not self._by_hand:
            return F.rms_norm(states, self._weight.shape, self._weight, self._epsilon)
        # torch's own is several times as many calls on the CPU.
        mean = states.square().mean(-1, keepdim=True)
        return states.mul(mean.add_(self._epsilon).rsqrt_()).mul_(self._weight)


def _rotary_tables(rotary: Any, like: Tensor, max_context: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines (positions, head size); the first half of the sines is negated.

    Rotary position embedding (Su et al., 2021) with the halves convention of transformers turns
    ``(a, b)`` to ``(a, b) · cos + (-b, a) · sin``; with the signs in the table ``(-b, a)`` is a
    mere swap of the halves.
    """
    positions = torch.arange(max_context, device=like.device)[None]
    cos, sin = rotary(like[:1, None], positions)
    sin = sin[0].clone()
    sin[:, : sin.shape[1] // 2].neg_()
    return cos[0], sin


def _grouped(states: Tensor, shapes: Sequence[tuple[int, int]]) -> list[Tensor]:
    """(all tokens, heads, size) → (rows, heads, tokens, size) for each group's rows and tokens."""
    parts = torch.split(states, [rows * tokens for rows, tokens in shapes])
    return [
        part.view(*shape, *part.shape[1:]).transpose(1, 2)
        for part, shape in zip(parts, shapes, strict=True)
    ]


def _joined(parts: Sequence[Tensor]) -> Tensor:
    return parts[0] if len(parts) == 1 else torch.cat(list(parts))


def _weight_bytes(layers: Any, head: Any) -> int:
    """What a decode step reads of weights; before the products take them over."""
    weights = [*layers.parameters(), *head.parameters()]
    return sum(weight.nbytes for weight in weights)


def _rotate(states: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    swapped = torch.roll(states, states.shape[-1] // 2, -1)
    return torch.addcmul(states * cos, swapped, sin)
