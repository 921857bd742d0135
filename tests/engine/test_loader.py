"""Weights that are not to be had, or are no GOT-OCR2, give an error that says what to do."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from got_loaders.engine import EngineConfig, LocalEngine
from got_loaders.engine.config import fingerprint
from got_loaders.engine.loader import TINY
from got_loaders.errors import EngineError, ModelNotFoundError, OptionError


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test asks the hub for anything."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def folder_with(tmp_path: Path, settings: dict[str, object]) -> str:
    (tmp_path / "config.json").write_text(json.dumps(settings))
    return str(tmp_path)


def test_weights_that_are_not_at_hand() -> None:
    """The error says how to get the weights, and names the model that needs no download."""
    with pytest.raises(ModelNotFoundError, match=r'hf download.*model="tiny"'):
        LocalEngine(EngineConfig(model="someone/no-such-model"))


def test_the_original_repositorys_format(tmp_path: Path) -> None:
    """A checkpoint in the original format gives an error that names the -hf id."""
    folder = folder_with(tmp_path, {"model_type": "GOT", "architectures": ["GOTQwenForCausalLM"]})
    for model in (folder, "stepfun-ai/GOT-OCR2_0"):
        with pytest.raises(EngineError, match=r"stepfun-ai/GOT-OCR-2\.0-hf"):
            LocalEngine(EngineConfig(model=model))


def test_a_checkpoint_of_another_model(tmp_path: Path) -> None:
    """Another model is refused by name."""
    with pytest.raises(EngineError, match=r"a 'qwen2' checkpoint, not a GOT-OCR2"):
        LocalEngine(EngineConfig(model=folder_with(tmp_path, {"model_type": "qwen2"})))


def test_a_folder_without_a_checkpoint(tmp_path: Path) -> None:
    """An empty folder is no model."""
    with pytest.raises(EngineError, match=r"model="):
        LocalEngine(EngineConfig(model=str(tmp_path)))


def test_a_checkpoint_without_its_weights(tmp_path: Path) -> None:
    """A folder with settings but no weights says what is missing."""
    folder = tmp_path / "cut"
    shutil.copytree(TINY, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    with pytest.raises(ModelNotFoundError, match="safetensors"):
        LocalEngine(EngineConfig(model=str(folder)))


def test_broken_weights(tmp_path: Path) -> None:
    """A file that was cut off while it was copied is an error, not garbage text."""
    folder = tmp_path / "broken"
    shutil.copytree(TINY, folder)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100_000])
    with pytest.raises(EngineError, match="broken"):
        LocalEngine(EngineConfig(model=str(folder)))


def test_fingerprints_tell_what_changes_the_text(tmp_path: Path) -> None:
    """Weights, number format, prompts and rules show in the fingerprint; paths do not."""
    copy = tmp_path / "mine"
    shutil.copytree(TINY, copy)
    mine = EngineConfig(model=str(copy), device="cpu", max_batch_size=3)
    with LocalEngine(EngineConfig(model="tiny", device="cpu")) as one, LocalEngine(mine) as other:
        assert one.fingerprint.startswith("tiny@")
        assert one.fingerprint.endswith("/float32")
        assert other.fingerprint == one.fingerprint.replace("tiny", "mine")
    styled = EngineConfig(
        model="tiny", dtype="bfloat16", prompt_style="original", no_repeat_ngram_size=20
    )
    assert fingerprint(styled, "abc") == "tiny@abc/bfloat16/original-prompts/ngram20"


@pytest.mark.parametrize(
    "options",
    [
        {"model": ""},
        {"device": ()},
        {"dtype": "int8"},
        {"prompt_style": "mine"},
        {"max_batch_size": 0},
        {"max_queued": -1},
        {"max_context": 1.5},
        {"no_repeat_ngram_size": 0},
    ],
)
def test_settings_out_of_range_are_named(options: dict[str, object]) -> None:
    """A setting that makes no sense is refused with its name and its value."""
    ((name, value),) = options.items()
    with pytest.raises(OptionError) as caught:
        EngineConfig(**options)  # type: ignore[arg-type]  # wrong on purpose
    assert f"{name}={value!r}" in str(caught.value)


@pytest.mark.parametrize("device", ["cuda:99", "toaster", "meta"])
def test_devices_that_are_not_there(device: str) -> None:
    """A device that this machine lacks is refused by name."""
    with pytest.raises(OptionError, match=device):
        EngineConfig(model="tiny", device=device).resolved()
