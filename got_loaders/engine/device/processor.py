"""What this machine's processor can do, as torch tells it."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch

__all__ = ["computes_bfloat16", "slow_with_few_rows"]


def computes_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 itself (AVX512_BF16, AMX or Arm's BF16)."""
    found = _capabilities()
    return any(found.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16", "arm_bf16"))


def slow_with_few_rows() -> bool:
    """Whether oneDNN's products of one to three rows are slower here than those of four.

    On one machine with AVX-512, by its figures an AMD EPYC (torch 2.13, one thread, real size), one
    row through all layers took 40 ms in bfloat16 and 85 in float32, four took 34 and 65. On an
    Intel Xeon with AVX512_BF16 it was 54 and 86 for one row, 65 and 101 for four: so this goes by
    the maker.
    """
    return "AMD" in str(_capabilities().get("cpu_name", ""))


@cache
def _capabilities() -> dict[str, Any]:
    """By torch's names; empty where this torch can't tell."""
    ask = getattr(torch.cpu, "get_capabilities", None)
    return dict(ask()) if ask is not None else {}
