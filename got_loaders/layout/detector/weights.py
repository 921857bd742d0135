"""A layout model's name → the model in memory, or an error that says how to get it.

Checks that it is an object detector of transformers' own, with weights as safetensors, before
anything is loaded. Knows transformers, no pictures and no regions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from got_loaders._hub import (
    cached_snapshot,
    check_checkpoint,
    check_path,
    download_snapshot,
    local_folder,
    weights_not_found,
)
from got_loaders._transformers import SAFE, load_weights
from got_loaders.errors import (
    EngineError,
    GotLoadersError,
    MissingDependencyError,
    ModelNotFoundError,
)

__all__ = ["load_detector", "translate_errors"]

_REQUIRED = ("config.json", "p*_config.json", "*.safetensors")
_FILES = ("*.json", "*.safetensors")
_PROCESSORS = ("preprocessor_config.json", "processor_config.json")
_EXAMPLE = "docling-project/docling-layout-heron"
_PACKAGES = {
    "torchvision": "torchvision",
    "timm": "timm",
    "cv2": "opencv-python-headless",
    "scipy": "scipy",
}
"""What some checkpoints need beyond our own dependencies: module → the package that has it."""


def load_detector(model: str, device: str) -> tuple[Any, Any]:
    """The image processor and the network of ``model``, a hub id or a folder, on ``device``.

    From safetensors only and without remote code. What the hub's cache has is taken from there
    without asking the hub. Raises :class:`ModelNotFoundError` if it is not to be had or is no
    object detector, :class:`MissingDependencyError` if it needs a package that is not installed,
    and :class:`EngineError` if it is damaged.
    """
    folder = _find_checkpoint(model)
    with translate_errors(model, "can't be loaded"):
        return _load(folder, device)


@contextmanager
def translate_errors(model: str, what: str) -> Iterator[None]:
    """Raise whatever transformers raises, which has no error tree of its own, as one of ours."""
    try:
        yield
    except GotLoadersError:
        raise
    except Exception as error:
        packages = _lacking(error)
        if not packages:
            raise EngineError(f"layout_model={model!r} {what}: {error}") from error
        raise MissingDependencyError(
            f"layout_model={model!r} needs {packages}: pip install {packages}"
        ) from error


def _lacking(error: Exception) -> str:
    """The packages that transformers misses, by its own words, and that are not installed."""
    text = str(error)
    if not isinstance(error, ImportError) and "dependencies" not in text:
        return ""
    return " ".join(
        package for name, package in _PACKAGES.items() if name in text and find_spec(name) is None
    )


def _find_checkpoint(model: str) -> Path:
    """The folder that has the checkpoint, downloaded if need be."""
    folder = local_folder(model)
    if folder is None:
        check_path("layout_model", model)
        folder = cached_snapshot(model, _REQUIRED) or _download(model)
    _check(folder / "config.json", model)
    check_checkpoint(folder)
    if not any(folder.glob("*.safetensors")):
        raise _unfit(model, "has no weights as safetensors, and no others are loaded")
    if not any((folder / name).is_file() for name in _PROCESSORS):
        raise _unfit(model, "has no preprocessor_config.json, which says how to show it a page")
    return folder


def _download(model: str) -> Path:
    from huggingface_hub.errors import HFValidationError

    try:
        return download_snapshot(model, _FILES, lambda path: _check(path, model))
    except ModelNotFoundError:
        raise
    except HFValidationError as error:
        raise _unfit(model, "is neither a folder nor the id of a model on the hub") from error
    except Exception as error:  # the hub's client raises its own, httpx's and the system's
        raise weights_not_found("layout_model", model, error, download=model) from error


def _check(path: Path, model: str) -> None:
    """Raise unless the ``config.json`` at ``path`` is that of an object detector."""
    from transformers.models.auto.modeling_auto import MODEL_FOR_OBJECT_DETECTION_MAPPING_NAMES

    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise _unfit(model, "has no config.json") from error
    except (ValueError, RecursionError) as error:
        raise _unfit(model, "has a config.json that is damaged") from error
    kind = settings.get("model_type") if isinstance(settings, dict) else None
    if kind not in MODEL_FOR_OBJECT_DETECTION_MAPPING_NAMES:
        what = f"a {kind!r} checkpoint" if kind else "no transformers checkpoint"
        raise _unfit(model, f"is {what}, not one of transformers' object detectors")


def _unfit(model: str, why: str) -> ModelNotFoundError:
    return ModelNotFoundError(
        f"layout_model={model!r} {why}; expected the id of an object-detection checkpoint for "
        f"documents on the hub, such as {_EXAMPLE}, or a folder with a copy of one"
    )


def _load(folder: Path, device: str) -> tuple[Any, Any]:
    """The image processor and the model, from safetensors only and without remote code."""
    from transformers import AutoImageProcessor, AutoModelForObjectDetection

    automatic: Any = AutoImageProcessor
    processor = automatic.from_pretrained(folder, backend="pil", **SAFE)
    network = load_weights(AutoModelForObjectDetection, folder, dtype="float32")
    return processor, network.to(device).eval()
