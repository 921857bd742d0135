"""Model names → folders with checkpoints, through the Hugging Face hub's cache. Knows no model."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from got_loaders._spelling import did_you_mean
from got_loaders.errors import EngineError, ModelNotFoundError, shown

__all__ = [
    "cached_snapshot",
    "check_checkpoint",
    "check_path",
    "download_snapshot",
    "local_folder",
    "model_key",
    "weights_not_found",
]

_WEIGHTS = ".safetensors"


def model_key(model: str) -> str:
    """A folder's absolute path, so that it is the same key from everywhere; a hub id as it is."""
    folder = local_folder(model)
    return model if folder is None else str(folder.resolve())


def local_folder(model: str) -> Path | None:
    """The folder that ``model`` names, if there is one."""
    path = _expanded(model)
    return path if path.is_dir() else None


def check_path(option: str, model: str) -> None:
    """Raise :class:`ModelNotFoundError` where ``model`` can only be a path, and no folder is there.

    A hub id is a name, or two with one slash between them.
    """
    path = _expanded(model)
    if path.is_file():
        text = f"{option}={shown(model)} is a file; pass the folder that holds the whole model"
        raise ModelNotFoundError(text)
    named = model.startswith((".", "~")) or model.endswith("/") or model.count("/") > 1
    if named or "\\" in model or path.is_absolute():
        try:
            siblings = [sibling.name for sibling in path.parent.iterdir() if sibling.is_dir()]
        except (OSError, ValueError):
            siblings = []
        meant = did_you_mean(path.name, siblings)
        raise ModelNotFoundError(f"{option}={shown(model)}: there is no such folder{meant}")


def _expanded(model: str) -> Path:
    try:
        return Path(model).expanduser()
    except RuntimeError:  # ~nobody
        return Path(model)


def cached_snapshot(
    model: str, required: tuple[str, ...], revision: str | None = None
) -> Path | None:
    """The folder of ``model`` in the hub's cache, if it has a file for each ``required`` pattern.

    The hub is not asked, so this works without a network.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(model, revision=revision, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        return None
    return folder if all(any(folder.glob(name)) for name in required) else None


def download_snapshot(
    model: str,
    files: tuple[str, ...],
    check_config: Callable[[Path], None],
    revision: str | None = None,
) -> Path:
    """Download what the patterns ``files`` match; whatever the hub's client raises goes through.

    ``check_config`` sees the ``config.json`` before a gigabyte of something else is fetched.
    Without a network this ends at once: the hub's client would try for 20 seconds.
    """
    from huggingface_hub import hf_hub_download, snapshot_download

    _check_network()

    check_config(Path(hf_hub_download(model, "config.json", revision=revision)))
    return Path(snapshot_download(model, revision=revision, allow_patterns=list(files)))


def _check_network() -> None:
    """Raise :class:`ConnectionError` where the hub's name leads nowhere.

    A proxy looks it up itself; where the hub must not be asked, its client says so.
    """
    from huggingface_hub import constants

    host = urlsplit(constants.ENDPOINT).hostname
    if host is None or constants.HF_HUB_OFFLINE or getproxies():
        return
    try:
        socket.getaddrinfo(host, None)
    except OSError as error:
        raise ConnectionError(f"no network: there is no way to {host}: {error}") from error


def check_checkpoint(folder: Path) -> None:
    """Refuse, as :class:`EngineError`, files that would have others loaded in their stead.

    transformers loads an adapter's base model from wherever its settings say, and every file that
    an index of shards names, pickles and other folders' included. What is loaded is to be what lies
    here as safetensors, for a digest of just these files says which model it is.
    """
    if (folder / "adapter_config.json").exists():
        raise EngineError(f"{folder} holds an adapter of another model; merge it into that model")
    for path in sorted(path for name in ("*.json", "*.safetensors") for path in folder.glob(name)):
        if not path.is_file():
            raise EngineError(f"{path} is no file")
        if path.name.endswith(".index.json"):
            _check_index(path)
    for settings in _all_settings(_read_json(folder / "config.json")):
        for key in ("transformers_weights", "quantization_config"):
            if settings.get(key) is not None:
                raise EngineError(f"{folder / 'config.json'} has {key!r}, which is not supported")


def _all_settings(value: object) -> Iterator[dict[str, Any]]:
    """The settings, and those of each part: transformers asks a part for what the whole lacks."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting += part.values()


def _check_index(path: Path) -> None:
    index = _read_json(path)
    names = index.get("weight_map") if isinstance(index, dict) else None
    for name in names.values() if isinstance(names, dict) else [names]:
        if not isinstance(name, str) or Path(name).name != name or Path(name).suffix != _WEIGHTS:
            text = (
                f"{path} names {name!r} as weights; only *{_WEIGHTS} of its own folder are loaded"
            )
            raise EngineError(text)


def _read_json(path: Path) -> object:
    """What is in a JSON file; None where it is not there."""
    try:
        value: object = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError) as error:
        raise EngineError(f"{path} is damaged: {type(error).__name__}") from error
    return value


def weights_not_found(
    option: str, model: str, error: Exception, *, download: str, hint: str = ""
) -> ModelNotFoundError:
    """The error for weights that are neither here nor to be had; ``download`` is a hub id."""
    from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError

    unknown = f"{option}={shown(model)}: there is no such folder, and "
    if isinstance(error, HFValidationError):
        return ModelNotFoundError(f"{unknown}the hub has no models of such a name{hint}")
    if isinstance(error, RepositoryNotFoundError):
        text = "the hub has no such model, or it is private: run hf auth login"
        return ModelNotFoundError(f"{unknown}{text}{hint}")
    reason = str(error).strip().partition("\n")[0].rstrip(".")
    return ModelNotFoundError(
        f"the weights of {option}={model!r} are not on this machine and can't be downloaded "
        f"({reason}). With a network, run: hf download {download}. Without one, copy its folder "
        f"here and pass the path as {option}={hint}"
    )
