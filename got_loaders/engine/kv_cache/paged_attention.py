"""The attention over keys and values in pages that this device and what is installed allow.

Our own Triton kernel first, which needs no release of torch; then torch's. Each is compared with
plain attention before it is trusted, for a kernel that is wrong is wrong in silence.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from got_loaders.engine.device.device import is_out_of_memory
from got_loaders.engine.device.dtype import DType
from got_loaders.engine.device.faults import is_context_lost
from got_loaders.engine.kv_cache.attention_trial import (
    PAGE_TOKENS,
    Attention,
    AttentionTrial,
    Outcome,
)
from got_loaders.engine.kv_cache.base import CacheShape
from got_loaders.engine.kv_cache.varlen_attention import varlen_attention
from got_loaders.engine.triton_gpu.attention import triton_attention
from got_loaders.engine.triton_gpu.availability import triton_version

__all__ = [
    "PAGE_TOKENS",
    "Attention",
    "PagedAttention",
    "attention_report",
    "paged_attention",
    "versions",
]

_log = logging.getLogger(__name__)

_TORCH = object()
"""torch's own function, whose import takes five seconds: not before it is wanted."""

_Choice = tuple[str, Attention | None, str]
"""What a kernel is called, the kernel if it is right, and else why it isn't used."""


@dataclass(frozen=True, slots=True)
class PagedAttention:
    """An :data:`Attention` that was found right, for up to ``max_queries`` of a row."""

    name: str
    max_queries: int
    attend: Attention

    def __call__(
        self,
        query: Tensor,
        keys: Tensor,
        values: Tensor,
        lengths: Tensor,
        table: Tensor,
        scale: float,
    ) -> Tensor:
        """As :data:`Attention` says."""
        return self.attend(query, keys, values, lengths, table, scale)


@torch.inference_mode()
def paged_attention(
    shape: CacheShape,
    *,
    heads: int,
    max_rows: int,
    max_context: int,
    triton_attn: Callable[..., Attention | None] | None = None,
    varlen_attn: Any = None,
) -> PagedAttention | None:
    """The first kernel that is right here; None if none is, which is said on a GPU.

    Compiling and trying takes a few seconds. ``triton_attn`` stands in for
    :func:`~got_loaders.engine.triton_gpu.attention.triton_attention`, ``varlen_attn`` for
    :func:`torch.nn.attention.varlen.varlen_attn`; where one is given, nothing else is tried.
    """
    if triton_attn is None and varlen_attn is None:
        if shape.device.type != "cuda":
            return None
        triton_attn, varlen_attn = triton_attention, _TORCH
    trial = AttentionTrial(shape, heads, max_rows, max_context)
    chosen, refused = _choose(_choices(trial, triton_attn, varlen_attn), trial)
    worth_a_warning = chosen is None or (refused and triton_version() is not None)
    _log.log(
        logging.WARNING if worth_a_warning else logging.INFO, "%s", _said(chosen, refused, shape)
    )
    return chosen


@torch.inference_mode()
def attention_report(device: str, dtype: DType) -> tuple[bool, str]:
    """Whether a model of GOT-OCR2's sizes gets attention over pages on a device; a line about it.

    Compiles and tries what an engine would; takes a few seconds.
    """
    shape = CacheShape(1, 16, 64, 0.125, torch.device(device), getattr(torch, dtype))
    trial = AttentionTrial(shape, 16, 16, 2048)
    chosen, refused = _choose(_choices(trial, triton_attention, _TORCH), trial)
    return chosen is not None, _said(chosen, refused, shape)


def versions() -> str:
    """What attention over pages depends on: the releases of torch and Triton."""
    return f"torch {torch.__version__}, Triton {triton_version() or 'not installed'}"


def _said(chosen: PagedAttention | None, refused: list[str], shape: CacheShape) -> str:
    reasons = "".join(f"; {reason}" for reason in refused)
    if chosen is None:
        where = f"{str(shape.dtype).removeprefix('torch.')} on {shape.device}"
        return (
            f"no attention over pages for {where}, decoding will be slower{reasons} ({versions()})"
        )
    by = f"attention over pages by {chosen.name}, {chosen.max_queries} queries a row"
    return f"{by}{reasons} ({versions()})"


def _choose(
    choices: Iterator[_Choice], trial: AttentionTrial
) -> tuple[PagedAttention | None, list[str]]:
    """The first that is right, and why those before it are not used."""
    refused: list[str] = []
    for name, attend, reason in choices:
        if attend is not None:
            return PagedAttention(name, trial.max_queries(attend), attend), refused
        refused.append(f"{name} {reason}")
    return None, refused


def _choices(
    trial: AttentionTrial, triton_attn: Callable[..., Attention | None] | None, varlen_attn: Any
) -> Iterator[_Choice]:
    """What may be used, best first; a choice is looked at when it is asked for."""
    if triton_attn is not None:
        yield "Triton", *_triton(trial, triton_attn)
    if varlen_attn is not None:
        yield "torch's varlen_attn", *_varlen(trial, varlen_attn)


def _triton(
    trial: AttentionTrial, triton_attn: Callable[..., Attention | None]
) -> tuple[Attention | None, str]:
    try:
        attend = triton_attn(trial.shape, heads=trial.heads)
    except Exception as error:
        if is_out_of_memory(error) or is_context_lost(error):
            raise
        return None, str(Outcome(False, error))
    if attend is None:
        return None, f"has no kernel for {trial.shape.dtype} heads of {trial.shape.head_size}"
    outcome = trial.run(attend, 1)
    return attend if outcome.right else None, str(outcome)


def _varlen(trial: AttentionTrial, varlen_attn: Any) -> tuple[Attention | None, str]:
    if varlen_attn is _TORCH:
        if trial.shape.dtype not in (torch.float16, torch.bfloat16):
            return None, f"is not for {trial.shape.dtype}"
        try:
            from torch.nn.attention.varlen import varlen_attn
        except ImportError as error:
            return None, str(Outcome(False, error))
    return varlen_attention(varlen_attn, trial)
