"""The Qwen2 decoder over our own key-value cache.

It takes over the weights of transformers' layers and computes the same functions: the products that
read the same input are one product, only the last token of a prompt is brought to its logits, and
what the attention reads is the cache's affair.
"""

from __future__ import annotations

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
        self._rotary = _rotary_tables(language.rotary_emb, self._embeddings, max_context)
        self.heads: int = config.num_attention_heads
        heads = self.heads, config.num_key_value_heads
        self._layers = [_Layer(layer, *heads, head_size) for layer in language.layers]
        self._norm = _Norm(language.norm)
        self._head = Linear(model.lm_head)

    def embed(self, token_ids: Tensor) -> Tensor:
        """Token ids of any shape → embeddings, one dimension more."""
        return F.embedding(token_ids, self._embeddings)

    def prefill(self, hidden: Tensor, prompts: PrefillSlots) -> Tensor:
        """Whole prompts of one length: (rows, tokens, width) → logits (rows, vocabulary)."""
        rotary = tuple(table[: hidden.shape[1], None] for table in self._rotary)
        last = len(self._layers) - 1
        for index, layer in enumerate(self._layers):
            query, key, value = layer.project(hidden, rotary)
            query, key, value = (states.transpose(1, 2) for states in (query, key, value))
            prompts.write_prompt(index, key, value)
            if index == last:  # only the last token goes on to the logits
                query, hidden = query[:, :, -1:], hidden[:, -1:]
            mixed = F.scaled_dot_product_attention(
                query,
                key,
                value,
                is_causal=index != last,
                scale=self.cache_shape.scale,
                enable_gqa=layer.grouped,
            )
            hidden = layer.finish(hidden, mixed.transpose(1, 2).flatten(2))
        return self._logits(hidden[:, -1])

    def decode(self, tokens: Tensor, positions: Tensor, cache: Cache) -> Tensor:
        """One token of each row, both (rows,) → logits (rows, vocabulary)."""
        hidden = F.embedding(tokens, self._embeddings)
        rotary = tuple(table[positions][:, None] for table in self._rotary)
        for index, layer in enumerate(self._layers):
            mixed = cache.attend(index, *layer.project(hidden, rotary))
            hidden = layer.finish(hidden, mixed)
        return self._logits(hidden)

    def _logits(self, hidden: Tensor) -> Tensor:
        return self._head(self._norm(hidden)).float()


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


def _rotate(states: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    swapped = torch.roll(states, states.shape[-1] // 2, -1)
    return torch.addcmul(states * cos, swapped, sin)
