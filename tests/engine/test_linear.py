"""Packed products give what torch's own give, and stand aside where there are none."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812  # torch's own custom
from torch import Tensor

from got_loaders.engine.device import processor
from got_loaders.engine.model import linear
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


@pytest.mark.parametrize("dtype", list(BITS), ids=str)
@pytest.mark.parametrize("rows", [1, 3, 4, 5])
@torch.inference_mode()
def test_few_rows_of_large_weights_are_filled_up_where_that_is_faster(
    monkeypatch: pytest.MonkeyPatch, dtype: torch.dtype, rows: int
) -> None:
    """Weights in pieces and rows of zeros change no product, and nothing of them is given back."""
    monkeypatch.setattr(linear, "slow_with_few_rows", lambda: True)
    for name in ("_LARGE_WEIGHT", "_HUGE_WEIGHT"):
        monkeypatch.setattr(linear, name, 1)
    whole = modules(dtype, True)
    states = torch.randn(rows, 48, generator=torch.Generator().manual_seed(2)).to(dtype)
    reference = expected(whole, states)
    other = torch.ones_like(reference)
    in_pieces = Linear(*whole)
    monkeypatch.setattr(linear, "_HUGE_WEIGHT", 10**9)
    in_one = Linear(*modules(dtype, True))
    for ours, theirs in (
        (in_pieces(states), reference),
        (in_pieces.linear_add(states, other), reference + other),
        (in_one.linear_gelu(states), F.gelu(reference)),
        (in_one.linear_add(states, other), reference + other),
    ):
        assert ours.shape == theirs.shape
        assert (ours.float() - theirs.float()).norm() < BITS[dtype] * theirs.float().norm()


@pytest.mark.parametrize("dtype", list(BITS), ids=str)
@torch.inference_mode()
def test_a_row_has_the_same_bits_alone_and_in_company(dtype: torch.dtype) -> None:
    """Also where oneDNN would take a single row's sums in another order."""
    generator = torch.Generator().manual_seed(3)
    weight = torch.randn(64, 2816, generator=generator).to(dtype)
    ours = Linear(SimpleNamespace(weight=weight, bias=None))
    states = torch.randn(2, 2816, generator=generator).to(dtype)
    other = torch.randn(2, 64, generator=generator).to(dtype)
    assert torch.equal(ours(states[:1]), ours(states)[:1])
    assert torch.equal(ours.linear_add(states[:1], other[:1]), ours.linear_add(states, other)[:1])


@pytest.mark.parametrize(
    ("told", "few_rows", "bfloat16"),
    [
        ({"cpu_name": "AMD EPYC 9655", "avx512_bf16": True}, True, True),
        ({"cpu_name": "Intel Xeon", "avx512_bf16": False, "amx_bf16": False}, False, False),
        ({}, False, False),
    ],
    ids=["AMD", "Intel", "unknown"],
)
def test_the_processor_decides_and_no_clock(
    monkeypatch: pytest.MonkeyPatch, told: dict[str, object], few_rows: bool, bfloat16: bool
) -> None:
    """What torch says of it; an older torch says nothing, and then nothing is filled up."""
    monkeypatch.setattr(processor, "_capabilities", lambda: told)
    assert processor.slow_with_few_rows() is few_rows
    assert processor.computes_bfloat16() is bfloat16


def test_packing_can_be_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """torch's switch for oneDNN is heeded."""
    monkeypatch.setattr(torch.backends.mkldnn, "enabled", False)
    assert not uses_onednn(torch.device("cpu"), torch.float32)
