"""What is loaded is what lies in the model's folder as safetensors, whatever its settings name."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from got_loaders.engine import EngineConfig, LocalEngine, model_fingerprint
from got_loaders.engine.model.checkpoint import TINY
from got_loaders.errors import EngineError, ModelNotFoundError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkpoint that loads."""
    return Path(shutil.copytree(TINY, tmp_path / "model"))


def edit(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the settings in a file."""
    settings = json.loads(path.read_text(encoding="utf-8"))
    change(settings)
    path.write_text(json.dumps(settings), encoding="utf-8")


def shard(folder: Path, name: str) -> None:
    """Move the weights into two shards, of which the second is called ``name``."""
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").rename(folder / "model-1.safetensors")
    first, *others = weights
    names = {first: name} | dict.fromkeys(others, "model-1.safetensors")
    index = {"metadata": {"total_size": 1}, "weight_map": names}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    target = folder / name
    if target.suffix == ".bin":
        torch.save({first: weights[first]}, target)
    elif not target.exists():
        target.parent.mkdir(exist_ok=True)
        shutil.copy(folder / "model-1.safetensors", target)


def test_shards_of_the_folder_are_loaded(folder: Path) -> None:
    """An index is what large checkpoints have."""
    shard(folder, "model-2.safetensors")
    LocalEngine(EngineConfig(model=str(folder))).close()


@pytest.mark.parametrize(
    "name",
    ["weights.bin", "../outside.safetensors", "sub/x.safetensors", "{tmp}/outside.safetensors"],
)
def test_an_index_names_safetensors_of_its_own_folder(name: str, folder: Path) -> None:
    """No pickles, whose code would run, and no files that the revision knows nothing of."""
    shard(folder, name.format(tmp=folder.parent))
    with pytest.raises(EngineError, match="of its own folder"):
        LocalEngine(EngineConfig(model=str(folder)))
    with pytest.raises(EngineError, match="of its own folder"):
        model_fingerprint(EngineConfig(model=str(folder)))


@pytest.mark.parametrize("index", ["[]", "{}", '{"weight_map": [1]}', '{"weight_map": {"a": 1}}'])
def test_an_index_that_makes_no_sense(index: str, folder: Path) -> None:
    """It is refused, and no matter of downloading."""
    (folder / "model.safetensors.index.json").write_text(index)
    with pytest.raises(EngineError) as caught:
        LocalEngine(EngineConfig(model=str(folder)))
    assert not isinstance(caught.value, ModelNotFoundError)


def test_adapters_are_refused(folder: Path) -> None:
    """Their settings send transformers to another model, anywhere."""
    settings = {"base_model_name_or_path": str(TINY), "peft_type": "LORA"}
    (folder / "adapter_config.json").write_text(json.dumps(settings))
    with pytest.raises(EngineError, match="adapter"):
        LocalEngine(EngineConfig(model=str(folder)))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("transformers_weights", "weights.bin"),
        ("transformers_weights", "../x.safetensors"),
        ("quantization_config", {"quant_method": "mxfp4"}),
    ],
)
@pytest.mark.parametrize("part", ["", "text_config", "vision_config"])
def test_settings_that_lead_elsewhere_are_refused(
    part: str, key: str, value: object, folder: Path
) -> None:
    """To other weights, or to code that is downloaded for them."""

    def change(settings: dict[str, Any]) -> None:
        (settings[part] if part else settings)[key] = value

    edit(folder / "config.json", change)
    with pytest.raises(EngineError, match=key):
        LocalEngine(EngineConfig(model=str(folder)))


@pytest.mark.parametrize("part", ["", "text_config", "vision_config"])
@pytest.mark.parametrize("key", ["attn_implementation", "_attn_implementation"])
def test_attention_is_computed_our_way(part: str, key: str, folder: Path) -> None:
    """Settings may name a kernel of the hub, which would be downloaded and run."""

    def change(settings: dict[str, Any]) -> None:
        (settings[part] if part else settings)[key] = "somebody/kernel:attention"

    edit(folder / "config.json", change)
    LocalEngine(EngineConfig(model=str(folder))).close()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors", "x.json"])
def test_a_pipe_in_the_folder_holds_up_nobody(name: str, folder: Path) -> None:
    """Opening it would wait for ever."""
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    with pytest.raises(EngineError):
        LocalEngine(EngineConfig(model=str(folder)))


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("processor_config.json", "image_mean", 5),
        ("processor_config.json", "image_std", ["a", None, {}]),
        ("processor_config.json", "resample", 99),
        ("processor_config.json", "rescale_factor", "large"),
        ("generation_config.json", "eos_token_id", [[1]]),
        ("generation_config.json", "eos_token_id", "two"),
    ],
)
def test_settings_of_another_kind_are_engine_errors(
    name: str, key: str, value: object, folder: Path
) -> None:
    """Whatever is in them."""

    def change(settings: dict[str, Any]) -> None:
        settings.get("image_processor", settings)[key] = value

    edit(folder / name, change)
    with pytest.raises(EngineError, match="model="):
        LocalEngine(EngineConfig(model=str(folder)))


@pytest.mark.parametrize("name", ["config.json", "model.safetensors.index.json"])
def test_settings_that_are_nested_beyond_reason(name: str, folder: Path) -> None:
    """200,000 brackets are an error of ours, not of Python's stack."""
    (folder / name).write_text("[" * 200_000)
    with pytest.raises(EngineError):
        LocalEngine(EngineConfig(model=str(folder)))
