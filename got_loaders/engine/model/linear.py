"""Matrix products with fixed weights, by the fastest kernel at hand.

On the CPU the weights are laid out once for oneDNN, where torch has it. Its products of packed
weights were 1.8 to 3 times as fast as the BLAS behind ``torch.nn.functional.linear`` on the machine
that the performance page describes, for one row as for thousands. The choice depends on what the
machine is and on the weight's size, never on a measurement, so that the same machine gives the same
bits again.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own custom
from torch import Tensor

from got_loaders.engine.device.processor import slow_with_few_rows

__all__ = ["Linear", "uses_onednn"]

_FEW_ROWS = 4
"""What one to three rows are filled up to, where the processor is slower with fewer."""

_LONG_SUM = 1024
"""Terms beyond which oneDNN takes the sums of a single row in another order than those of more. One
row is filled up to two there, so that it has the same bits alone and in company: with drafts or
without, whoever else is read. It costs a fiftieth of a step."""

_LARGE_WEIGHT = 2**20
"""Bytes from which on a weight counts as large: those of the real model, and none of tiny's. With
small ones filling up would cost more than it saves."""

_PIECES, _HUGE_WEIGHT = 4, 2**26
"""A weight of so many bytes, the output layer's, is packed in pieces where few rows are slow: there
one row took 19 ms instead of 23, on an Intel Xeon it makes no difference."""


class Linear:
    """``x @ weight.T + bias`` for inputs (…, in) and a weight (out, in), several stacked as one.

    It takes over the weights of the modules it is made of: what is packed is not kept twice, and
    those modules must not be called again.
    """

    def __init__(self, *modules: Any) -> None:
        weights = [module.weight for module in modules]
        weight = torch.cat(weights) if len(weights) > 1 else weights[0].detach()
        bias = _stacked_bias(modules)
        few_are_slow = slow_with_few_rows()
        self._least_rows = 1 + (weight.shape[1] > _LONG_SUM)
        if few_are_slow and weight.nbytes >= _LARGE_WEIGHT:
            self._least_rows = _FEW_ROWS
        self._pieces = _packed(weight, bias, _PIECES if few_are_slow else 1)
        self._weight: Tensor | None = None if self._pieces else weight
        self._bias = None if self._pieces else bias
        for module in modules:
            module.weight = None

    def __call__(self, states: Tensor) -> Tensor:
        """(…, in) → (…, out)."""
        if not self._pieces:
            return F.linear(states, self._weight, self._bias)  # type: ignore[arg-type]  # one of both
        return self._product(states, "none", "")

    def linear_gelu(self, states: Tensor) -> Tensor:
        """``gelu(linear(states))`` with the exact GELU, in one call where oneDNN has it."""
        if not self._pieces:
            return F.gelu(self(states))
        return self._product(states, "gelu", "none")

    def linear_add(self, states: Tensor, other: Tensor) -> Tensor:
        """``linear(states) + other``, both (…, out), in one call where oneDNN has it."""
        if len(self._pieces) != 1:
            return other + self(states)
        ((packed, bias),) = self._pieces
        filled = self._filled_up(states)
        if filled is not states:
            other = F.pad(other, (0, 0, 0, len(filled) - len(states)))
        out: Tensor = _ops()._linear_pointwise.binary(filled, other, packed, bias, "add")
        return out if filled is states else out[: len(states)]

    def _product(self, states: Tensor, activation: str, algorithm: str) -> Tensor:
        filled = self._filled_up(states)
        outs: list[Tensor] = [
            _ops()._linear_pointwise(filled, packed, bias, activation, [], algorithm)
            for packed, bias in self._pieces
        ]
        out = outs[0] if len(outs) == 1 else torch.cat(outs, dim=-1)
        return out if filled is states else out[: len(states)]

    def _filled_up(self, states: Tensor) -> Tensor:
        """Rows of zeros behind the few that there are, where more are faster, or needed."""
        if states.dim() != 2 or len(states) >= self._least_rows:
            return states
        return F.pad(states, (0, 0, 0, self._least_rows - len(states)))


def uses_onednn(device: torch.device, dtype: torch.dtype) -> bool:
    """Whether products there are oneDNN's; ``torch.backends.mkldnn.enabled`` can forbid it."""
    return device.type == "cpu" and bool(torch.backends.mkldnn.enabled) and _can_pack(dtype)


def _stacked_bias(modules: Sequence[Any]) -> Tensor | None:
    biases = [module.bias for module in modules]
    if all(bias is None for bias in biases):
        return None
    parts = [
        torch.zeros(module.weight.shape[0], dtype=module.weight.dtype, device=module.weight.device)
        if module.bias is None
        else module.bias.detach()
        for module in modules
    ]
    return torch.cat(parts)


def _packed(weight: Tensor, bias: Tensor | None, pieces: int) -> list[tuple[Tensor, Tensor | None]]:
    """Weight and bias in oneDNN's own layout, a huge one in pieces; none where that can't be."""
    if not uses_onednn(weight.device, weight.dtype):
        return []
    count = pieces if weight.nbytes >= _HUGE_WEIGHT else 1
    biases: Sequence[Tensor | None] = [None] * count if bias is None else bias.chunk(count)
    return [
        (_ops()._reorder_linear_weight(part.detach().contiguous(), None), own)
        for part, own in zip(weight.chunk(count), biases, strict=True)
    ]


@cache
def _can_pack(dtype: torch.dtype) -> bool:
    """Whether oneDNN's packed products are there for this number format, and right."""
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]  # torch's own
        return False
    generator = torch.Generator().manual_seed(0)
    states = torch.randn(3, 40, generator=generator).to(dtype)
    weight = torch.randn(24, 40, generator=generator).to(dtype)
    try:
        if dtype is torch.bfloat16 and not _ops()._is_mkldnn_bf16_supported():
            return False
        if dtype is torch.float16 and not _ops()._is_mkldnn_fp16_supported():
            return False
        packed = _ops()._reorder_linear_weight(weight, None)
        ours = _ops()._linear_pointwise(states, packed, None, "gelu", [], "none")
        summed = _ops()._linear_pointwise.binary(states, ours, packed, None, "add")
    except (RuntimeError, AttributeError, NotImplementedError):
        return False
    product = states.float() @ weight.float().T
    expected = F.gelu(product)
    close = 1e-4 if dtype is torch.float32 else 0.1
    return torch.allclose(ours.float(), expected, atol=close, rtol=close) and torch.allclose(
        summed.float(), expected + product, atol=close, rtol=close
    )


def _ops() -> Any:
    return torch.ops.mkldnn
