"""Weights that are not to be had, or are no GOT-OCR2, give an error that says what to do."""

from __future__ import annotations

import http.server
import json
import os
import shutil
import socketserver
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

import pytest
import torch
from safetensors.torch import load_file, save_file

from got_loaders._transformers import load_weights
from got_loaders.engine import EngineConfig, LocalEngine
from got_loaders.engine.config import fingerprint
from got_loaders.engine.model.checkpoint import TINY, find_checkpoint
from got_loaders.engine.model.loader import load_model
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


def test_pickled_weights_are_not_loaded(tmp_path: Path) -> None:
    """They would run whatever code is in them: only safetensors are read."""
    folder = tmp_path / "pickled"
    shutil.copytree(TINY, folder, ignore=shutil.ignore_patterns("*.safetensors"))

    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (tmp_path / "it ran",)

    torch.save({"weight": Evil()}, folder / "pytorch_model.bin")
    with pytest.raises(ModelNotFoundError, match="safetensors"):
        LocalEngine(EngineConfig(model=str(folder)))
    assert not (tmp_path / "it ran").exists()


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json", "processor_config.json"])
def test_code_in_a_checkpoint_is_not_run(name: str, tmp_path: Path) -> None:
    """A checkpoint may name classes of its own; ours are used, or it is refused."""
    folder = tmp_path / "with_code"
    shutil.copytree(TINY, folder)
    marker = tmp_path / "it ran"
    (folder / "evil.py").write_text(f"open({str(marker)!r}, 'w').close()\nclass Evil: pass\n")
    settings = json.loads((folder / name).read_text())
    kinds = ("AutoConfig", "AutoModel", "AutoTokenizer", "AutoProcessor", "AutoImageProcessor")
    settings["auto_map"] = dict.fromkeys(kinds, "evil.Evil")
    settings["auto_map"]["AutoTokenizer"] = ["evil.Evil", "evil.Evil"]
    settings["tokenizer_class"] = "Evil"
    (folder / name).write_text(json.dumps(settings))
    with suppress(EngineError):
        LocalEngine(EngineConfig(model=str(folder))).close()
    assert not marker.exists()


def test_broken_weights(tmp_path: Path) -> None:
    """A file that was cut off while it was copied is an error, not garbage text."""
    folder = tmp_path / "broken"
    shutil.copytree(TINY, folder)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100_000])
    with pytest.raises(EngineError, match="broken"):
        LocalEngine(EngineConfig(model=str(folder)))


def test_weights_that_lack_a_tensor(tmp_path: Path) -> None:
    """A checkpoint with a hole is an error, not a model with random numbers in it."""
    folder = tmp_path / "hole"
    shutil.copytree(TINY, folder)
    weights = load_file(folder / "model.safetensors")
    weights.pop(next(name for name in weights if "q_proj.weight" in name))
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(EngineError, match=r"lacks 1 weights.*q_proj"):
        LocalEngine(EngineConfig(model=str(folder)))


@pytest.mark.parametrize("text", ["{", "[]", "null"])
def test_damaged_settings(text: str, tmp_path: Path) -> None:
    """A config.json that can't be read is named, and is no matter of downloading."""
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(EngineError, match="not a GOT-OCR2") as caught:
        LocalEngine(EngineConfig(model=str(tmp_path)))
    assert not isinstance(caught.value, ModelNotFoundError)


def test_settings_that_make_no_sense(tmp_path: Path) -> None:
    """Whatever transformers raises while it loads is an EngineError."""
    folder = tmp_path / "odd"
    shutil.copytree(TINY, folder)
    settings = json.loads((folder / "config.json").read_text())
    settings["text_config"] = "a text"
    (folder / "config.json").write_text(json.dumps(settings))
    with pytest.raises(EngineError, match="can't be loaded"):
        LocalEngine(EngineConfig(model=str(folder)))


def test_tiny_is_the_embedded_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of that name in the current folder changes nothing; other folders are found."""
    (tmp_path / "tiny").mkdir()
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert EngineConfig(model="tiny").resolved().model == "tiny"
    for name in ("mine", "./mine/", "~/mine"):
        assert EngineConfig(model=name).resolved().model == str(tmp_path / "mine")


class Hub(http.server.BaseHTTPRequestHandler):
    """Notes what it is asked for and has nothing."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:  # the base class's name
        self.asked.append(self.path)
        self.send_error(404)

    do_HEAD = do_GET  # noqa: N815  # the base class's name

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on standard error."""


def test_a_hub_models_commit_is_its_revision(tmp_path: Path) -> None:
    """The fingerprint of a model from the hub names the commit, however it was asked for.

    What is in the hub's cache is read from there: the hub is not asked, so no network is needed.
    """
    commit = "0123456789abcdef0123456789abcdef01234567"
    repository = tmp_path / "models--org--got"
    shutil.copytree(TINY, repository / "snapshots" / commit)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(commit)
    script = (
        "from got_loaders.engine import EngineConfig, LocalEngine\n"
        f"for revision in (None, 'main', '{commit}'):\n"
        "    config = EngineConfig(model='org/got', revision=revision, device='cpu')\n"
        "    with LocalEngine(config) as engine:\n"
        "        print(engine.fingerprint)\n"
    )
    with socketserver.TCPServer(("127.0.0.1", 0), Hub) as hub:
        threading.Thread(target=hub.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{hub.server_address[1]}"
        done = subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "HF_HUB_CACHE": str(tmp_path), "HF_ENDPOINT": address},
            capture_output=True,
            text=True,
            check=True,
        )
        hub.shutdown()
    assert done.stdout.split() == [f"org/got@{commit[:12]}/float32"] * 3
    assert Hub.asked == []


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


def test_a_single_byte_makes_another_model(tmp_path: Path) -> None:
    """Readings are kept by what the weights are, wherever in the file they changed."""
    folder = tmp_path / "model"
    shutil.copytree(TINY, folder)
    weights = folder / "model.safetensors"
    before = find_checkpoint(str(folder), None).revision
    data = bytearray(weights.read_bytes())
    data[len(data) * 5 // 7] ^= 1
    weights.write_bytes(data)
    assert find_checkpoint(str(folder), None).revision != before


def test_spaces_that_the_model_wrote_stay(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Settings as the real model's, which ask for spaces to be tidied, do nothing, and no warning
    is printed about them."""
    folder = Path(shutil.copytree(TINY, tmp_path / "model"))
    path = folder / "tokenizer_config.json"
    settings = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(settings | {"clean_up_tokenization_spaces": True}), "utf-8")
    tokenizer = load_model(EngineConfig(model=str(folder), dtype="float32"), "cpu").tokenizer
    text = "do n't . wait , please !"
    assert tokenizer.decode(tokenizer.encode(text), skip_special_tokens=True) == text
    assert "clean_up" not in "".join(capfd.readouterr())


def test_one_model_is_loaded_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """transformers changes torch's settings as it loads: engines of several threads take turns."""
    meeting = threading.Barrier(2)
    met: list[bool] = []

    class Model:
        @classmethod
        def from_pretrained(cls, *_: object, **__: object) -> tuple[str, dict[str, list[str]]]:
            with suppress(threading.BrokenBarrierError):
                meeting.wait(0.1)
                met.append(True)
            return "a model", {"missing_keys": []}

    def load() -> None:
        assert load_weights(Model, TINY, dtype=torch.float32) == "a model"

    threads = [threading.Thread(target=load) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not met
