"""A misspelt model is told at once, without a network, and with the one that was meant."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from got_loaders import GotOcrLoader, GotOcrReader, read
from got_loaders.engine import EngineConfig
from got_loaders.engine.model.checkpoint import TINY, find_checkpoint
from got_loaders.engine.model_name import DEFAULT_MODEL
from got_loaders.errors import ModelNotFoundError, OptionError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, empty; whoever asks the network fails the test."""

    def asked(*_: object, **__: object) -> object:
        raise AssertionError("the network was asked")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.hf_hub_download", asked)
    monkeypatch.setattr(socket, "getaddrinfo", asked)
    return tmp_path


@pytest.mark.parametrize(
    ("model", "meant"),
    [
        ("tinny", "tiny"),
        ("Tiny", "tiny"),
        ("tiny ", "tiny"),
        ("tny", "tiny"),
        ("stepfun-ai/GOT-OCR2-hf", DEFAULT_MODEL),
        ("stepfun-ai/got-ocr-2.0-hf", DEFAULT_MODEL),
        ("stepfun/GOT-OCR-2.0-hf", DEFAULT_MODEL),
        ("stepfun-ai/GOT-OCR-2.0", DEFAULT_MODEL),
        ("GOT-OCR-2.0-hf", DEFAULT_MODEL),
        ("got-ocr2", DEFAULT_MODEL),
    ],
)
def test_a_misspelt_model_is_told_where_it_is_named(model: str, meant: str) -> None:
    """Whoever takes a model refuses a name that looks like another one, and says which."""
    for make in (
        lambda: GotOcrLoader("x.pdf", model=model),
        lambda: GotOcrReader(model=model),
        lambda: read("x.pdf", model=model),
        lambda: EngineConfig(model=model),
    ):
        with pytest.raises(OptionError, match="did you mean") as caught:
            make()
        assert str(caught.value).endswith(f"did you mean {meant!r}?")


@pytest.mark.parametrize(
    "model",
    ["someone/GOT-OCR-2.0-hf", "stepfun-ai/GOT-OCR-2.1-hf", "stepfun-ai/GOT-OCR-2.0-hf-int8"],
)
def test_other_models_of_the_hub_may_be_named(model: str) -> None:
    """Neither another owner's copy nor another version is taken for a misspelling."""
    assert EngineConfig(model=model).model == model


def test_a_folder_is_meant_however_it_is_spelt(folder: Path) -> None:
    """A folder of one's own may be called nearly like a model."""
    (folder / "tinny").symlink_to(TINY)
    assert EngineConfig(model="tinny").resolved().model == str(TINY.resolve())


@pytest.mark.parametrize(
    ("model", "text"),
    [
        ("./weights", "there is no such folder"),
        ("~/no/weights", "there is no such folder"),
        ("~nobody-at-all/weights", "there is no such folder"),
        ("/no/such/folder", "there is no such folder"),
        ("a/b/c", "there is no such folder"),
        ("models\\got", "there is no such folder"),
        ("./modls", "did you mean 'models'?"),
        ("./model.safetensors", "is a file; pass the folder"),
        ("weights", f'no such folder; expected "tiny", {DEFAULT_MODEL}, or a folder'),
    ],
)
def test_a_path_that_leads_nowhere_is_told_without_the_hub(
    model: str, text: str, folder: Path
) -> None:
    """What can only be a path is looked for on this machine alone, before torch is loaded."""
    (folder / "models").mkdir()
    (folder / "model.safetensors").touch()
    for find in (EngineConfig(model=model).resolved, lambda: find_checkpoint(model, None)):
        with pytest.raises(ModelNotFoundError, match="model=") as caught:
            find()
        assert text in str(caught.value)


def test_a_machine_without_a_network_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the hub's name leads nowhere nothing is tried again, and that model is to be got."""

    def fails(*_: object) -> object:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("got_loaders._hub.getproxies", dict)
    monkeypatch.setattr(socket, "getaddrinfo", fails)
    with pytest.raises(ModelNotFoundError, match=r"no network.*hf download someone/other\. "):
        find_checkpoint("someone/other", None)
