"""Greedy choice on a GPU: our own kernel where Triton is there and right, torch's elsewhere."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from got_loaders.engine.device.device import is_out_of_memory
from got_loaders.engine.device.faults import is_context_lost
from got_loaders.engine.sampler import SamplerOutput, greedy_sample
from got_loaders.engine.triton_gpu.availability import why_not

__all__ = ["Sampler", "TritonSampler", "gpu_sampler"]

_log = logging.getLogger(__name__)

Sampler = Callable[[Tensor], SamplerOutput]
"""Logits (positions, vocabulary), in any floating-point format → a token for each position, the
first of those with the highest logit, and its probability, in float32."""

_CHUNK = 4096
_CHUNKS = 64
"""At most, of a position; a larger vocabulary than that is torch's."""


class TritonSampler:
    """A :data:`Sampler`. A position's numbers do not depend on how many others there are."""

    def __init__(self) -> None:
        from got_loaders.engine.triton_gpu.sampler_kernel import (
            choose_among_chunks,
            choose_in_chunk,
        )

        self._in_chunk: Any = choose_in_chunk
        self._among_chunks: Any = choose_among_chunks

    def __call__(self, logits: Tensor) -> SamplerOutput:
        """The most probable token of each position."""
        positions, vocabulary = logits.shape
        chunks = -(-vocabulary // _CHUNK)
        if chunks > _CHUNKS or logits.stride(1) != 1:
            return greedy_sample(logits)
        highest, totals = logits.new_empty((2, positions, _CHUNKS), dtype=torch.float32)
        firsts = torch.empty_like(highest, dtype=torch.int32)
        tokens = logits.new_empty(positions, dtype=torch.long)
        probabilities = logits.new_empty(positions, dtype=torch.float32)
        self._in_chunk[positions, chunks](
            logits,
            highest,
            firsts,
            totals,
            logits.stride(0),
            vocabulary,
            ALIGN=math.gcd(logits.stride(0), vocabulary, 8),
            CHUNK=_CHUNK,
            CHUNKS=_CHUNKS,
            num_warps=4,
        )
        self._among_chunks[(positions,)](
            highest, firsts, totals, tokens, probabilities, chunks, CHUNKS=_CHUNKS, num_warps=1
        )
        return SamplerOutput(tokens, probabilities, logits)


def gpu_sampler(
    device: torch.device, dtype: torch.dtype, triton: Callable[[], Sampler] | None = None
) -> Sampler:
    """What chooses among logits of this format on this device: Triton's if it is right, or torch's.

    ``triton`` stands in for :class:`TritonSampler`, also where there is no GPU.
    """
    if triton is None and device.type != "cuda":
        return greedy_sample
    try:
        sampler = (triton or TritonSampler)()
        if matches_torch(sampler, device, dtype):
            return sampler
        _log.warning("Triton's choice among logits is wrong on %s, torch's is used", device)
    except ImportError:
        _log.info("no Triton: torch chooses among logits")
    except Exception as error:
        if is_out_of_memory(error) or is_context_lost(error):
            raise
        _log.warning(
            "Triton can't choose among logits on %s, torch does: %s", device, why_not(error)
        )
    return greedy_sample


@torch.inference_mode()
def matches_torch(sampler: Sampler, device: torch.device, dtype: torch.dtype) -> bool:
    """Whether a few logits, with ties and one that is not a number, get what torch gives them."""
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(5, 2 * _CHUNK + 17, generator=generator).to(dtype)
    logits[1, [7, 3000, _CHUNK + 1]] = 9.0
    logits[2, -1] = 9.0
    expected = greedy_sample(logits)
    logits[3, 5000] = float("nan")
    ours = sampler(logits.to(device))
    tokens, probabilities = ours.tokens.cpu(), ours.probabilities.cpu()
    sound = torch.tensor([0, 1, 2, 4])
    return (
        torch.equal(tokens[sound], expected.tokens[sound])
        and torch.allclose(probabilities[sound], expected.probabilities[sound], rtol=1e-3)
        and bool(probabilities[3].isnan())
    )
