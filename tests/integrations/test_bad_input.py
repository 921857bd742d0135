"""Bad input gets a clear error that names the source and the page, and loses nothing else."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from got_loaders import EngineConfig, GotOcrLoader, LocalEngine
from got_loaders.errors import (
    EngineError,
    GotLoadersError,
    ModelNotFoundError,
    OptionError,
    PageError,
    PasswordError,
    SourceError,
    UnsupportedSourceError,
)
from got_loaders.testing import FakeEngine
from tests.pages.making import locked_pdf, pdf, raw_pdf


def image_of(kind: str, size: tuple[int, int] = (60, 40)) -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise(size, 80).save(buffer, kind)
    return buffer.getvalue()


def bomb() -> bytes:
    """A PNG of a few bytes whose header promises 40,000 × 40,000 pixels."""
    data = bytearray(image_of("PNG"))
    data[16:24] = (40_000).to_bytes(4, "big") * 2
    return bytes(data)


BAD: dict[str, tuple[Callable[[], bytes], dict[str, Any], type[GotLoadersError]]] = {
    "empty.pdf": (lambda: b"", {}, SourceError),
    "text.pdf": (lambda: b"Dear reader, this is no PDF.", {}, UnsupportedSourceError),
    "cut.pdf": (lambda: pdf("one", "two")[:120], {}, SourceError),
    "locked.pdf": (lambda: locked_pdf("sesame"), {}, PasswordError),
    "wrong.pdf": (lambda: locked_pdf("sesame"), {"password": "guess"}, PasswordError),
    "none.pdf": (raw_pdf, {}, SourceError),
    "short.pdf": (lambda: pdf("one", "two"), {"pages": "2-5"}, PageError),
    "noise.png": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(100), {}, SourceError),
    "cut.png": (lambda: image_of("PNG")[:300], {}, PageError),
    "bomb.png": (bomb, {}, SourceError),
    "far.pdf": (lambda: pdf("one"), {"box": (5000, 10, 5100, 20)}, PageError),
}


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A folder with a PDF that sorts first and one that sorts last."""
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "aaa.pdf").write_bytes(pdf("first"))
    (folder / "zzz.pdf").write_bytes(pdf("last"))
    return folder


@pytest.mark.parametrize("name", BAD)
def test_the_error_names_the_source(name: str, tmp_path: Path) -> None:
    """Each bad file raises its own kind of error, which names the file."""
    make, options, kind = BAD[name]
    path = tmp_path / name
    path.write_bytes(make())
    with pytest.raises(kind) as caught:
        GotOcrLoader(path, engine=FakeEngine(), **options).load()
    assert str(path) in str(caught.value)
    assert "sesame" not in str(caught.value)
    if kind is PageError:
        assert "page" in str(caught.value)


@pytest.mark.parametrize("name", [n for n in BAD if n not in ("short.pdf", "far.pdf")])
def test_nothing_else_is_lost(name: str, good: Path) -> None:
    """In a folder a bad file costs itself; its place is kept and says why."""
    make, options, _ = BAD[name]
    (good / name).write_bytes(make())
    options = {key: value for key, value in options.items() if key == "password"}
    loader = GotOcrLoader(good, engine=FakeEngine("read"), on_error="keep", **options)
    documents = loader.load()
    assert [document.page_content for document in documents] == ["read", "", "read"]
    assert documents[1].metadata["source"] == str(good / name)
    assert documents[1].metadata["error"]
    skipped = GotOcrLoader(good, engine=FakeEngine("read"), on_error="skip", **options).load()
    assert [document.page_content for document in skipped] == ["read", "read"]


def test_a_missing_path(tmp_path: Path) -> None:
    """A path that is not there is named."""
    with pytest.raises(SourceError, match=r"missing\.pdf"):
        GotOcrLoader(tmp_path / "missing.pdf", engine=FakeEngine()).load()


def test_other_addresses_are_not_read() -> None:
    """One is refused by name, not taken for a path."""
    with pytest.raises(UnsupportedSourceError, match=r"s3://bucket/a\.pdf"):
        GotOcrLoader("s3://bucket/a.pdf", engine=FakeEngine()).load()


@pytest.mark.parametrize(
    "options",
    [
        {"mode": "paragraph"},
        {"output": "docx"},
        {"pages": "0"},
        {"dpi": 5},
        {"crop_to_patches": "yes"},
        {"min_patches": 0},
        {"multi_page": 1},
        {"box": (1, 2, 3)},
        {"color": "pink"},
        {"on_error": "ignore"},
        {"max_new_tokens": 0},
    ],
)
def test_an_option_out_of_range(options: dict[str, Any]) -> None:
    """The error comes when the loader is made, and shows the option and the value."""
    ((name, value),) = options.items()
    with pytest.raises(OptionError) as caught:
        GotOcrLoader("some.pdf", engine=FakeEngine(), **options)
    assert f"{name}={value!r}" in str(caught.value)


def test_a_misspelt_option() -> None:
    """A name that is no option is an error, not a reading in another mode."""
    with pytest.raises(OptionError, match="fromat"):
        GotOcrLoader("some.pdf", engine=FakeEngine(), fromat=True)  # type: ignore[call-arg]  # misspelt on purpose


def test_weights_that_are_not_at_hand(
    tmp_path: Path, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever ``on_error`` says, a model that is not there stops the read, and says what to do."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelNotFoundError, match='model="tiny"'):
        GotOcrLoader(good, model="someone/no-such-model", on_error="keep").load()
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(EngineError, match="not a GOT-OCR2"):
        GotOcrLoader(good, model=str(tmp_path), on_error="skip").load()


def test_a_request_that_does_not_fit_costs_its_page(good: Path) -> None:
    """Too long for the context: the error has the numbers and the page, and the rest goes on."""
    with LocalEngine(EngineConfig(model="tiny", device="cpu", max_context=400)) as engine:
        documents = GotOcrLoader(good, engine=engine, max_new_tokens=500, on_error="keep").load()
        errors = [document.metadata["error"] for document in documents]
        assert all("page 1" in error and "400 tokens" in error for error in errors)
        assert len(GotOcrLoader(good, engine=engine, max_new_tokens=20).load()) == 2
