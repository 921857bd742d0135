"""A model's name → its checkpoint, or an error that says how to get it. Loads no weights."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from got_loaders.engine.config import DEFAULT_MODEL
from got_loaders.errors import EngineError, ModelNotFoundError

__all__ = ["TINY", "Checkpoint", "find_checkpoint", "model_location", "not_found"]

TINY = Path(__file__).parents[1] / "checkpoints" / "tiny"
_ORIGINAL_IDS = ("stepfun-ai/GOT-OCR2_0", "ucaslcl/GOT-OCR2_0")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where transformers finds a GOT-OCR2.

    ``place`` is a folder or a hub id; ``commit`` is the hub's, so that every file comes from the
    same one, "main" for a folder. ``revision`` identifies the weights: the commit, or a digest of
    a folder's files.
    """

    place: str
    commit: str
    revision: str


def model_location(model: str) -> str:
    """What transformers is asked for: the embedded checkpoint's folder for "tiny"."""
    return str(TINY) if model == "tiny" else model


def find_checkpoint(model: str, revision: str | None) -> Checkpoint:
    """The checkpoint that ``model`` names; may ask the hub for its settings.

    Raises :class:`ModelNotFoundError` if it is not to be had and :class:`EngineError` if it is no
    GOT-OCR2 in transformers' format.
    """
    from transformers.utils.hub import cached_file, extract_commit_hash

    if model in _ORIGINAL_IDS:
        raise _original_format(model)
    place = model_location(model)
    if Path(place).is_dir():
        settings = Path(place) / "config.json"
        if settings.is_file():
            _check(_read(settings, model), model)
            return Checkpoint(place, "main", _digest(Path(place)))
        raise _other_model(model, "a folder without config.json")
    try:
        found = cached_file(place, "config.json", revision=revision or "main")
    except OSError as error:
        raise not_found(model, error) from error
    _check(_read(Path(str(found)), model), model)
    commit = extract_commit_hash(str(found), None) or revision or "main"
    return Checkpoint(place, commit, commit)


def not_found(model: str, error: Exception) -> ModelNotFoundError:
    """The error for weights that are neither here nor to be downloaded."""
    reason = str(error).strip().partition("\n")[0]
    return ModelNotFoundError(
        f"the weights of model={model!r} are not on this machine and can't be downloaded "
        f"({reason}). With a network, run: hf download {DEFAULT_MODEL}. Without one, copy that "
        'folder here and pass its path as model=. To try the library without them: model="tiny"'
    )


def _read(path: Path, model: str) -> dict[str, Any]:
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise _other_model(model, "a checkpoint whose config.json is damaged") from error
    return settings if isinstance(settings, dict) else {}


def _check(settings: dict[str, Any], model: str) -> None:
    kind = settings.get("model_type")
    if kind == "GOT" or "GOTQwenForCausalLM" in (settings.get("architectures") or []):
        raise _original_format(model)
    if kind != "got_ocr2":
        raise _other_model(
            model, f"a {kind!r} checkpoint" if kind else "no transformers checkpoint"
        )


def _other_model(model: str, found: str) -> EngineError:
    return EngineError(
        f"model={model!r} is {found}, not a GOT-OCR2; expected {DEFAULT_MODEL}, "
        'a folder with a copy of it, or "tiny"'
    )


def _original_format(model: str) -> EngineError:
    return EngineError(
        f"model={model!r} is in the format of the original repository, which runs code of its own; "
        f'use the same weights in transformers\' format: model="{DEFAULT_MODEL}"'
    )


def _digest(folder: Path) -> str:
    """What identifies a local checkpoint: its files' content, of large ones a sample."""
    digest = hashlib.sha256()
    for path in sorted([*folder.glob("*.json"), *folder.glob("*.safetensors")]):
        size = path.stat().st_size
        digest.update(json.dumps([path.name, size]).encode())
        with path.open("rb") as file:
            for start in range(0, size, max(1 << 20, size // 16)):
                file.seek(start)
                digest.update(file.read(1 << 20))
    return digest.hexdigest()
