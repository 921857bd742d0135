"""The cache of keys and values and the decode step that suit a device."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from got_loaders.engine.draft.budget import draft_budget
from got_loaders.engine.kv_cache.base import Cache
from got_loaders.engine.kv_cache.paged import PagedCache
from got_loaders.engine.kv_cache.paged_attention import paged_attention
from got_loaders.engine.kv_cache.row_cache import RowCache
from got_loaders.engine.model.decoder import Decoder
from got_loaders.engine.numba_cpu.row_attention import compiled_attention
from got_loaders.engine.runner.cuda_graphs import GraphedStep, Step, capture_cuda_graph
from got_loaders.engine.sampler import SamplerOutput, greedy_sample
from got_loaders.engine.triton_gpu.sampler import Sampler, gpu_sampler

__all__ = ["DecodeBackend", "eager_backend", "select_backend"]

_WIDTHS = (1, 4, 8)
"""Tokens that every row brings to a step over pages: graphs are captured for these."""

Logits = Callable[[Tensor, Tensor], Tensor]
"""The tokens of a step and their positions, both (positions,) → logits (positions, vocabulary)."""


@dataclass(frozen=True, slots=True)
class DecodeBackend:
    """``step`` chooses greedily from what ``logits`` gives; both read and write ``cache``.

    ``widths``: where every row has to bring as many tokens to a step, so many may these be.
    """

    cache: Cache
    logits: Logits
    step: Step
    widths: tuple[int, ...] = ()


def select_backend(
    decoder: Decoder, *, max_rows: int, max_context: int, max_bytes: int | None
) -> DecodeBackend:
    """The fastest one that this device and what is installed allow."""
    paged = _paged_backend(decoder, max_rows=max_rows, max_context=max_context, max_bytes=max_bytes)
    if paged is not None:
        return paged
    shape = decoder.cache_shape
    attention = compiled_attention(shape, heads=decoder.heads)
    return eager_backend(decoder, RowCache(shape, attention, max_bytes=max_bytes))


def eager_backend(
    decoder: Decoder, cache: Cache, sampler: Sampler = greedy_sample
) -> DecodeBackend:
    """The decoder over any cache, an operation at a time."""

    def logits(tokens: Tensor, positions: Tensor) -> Tensor:
        return decoder.decode(tokens, positions, cache)

    return DecodeBackend(
        cache, logits, lambda tokens, positions, _: sampler(logits(tokens, positions))
    )


def _paged_backend(
    decoder: Decoder, *, max_rows: int, max_context: int, max_bytes: int | None
) -> DecodeBackend | None:
    """CUDA graphs over pages, on a GPU."""
    shape = decoder.cache_shape
    if max_bytes is None:
        return None
    attention = paged_attention(
        shape, heads=decoder.heads, max_rows=max_rows, max_context=max_context
    )
    if attention is None:
        return None
    cache = PagedCache(
        shape,
        attention,
        max_rows=max_rows,
        max_context=max_context,
        max_bytes=max_bytes,
        max_queries=attention.max_queries,
    )
    eager = eager_backend(decoder, cache, gpu_sampler(shape.device, shape.dtype))

    def step(tokens: Tensor, positions: Tensor, rows: int) -> SamplerOutput:
        cache.queries = len(tokens) // rows  # a capture reserves nothing
        return eager.step(tokens, positions, rows)

    widths = tuple(width for width in _WIDTHS if width <= attention.max_queries)
    budget = draft_budget(shape.device.type, shape.dtype.itemsize, decoder.weight_bytes)
    graphed = GraphedStep(
        step,
        max_rows=max_rows,
        device=shape.device,
        capture=capture_cuda_graph(),
        widths=widths,
        most_positions=budget.positions,
    )
    with torch.inference_mode():
        graphed.capture()
    return replace(eager, step=graphed, widths=widths)
