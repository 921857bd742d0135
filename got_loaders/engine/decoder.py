"""The Qwen2 decoder over our own key-value cache.

It uses the layers of transformers' model (projections, norms, MLP, rotary tables) and replaces only
what ties them to one batch: the cache and the attention mask.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own custom
from torch import Tensor

from got_loaders.engine.kv_cache import KVCache
from got_loaders.errors import EngineError

__all__ = ["Decoder"]


class Decoder:
    """Token embeddings in, logits of the last position out."""

    def __init__(self, model: Any, *, max_context: int) -> None:
        config = model.config.text_config
        kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
        if kinds != {"full_attention"}:
            raise EngineError(f"the decoder's attention {sorted(kinds)} is not supported")
        language = model.model.language_model
        self._layers = list(language.layers)
        self._norm = language.norm
        self._head = model.lm_head
        self._embed = language.embed_tokens
        self._heads: int = config.num_attention_heads
        self._kv_heads: int = config.num_key_value_heads
        weight = self._embed.weight
        self._head_size: int = (
            getattr(config, "head_dim", None) or config.hidden_size // self._heads
        )
        positions = torch.arange(max_context, device=weight.device)[None]
        cos, sin = language.rotary_emb(weight[:1, None], positions)
        self._cos, self._sin = cos[0], sin[0]

    def new_cache(self) -> KVCache:
        """An empty cache of the right shape."""
        weight = self._embed.weight
        return KVCache(
            layers=len(self._layers),
            heads=self._kv_heads,
            head_size=self._head_size,
            device=weight.device,
            dtype=weight.dtype,
        )

    def embed(self, token_ids: Tensor) -> Tensor:
        """Token ids of any shape → embeddings, one dimension more."""
        embeddings: Tensor = self._embed(token_ids)
        return embeddings

    def prefill(self, hidden: Tensor, cache: KVCache, first_row: int) -> Tensor:
        """Whole prompts of one length: (rows, tokens, width) → logits (rows, vocabulary).

        Keys and values go to the cache rows from ``first_row`` on, at positions from 0.
        """
        rows, tokens, _ = hidden.shape
        cos, sin = self._cos[:tokens], self._sin[:tokens]
        places = slice(first_row, first_row + rows)
        for index, layer in enumerate(self._layers):
            query, key, value = self._project(layer, hidden, cos, sin)
            cache.keys[index, places, :, :tokens] = key
            cache.values[index, places, :, :tokens] = value
            mixed = self._attend(query, key, value, causal=True)
            hidden = _finished(layer, hidden, mixed)
        return self._logits(hidden[:, -1])

    def decode(self, hidden: Tensor, cache: KVCache, positions: Tensor) -> Tensor:
        """One token of each row: (rows, 1, width) at ``positions`` (rows,) → logits.

        Rows are 0 … rows-1 of the cache.
        """
        rows = hidden.shape[0]
        longest = int(positions.max()) + 1
        cos, sin = self._cos[positions][:, None, None], self._sin[positions][:, None, None]
        every = torch.arange(rows, device=positions.device)
        steps = torch.arange(longest, device=positions.device)
        mask = (steps[None] <= positions[:, None])[:, None, None]
        for index, layer in enumerate(self._layers):
            query, key, value = self._project(layer, hidden, cos, sin)
            cache.keys[index][every, :, positions] = key[:, :, 0]
            cache.values[index][every, :, positions] = value[:, :, 0]
            keys = cache.keys[index, :rows, :, :longest]
            values = cache.values[index, :rows, :, :longest]
            hidden = _finished(layer, hidden, self._attend(query, keys, values, mask=mask))
        return self._logits(hidden[:, -1])

    def _project(
        self, layer: Any, hidden: Tensor, cos: Tensor, sin: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Query, key, value: (rows, heads, tokens, head size), the first two rotated."""
        attention = layer.self_attn
        normed = layer.input_layernorm(hidden)
        query = self._split(attention.q_proj(normed), self._heads)
        key = self._split(attention.k_proj(normed), self._kv_heads)
        value = self._split(attention.v_proj(normed), self._kv_heads)
        return _rotated(query, cos, sin), _rotated(key, cos, sin), value

    def _split(self, states: Tensor, heads: int) -> Tensor:
        rows, tokens, _ = states.shape
        return states.view(rows, tokens, heads, self._head_size).transpose(1, 2)

    def _attend(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        *,
        mask: Tensor | None = None,
        causal: bool = False,
    ) -> Tensor:
        mixed = F.scaled_dot_product_attention(
            query,
            key,
            value,
            attn_mask=mask,
            is_causal=causal,
            enable_gqa=self._heads != self._kv_heads,
        )
        return mixed.transpose(1, 2).flatten(2)

    def _logits(self, hidden: Tensor) -> Tensor:
        logits: Tensor = self._head(self._norm(hidden))
        return logits.float()


def _finished(layer: Any, hidden: Tensor, mixed: Tensor) -> Tensor:
    """The rest of a layer, after its attention."""
    hidden = hidden + layer.self_attn.o_proj(mixed)
    out: Tensor = hidden + layer.mlp(layer.post_attention_layernorm(hidden))
    return out


def _rotated(states: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary position embedding (Su et al., 2021), halves convention as in transformers."""
    first, second = states.chunk(2, dim=-1)
    return states * cos + torch.cat((-second, first), dim=-1) * sin
