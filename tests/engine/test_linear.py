"""Packed products give what torch's own give, and stand aside where there are none."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812  # torch's own custom
from torch import Tensor

from got_loaders.engine.model.linear import Linear, uses_onednn

BITS: dict[torch.dtype, float] = {torch.float32: 1e-5, torch.bfloat16: 3e-2}


@pytest.fixture(params=["as the machine can", "without packing"])
def _packing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways of multiplying."""
    monkeypatch.setattr(torch.backends.mkldnn, "enabled", request.param == "as the machine can")


def modules(dtype: torch.dtype, *biases: bool) -> list[Any]:
    generator = torch.Generator().manual_seed(1)
    made = []
    for size, has_bias in enumerate(biases, start=20):
        weight = torch.randn(size, 48, generator=generator).to(dtype)
        bias = torch.randn(size, generator=generator).to(dtype) if has_bias else None
        made.append(SimpleNamespace(weight=weight, bias=bias))
    return made


def expected(parts: list[Any], states: Tensor) -> Tensor:
    return torch.cat([F.linear(states, part.weight, part.bias) for part in parts], dim=-1)


@pytest.mark.usefixtures("_packing")
@pytest.mark.parametrize("dtype", list(BITS), ids=str)
@pytest.mark.parametrize("biases", [(True,), (False,), (True, False, True)], ids=str)
@pytest.mark.parametrize("shape", [(1,), (5,), (2, 7), (300,)], ids=str)
@torch.inference_mode()
def test_products_are_torch_s(
    dtype: torch.dtype, biases: tuple[bool, ...], shape: tuple[int, ...]
) -> None:
    """One or several modules, with biases or without, for any number of rows."""
    states = torch.randn(*shape, 48, generator=torch.Generator().manual_seed(2)).to(dtype)
    parts = modules(dtype, *biases)
    reference = expected(parts, states)
    other = torch.ones_like(reference)
    linear = Linear(*parts)
    pairs: list[tuple[Callable[[], Tensor], Tensor]] = [
        (lambda: linear(states), reference),
        (lambda: linear.linear_gelu(states), F.gelu(reference)),
        (lambda: linear.linear_add(states, other), reference + other),
    ]
    for ours, theirs in pairs:
        difference = (ours().float() - theirs.float()).norm() / theirs.float().norm()
        assert difference < BITS[dtype]
    assert all(part.weight is None for part in parts)


def test_packing_can_be_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """torch's switch for oneDNN is heeded."""
    monkeypatch.setattr(torch.backends.mkldnn, "enabled", False)
    assert not uses_onednn(torch.device("cpu"), torch.float32)
