"""The cache of keys and values and the decode step that suit a device."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from got_loaders.engine.kv_cache.base import Cache
from got_loaders.engine.kv_cache.paged import PagedCache
from got_loaders.engine.kv_cache.paged_attention import paged_attention
from got_loaders.engine.kv_cache.segmented import KVCache
from got_loaders.engine.model.decoder import Decoder
from got_loaders.engine.numba_cpu.fused_decode import WholeStep
from got_loaders.engine.numba_cpu.row_attention import row_attention
from got_loaders.engine.numba_cpu.row_cache import RowCache
from got_loaders.engine.runner.cuda_graphs import GraphedStep, Step, capture_cuda_graph
from got_loaders.engine.sampler import SamplerOutput, greedy_sample

__all__ = ["Decoding", "decoding", "plain"]

_log = logging.getLogger(__name__)

_TRIAL_LENGTHS = (1, 40, 127, 128, 200, 3, 129)
"""Tokens in the rows that a compiled step is tried on: more than the four that it takes together,
on both sides of a block of columns."""

_CLOSE = 1e-4
"""The greatest difference of logits, as a share of the greatest logit; rounding makes it 2e-6."""

Logits = Callable[[Tensor, Tensor], Tensor]
"""The newest token and the position of each row, both (rows,) → logits (rows, vocabulary)."""


@dataclass(frozen=True, slots=True)
class Decoding:
    """``step`` chooses greedily from what ``logits`` gives; both read and write ``cache``."""

    cache: Cache
    logits: Logits
    step: Step


def decoding(
    decoder: Decoder, *, max_rows: int, max_context: int, max_bytes: int | None
) -> Decoding:
    """The fastest way that this device and what is installed allow."""
    return (
        _paged(decoder, max_rows=max_rows, max_context=max_context, max_bytes=max_bytes)
        or _by_rows(decoder, max_bytes)
        or plain(decoder, KVCache(decoder.cache_shape, max_bytes=max_bytes))
    )


def plain(decoder: Decoder, cache: Cache) -> Decoding:
    """The decoder over any cache, an operation at a time."""

    def logits(tokens: Tensor, positions: Tensor) -> Tensor:
        return decoder.decode(tokens, positions, cache)

    return Decoding(
        cache, logits, lambda tokens, positions: greedy_sample(logits(tokens, positions))
    )


def _paged(
    decoder: Decoder, *, max_rows: int, max_context: int, max_bytes: int | None
) -> Decoding | None:
    """Recorded steps over pages, on a GPU."""
    shape = decoder.cache_shape
    if max_bytes is None:
        return None
    attention = paged_attention(
        shape, heads=decoder.heads, max_rows=max_rows, max_context=max_context
    )
    if attention is None:
        return None
    cache = PagedCache(
        shape, attention, max_rows=max_rows, max_context=max_context, max_bytes=max_bytes
    )
    paged = plain(decoder, cache)
    step = GraphedStep(
        paged.step, max_rows=max_rows, device=shape.device, capture=capture_cuda_graph()
    )
    with torch.inference_mode():
        step.record()
    return replace(paged, step=step)


def _by_rows(decoder: Decoder, max_bytes: int | None) -> Decoding | None:
    """Compiled attention on the CPU, and for a small model a compiled step."""
    shape = decoder.cache_shape
    attention = row_attention(shape, heads=decoder.heads)
    if attention is None:
        return None
    cache, whole = RowCache(shape, attention, max_bytes=max_bytes), decoder.whole_step
    if whole is None:
        return plain(decoder, cache)
    if not _agrees(whole, decoder, RowCache(shape, attention)):
        _log.warning("the compiled step is wrong on this machine, decoding will be slower")
        return plain(decoder, cache)

    def logits(tokens: Tensor, positions: Tensor) -> Tensor:
        return whole.logits(tokens, positions, cache.table)

    def step(tokens: Tensor, positions: Tensor) -> SamplerOutput:
        return whole.choice(tokens, positions, cache.table)

    return Decoding(cache, logits, step)


@torch.inference_mode()
def _agrees(whole: WholeStep, decoder: Decoder, cache: RowCache) -> bool:
    """Whether the compiled step gives what single operations give, for rows of several lengths."""
    generator, shape = torch.Generator().manual_seed(0), decoder.cache_shape
    for slot, length in enumerate(_TRIAL_LENGTHS):
        prompt = cache.begin([slot], length)
        for layer in range(shape.layers):
            sizes = (2, 1, shape.heads, length, shape.head_size)
            prompt.write_prompt(layer, *torch.randn(sizes, generator=generator))
        cache.join(prompt)
    tokens = torch.arange(len(_TRIAL_LENGTHS))
    positions = tokens % 2  # not where they stand in their rows: a context may be shorter
    expected = decoder.decode(tokens, positions, cache)
    close = _CLOSE * float(expected.abs().max())
    logits = whole.logits(tokens, positions, cache.table)
    choice = whole.choice(tokens, positions, cache.table)
    chosen = expected.gather(-1, choice.tokens[:, None])[:, 0]  # where two are equal, either
    return (
        torch.allclose(logits, expected, rtol=0, atol=close)
        and torch.allclose(chosen, expected.amax(-1), rtol=0, atol=close)
        and torch.allclose(choice.probabilities, greedy_sample(expected).probabilities, rtol=1e-3)
    )
