"""Matrix products with fixed weights, by the fastest kernel at hand.

On the CPU the weights are laid out once for oneDNN, where torch has it. Its products of packed
weights were 1.8 to 3 times as fast as the BLAS behind ``torch.nn.functional.linear`` on the machine
that the performance page describes, for one row as for thousands. The choice depends on what the
machine can do, never on a measurement, so that the same machine gives the same bits again.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own custom
from torch import Tensor

__all__ = ["Linear", "uses_onednn"]


class Linear:
    """``x @ weight.T + bias`` for inputs (…, in) and a weight (out, in), several stacked as one.

    It takes over the weights of the modules it is made of: what is packed is not kept twice, and
    those modules must not be called again.
    """

    def __init__(self, *modules: Any) -> None:
        weights = [module.weight for module in modules]
        weight = torch.cat(weights) if len(weights) > 1 else weights[0].detach()
        self._bias = _stacked_bias(modules)
        self._packed = _packed(weight)
        self._weight = weight if self._packed is None else None
        for module in modules:
            module.weight = None

    def __call__(self, states: Tensor) -> Tensor:
        """(…, in) → (…, out)."""
        if self._packed is None:
            return F.linear(states, self._weight, self._bias)  # type: ignore[arg-type]  # one of both
        out: Tensor = _ops()._linear_pointwise(states, self._packed, self._bias, "none", [], "")
        return out

    def linear_gelu(self, states: Tensor) -> Tensor:
        """``gelu(linear(states))`` with the exact GELU, in one call where oneDNN has it."""
        if self._packed is None:
            return F.gelu(self(states))
        out: Tensor = _ops()._linear_pointwise(states, self._packed, self._bias, "gelu", [], "none")
        return out

    def linear_add(self, states: Tensor, other: Tensor) -> Tensor:
        """``linear(states) + other``, both (…, out), in one call where oneDNN has it."""
        if self._packed is None:
            return other + self(states)
        out: Tensor = _ops()._linear_pointwise.binary(
            states, other, self._packed, self._bias, "add"
        )
        return out


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


def _packed(weight: Tensor) -> Tensor | None:
    """The weight in oneDNN's own layout; None where that is not to be had."""
    if not uses_onednn(weight.device, weight.dtype):
        return None
    packed: Tensor = _ops()._reorder_linear_weight(weight.detach().contiguous(), None)
    return packed


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
