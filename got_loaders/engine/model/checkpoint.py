"""A model's name → its checkpoint, or an error that says how to get it. Loads no weights."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from got_loaders._hub import cached_snapshot, check_checkpoint, download_snapshot, weights_not_found
from got_loaders.engine.model_name import DEFAULT_MODEL, ORIGINAL_IDS, check_model_name
from got_loaders.errors import EngineError, ModelNotFoundError

__all__ = ["TINY", "Checkpoint", "find_checkpoint", "not_found"]

TINY = Path(__file__).parents[2] / "checkpoints" / "tiny"
_REQUIRED = ("config.json", "tokenizer*.json", "*.safetensors")
_FILES = ("*.json", "*.safetensors", "*.txt", "*.jinja")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A GOT-OCR2 on this machine.

    ``revision`` identifies the weights: the hub's commit, or a digest of a folder's files.
    """

    folder: Path
    revision: str


def find_checkpoint(model: str, revision: str | None) -> Checkpoint:
    """The checkpoint that ``model`` names, downloaded if need be.

    What the hub's cache has is taken from there without asking the hub, so that it works without a
    network, and an index does not change because a repository did; another ``revision``, or a
    download by hand, brings news. Raises :class:`ModelNotFoundError` if it is not to be had and
    :class:`EngineError` if it is no GOT-OCR2 in transformers' format.
    """
    if model in ORIGINAL_IDS:
        raise _original_format(model)
    folder = TINY if model == "tiny" else Path(model)
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise _other_model(model, "a folder without config.json")
        _check(folder / "config.json", model)
        check_checkpoint(folder)
        return Checkpoint(folder, _digest(folder))
    check_model_name(model)
    folder = cached_snapshot(model, _REQUIRED, revision) or _download(model, revision)
    _check(folder / "config.json", model)
    check_checkpoint(folder)
    return Checkpoint(folder, folder.name)


def _download(model: str, revision: str | None) -> Path:
    try:
        return download_snapshot(model, _FILES, lambda path: _check(path, model), revision)
    except EngineError:
        raise
    except Exception as error:  # the hub's client raises its own, httpx's and the system's
        raise not_found(model, error) from error


def not_found(model: str, error: Exception) -> ModelNotFoundError:
    """The error for weights that are neither here nor to be downloaded."""
    hint = '. To try the library without them: model="tiny"'
    download = DEFAULT_MODEL if Path(model).is_dir() else model
    return weights_not_found("model", model, error, download=download, hint=hint)


def _check(path: Path, model: str) -> None:
    """Raise unless the ``config.json`` at ``path`` is that of a GOT-OCR2."""
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise _other_model(model, "a checkpoint whose config.json is damaged") from error
    settings = settings if isinstance(settings, dict) else {}
    kind = settings.get("model_type")
    if kind == "GOT" or "GOTQwenForCausalLM" in (settings.get("architectures") or []):
        raise _original_format(model)
    if kind != "got_ocr2":
        raise _other_model(
            model, f"a {kind!r} checkpoint" if kind else "no transformers checkpoint"
        )


def _other_model(model: str, kind: str) -> EngineError:
    return EngineError(
        f"model={model!r} is {kind}, not a GOT-OCR2; expected {DEFAULT_MODEL}, "
        'a folder with a copy of it, or "tiny"'
    )


def _original_format(model: str) -> EngineError:
    return EngineError(
        f"model={model!r} is in the format of the original repository, which runs code of its own; "
        f'use the same weights in transformers\' format: model="{DEFAULT_MODEL}"'
    )


def _digest(folder: Path) -> str:
    """What identifies a local checkpoint: all that is in its files, as caches rely on it."""
    paths = sorted(path for name in _FILES for path in folder.glob(name))
    digest = hashlib.sha256()
    for path in paths:
        stat = path.stat()
        content = _file_digest(path, stat.st_size, stat.st_mtime_ns, stat.st_ino)
        digest.update(json.dumps([path.name, stat.st_size, content]).encode())
    return digest.hexdigest()


@lru_cache(maxsize=64)
def _file_digest(path: Path, size: int, changed: int, inode: int) -> str:  # noqa: ARG001  # its key
    """The digest of a file's content, read once as long as the file stays as it is: 2 s a GB."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=32)).hexdigest()
