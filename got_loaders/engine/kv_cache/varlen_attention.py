"""torch's attention over pages, ``torch.nn.attention.varlen``, in the way that a release takes it.

The kernel is that of FlashAttention (Dao, 2023). torch 2.11 has the function, but without pages;
what it takes beside them differs between later releases. So its signature is asked first, and what
is left open is tried.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor

from got_loaders.engine.kv_cache.attention_trial import PAGE_TOKENS, Attention, AttentionTrial
from got_loaders.engine.kv_cache.base import MAX_QUERIES

__all__ = ["VarlenAttention", "varlen_attention"]

_PAGES = ("seqused_k", "block_table")
_CAUSAL: Mapping[str, Any] = {"window_size": (-1, 0), "is_causal": True}
"""How a release may be told that a query sees no later token; it is aligned at the row's end."""


class VarlenAttention:
    """An :data:`Attention` that calls ``function``, with the keys' offsets or without."""

    def __init__(
        self,
        function: Any,
        trial: AttentionTrial,
        options: Mapping[str, Any],
        *,
        with_offsets: bool,
    ) -> None:
        self._function, self._options, self._with_offsets = function, options, with_offsets
        self._grouped = trial.heads != trial.shape.kv_heads
        rows = torch.arange(trial.max_rows + 1, dtype=torch.int32, device=trial.shape.device)
        self._starts = [rows * queries for queries in range(MAX_QUERIES + 1)]

    def __call__(
        self,
        query: Tensor,
        keys: Tensor,
        values: Tensor,
        lengths: Tensor,
        table: Tensor,
        scale: float,
    ) -> Tensor:
        """The queries of rows that all have as many."""
        queries = len(query) // len(lengths)
        offsets = self._starts[queries][: len(lengths) + 1]
        output: Tensor = self._function(
            query,
            keys,
            values,
            offsets,
            offsets if self._with_offsets else None,
            queries,
            table.shape[1] * PAGE_TOKENS,
            scale=scale,
            enable_gqa=self._grouped,
            seqused_k=lengths,
            block_table=table,
            **self._options,
        )
        return output


def varlen_attention(function: Any, trial: AttentionTrial) -> tuple[Attention | None, str]:
    """torch's ``function``, called in the first way that is right; if none is, why not.

    It is told to make one split of a row's keys: by itself it chooses their number by the batch,
    so that a row's sums depend on the others, and FlashAttention 2 is known to give wrong rows and
    NaN with several over pages, too seldom for a trial to see. Only where a release can't be told
    is it left to itself, which there is one split.
    """
    takes = _parameters(function)
    missing = [name for name in _PAGES if takes is not None and name not in takes]
    if missing:
        return None, f"takes no pages ({', '.join(missing)})"
    causal = next((name for name in _CAUSAL if takes is None or name in takes), None)
    options = {} if causal is None else {causal: _CAUSAL[causal]}
    splits: list[dict[str, Any]] = [{"num_splits": 1}, {}]
    if takes is not None and "num_splits" not in takes:
        splits = [{}]
    attend = partial(VarlenAttention, function, trial)
    for split in splits:
        for with_offsets in (True, False):
            way = attend({**options, **split}, with_offsets=with_offsets)
            outcome = trial.run(way, 1)
            if outcome.right:
                return way, ""
            if outcome.error is None:
                return None, str(outcome)
    return None, str(outcome)


def _parameters(function: Any) -> set[str] | None:
    """The names of what it takes; None if it may take anything."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return None
    if any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values()):
        return None
    return set(parameters)
