"""What numba compiles gives what torch gives, and stands aside where it can't or doesn't."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import GotOcr2ForConditionalGeneration

from got_loaders.engine import EngineConfig, LocalEngine
from got_loaders.engine.kv_cache.base import one_each
from got_loaders.engine.kv_cache.row_cache import RowCache
from got_loaders.engine.model.checkpoint import TINY
from got_loaders.engine.model.decoder import Decoder
from got_loaders.engine.numba_cpu import openmp, row_attention
from got_loaders.engine.numba_cpu.row_attention import CompiledAttention, compiled_attention
from got_loaders.engine.runner.decode_backends import (
    DecodeBackend,
    eager_backend,
    select_backend,
)
from got_loaders.errors import RequestTooLongError
from got_loaders.types import OcrRequest
from tests.engine.checkpoints import config, tokenizer
from tests.engine.fakes import nothing_compiled
from tests.engine.pictures import page
from tests.engine.test_row_cache import SHAPE

pytest.importorskip("numba")


def model(**text: Any) -> Any:
    """The random checkpoint's model, with another text config; spread wide, biases too."""
    settings = config(tokenizer())
    for name, value in text.items():
        setattr(settings.text_config, name, value)
    torch.manual_seed(0)
    made: Any = GotOcr2ForConditionalGeneration(settings)
    with torch.no_grad():
        for name, weight in made.model.language_model.named_parameters():
            if name.endswith("bias"):
                torch.nn.init.normal_(weight, std=0.5)
            if "norm" in name:
                torch.nn.init.uniform_(weight, 0.5, 1.5)
    return made.eval()


def attention_of(backend: DecodeBackend) -> object:
    assert isinstance(backend.cache, RowCache)
    return backend.cache._attention


def ways(made: Any) -> tuple[DecodeBackend, DecodeBackend]:
    """What is chosen here, and torch's own attention, over the same decoder."""
    decoder = Decoder(made, max_context=2048)
    ours = select_backend(decoder, max_rows=32, max_context=2048, max_bytes=None)
    return ours, eager_backend(decoder, RowCache(decoder.cache_shape))


def fill(each: DecodeBackend, lengths: list[int], made: Any) -> None:
    """Rows with prompts of these lengths, the same ones every time."""
    generator = torch.Generator().manual_seed(1)
    text = made.config.text_config
    size = text.hidden_size // text.num_attention_heads
    for slot, length in enumerate(lengths):
        prompt = each.cache.allocate([slot], length)
        for layer in range(text.num_hidden_layers):
            shape = (2, 1, text.num_key_value_heads, length, size)
            prompt.write_prompt(layer, *torch.randn(shape, generator=generator))
        each.cache.commit(prompt)


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What is logged; whatever was found out about numba is forgotten before and after."""
    caplog.set_level(logging.INFO, "got_loaders")
    row_attention._log_once.cache_clear()
    yield caplog
    row_attention._log_once.cache_clear()


@pytest.fixture(params=[1, 3])
def _threads(request: pytest.FixtureRequest) -> Iterator[None]:
    """One of torch's threads, and more than some machines have cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    "text",
    [
        {},
        {"num_key_value_heads": 4},
        {"num_key_value_heads": 1},
        {"hidden_size": 40, "intermediate_size": 68},
    ],
    ids=str,
)
@pytest.mark.parametrize("rows", [1, 3, 4, 13])
@pytest.mark.usefixtures("_threads")
@torch.inference_mode()
def test_a_step_gives_the_logits_of_torch_s_attention(text: dict[str, Any], rows: int) -> None:
    """For any number of rows of any lengths, token after token, whatever the decoder's sizes."""
    made = model(**text)
    ours, theirs = ways(made)
    lengths = [(37 * row) % 290 + 1 for row in range(rows)]
    tokens = (torch.arange(rows) * 31) % 500
    for each in (ours, theirs):
        fill(each, lengths, made)
    positions = torch.tensor(lengths)
    for _ in range(4):
        for each in (ours, theirs):
            each.cache.reserve(one_each(each.cache))
        expected = theirs.logits(tokens, positions)
        logits, choice = ours.logits(tokens, positions), ours.step(tokens, positions, rows)
        assert torch.allclose(logits, expected, atol=1e-4 * float(expected.abs().max()))
        assert torch.equal(choice.tokens, expected.argmax(-1))
        best = expected.softmax(-1).amax(-1)
        assert torch.allclose(choice.probabilities, best, rtol=1e-3, atol=1e-6)
        for each in (ours, theirs):
            each.cache.commit_step(one_each(each.cache))
        tokens, positions = choice.tokens, positions + 1


def test_the_embedded_model_has_compiled_attention(said: pytest.LogCaptureFixture) -> None:
    """Where numba is installed it is used, and nothing is said about it."""
    with LocalEngine(EngineConfig(model="tiny", device="cpu")) as engine:
        inside: Any = engine._loop._runner
        assert isinstance(attention_of(inside._backend), CompiledAttention)
    assert "numba" not in said.text
    assert "compiled" not in said.text


@pytest.mark.parametrize("max_context", [1, 150])
def test_a_short_context_is_compiled_too(random_folder: Path, max_context: int) -> None:
    """The trial of what is compiled needs no place that the shortest context lacks."""
    config = EngineConfig(model=str(random_folder), device="cpu", max_context=max_context)
    with LocalEngine(config) as engine:
        request = OcrRequest(images=(page(0),), max_new_tokens=2)
        if max_context == 1:
            with pytest.raises(RequestTooLongError):
                engine.submit(request)
        else:
            assert engine.submit(request).result(60).num_tokens == 2


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16], ids=str)
def test_compiled_attention_is_for_float32_and_bfloat16(dtype: torch.dtype) -> None:
    """Other number formats have torch's."""
    backend = ways(model().to(dtype))[0]
    assert isinstance(attention_of(backend), CompiledAttention) == (dtype is not torch.float16)


def test_without_numba_it_goes_without(
    said: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line says what would help; pages are read all the same."""
    monkeypatch.setitem(sys.modules, "numba", None)
    for _ in range(2):
        assert not isinstance(attention_of(ways(model())[0]), CompiledAttention)
    assert [record.getMessage() for record in said.records if "numba" in record.getMessage()] == [
        'numba is not installed: pip install "got-loaders[cpu]" makes the CPU faster'
    ]


def test_numba_s_own_switch_is_heeded() -> None:
    """NUMBA_DISABLE_JIT turns the compiled functions off."""
    with nothing_compiled():
        assert compiled_attention(SHAPE, heads=2) is None


def test_without_torch_s_openmp_it_goes_without(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where torch computes with other threads there is nothing to run in."""
    monkeypatch.setattr(torch.backends.openmp, "is_available", lambda: False)
    assert openmp.openmp.__wrapped__() is None
    monkeypatch.setattr(row_attention, "openmp", lambda: None)
    assert compiled_attention(SHAPE, heads=2) is None


def test_a_library_without_openmp_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, where torch's threads can't be borrowed."""
    monkeypatch.setattr(torch._C, "__file__", "there is no such library")
    assert openmp.openmp.__wrapped__() is None


def test_what_fails_to_compile_is_done_without(
    said: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever numba raises, the engine goes on without it and says so."""

    def failing(*_: object, **__: object) -> None:
        raise NotImplementedError("no such processor")

    monkeypatch.setattr(row_attention, "CompiledAttention", failing)
    assert compiled_attention(SHAPE, heads=2) is None
    assert "no such processor" in said.text


def test_attention_that_is_wrong_is_not_trusted(
    said: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried on rows of several lengths before anything is read with it."""
    right = CompiledAttention.__call__

    def wrong(*arguments: Any) -> Any:
        return right(*arguments) * 1.01

    monkeypatch.setattr(CompiledAttention, "__call__", wrong)
    assert compiled_attention(SHAPE, heads=2) is None
    assert "compiled attention is wrong" in said.text


def test_what_can_not_be_kept_is_compiled_each_time(
    said: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no folder can be written to, as in a sealed container."""
    from numba.core import caching

    from got_loaders.engine.numba_cpu import attention_kernel as attention

    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [])
    attention.attention_kernel.cache_clear()
    try:
        assert compiled_attention(replace(SHAPE, head_size=6), heads=2) is not None
    finally:
        attention.attention_kernel.cache_clear()
    assert "can't be kept" in said.text


def test_the_exponential_is_right_to_rounding() -> None:
    """From 0 down to where a float32 ends, beyond which it stays the same."""
    import numba
    import numpy as np

    from got_loaders.engine.numba_cpu.intrinsics import exponential

    values = np.linspace(-87, 0, 100_001, dtype=np.float32)
    ours = numba.vectorize(["f4(f4)"])(lambda value: exponential(value))(values)
    exact = np.exp(values.astype(np.float64))
    assert np.abs(ours / exact - 1).max() < 5e-6
    assert np.abs(ours - exact).max() < 1.5e-7


def test_confidence_and_text_are_those_of_torch() -> None:
    """A reading by compiled functions is the reading without them."""
    request = OcrRequest(images=(page(0),), max_new_tokens=60)
    config = EngineConfig(model=str(TINY), device="cpu")
    with LocalEngine(config) as engine:
        ours = engine.submit(request).result(60)
    with nothing_compiled(), LocalEngine(config) as engine:
        theirs = engine.submit(request).result(60)
    assert ours.token_ids == theirs.token_ids
    assert ours.confidence == pytest.approx(theirs.confidence, abs=1e-5)


def test_numba_is_imported_only_when_an_engine_is_made(tmp_path: Path) -> None:
    """Importing what runs the model does not load a compiler."""
    import subprocess

    code = "import sys, got_loaders.engine.runner.decode_backends; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False).returncode == 0


@pytest.mark.usefixtures("_threads")
def test_every_thread_takes_part_and_none_goes_ahead() -> None:
    """The same step again and again gives the same bits, whoever computes which part of it."""
    made = model()
    ours, _ = ways(made)
    fill(ours, [5, 200, 131, 40, 77, 260, 9], made)
    tokens, positions = torch.arange(7), torch.tensor([5, 200, 131, 40, 77, 260, 9])
    with torch.inference_mode():
        ours.cache.reserve(one_each(ours.cache))
        first = ours.logits(tokens, positions)
        assert all(torch.equal(ours.logits(tokens, positions), first) for _ in range(300))
