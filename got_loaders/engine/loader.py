"""A model's name → the model in memory, or an error that says how to get it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from safetensors import SafetensorError

from got_loaders.engine.config import DEFAULT_MODEL, EngineConfig
from got_loaders.engine.preprocess import Tokenizer
from got_loaders.engine.prompt import IMAGE_TOKEN
from got_loaders.errors import EngineError, ModelNotFoundError

__all__ = ["TINY", "LoadedModel", "load_model", "model_location"]

TINY = Path(__file__).parents[1] / "checkpoints" / "tiny"
_ORIGINAL_IDS = ("stepfun-ai/GOT-OCR2_0", "ucaslcl/GOT-OCR2_0")
_END_TOKENS = ("<|im_end|>", "<|endoftext|>")


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A GOT-OCR2 in memory and what it takes to talk to it.

    ``mean``, ``std`` and ``scale`` normalise pixels: ``(value * scale - mean) / std``.
    """

    model: Any
    tokenizer: Tokenizer
    image_token: int
    end_tokens: frozenset[int]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    scale: float
    resample: Image.Resampling
    revision: str

    @property
    def image_size(self) -> int:
        """The side of a tile in pixels."""
        return int(self.model.config.vision_config.image_size)

    @property
    def tokens_per_tile(self) -> int:
        """Patches, after the projector's two convolutions of stride 2 (256 for 1024 / 16)."""
        side = self.image_size // int(self.model.config.vision_config.patch_size)
        for _ in range(2):
            side = (side - 1) // 2 + 1
        return side * side

    def context(self, limit: int) -> int:
        """The most tokens of a sequence that both the model's positions and ``limit`` allow."""
        return min(limit, int(self.model.config.text_config.max_position_embeddings))


def model_location(model: str) -> str:
    """What transformers is asked for: the embedded checkpoint's folder for "tiny"."""
    return str(TINY) if model == "tiny" else model


def load_model(config: EngineConfig, device: str) -> LoadedModel:
    """Load ``config.model`` on ``device``, from safetensors only and without remote code.

    Raises :class:`ModelNotFoundError` if the weights are not to be had and :class:`EngineError` if
    they are no GOT-OCR2 in transformers' format.
    """
    from transformers import AutoTokenizer, GotOcr2ForConditionalGeneration
    from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import GotOcr2ImageProcessorPil

    if config.model in _ORIGINAL_IDS:
        raise _original_format(config.model)
    place, revision = model_location(config.model), config.revision or "main"
    settings = _settings(config, place)
    try:
        processor: Any = GotOcr2ImageProcessorPil.from_pretrained(place, revision=revision)
        tokenizer: Any = AutoTokenizer.from_pretrained(place, revision=revision)
        with _quiet() if Path(place).is_dir() else nullcontext():
            model: Any = GotOcr2ForConditionalGeneration.from_pretrained(
                place, revision=revision, dtype=getattr(torch, config.dtype), use_safetensors=True
            )
    except OSError as error:
        raise _not_found(config.model, error) from error
    except (ValueError, RuntimeError, KeyError, SafetensorError) as error:
        raise EngineError(f"model={config.model!r} can't be loaded: {error}") from error
    return LoadedModel(
        model=model.to(device).eval(),
        tokenizer=tokenizer,
        image_token=_token(tokenizer, IMAGE_TOKEN, config.model),
        end_tokens=_end_tokens(tokenizer, model),
        mean=tuple(processor.image_mean),
        std=tuple(processor.image_std),
        scale=float(processor.rescale_factor),
        resample=Image.Resampling(processor.resample),
        revision=settings.get("_commit_hash") or _digest(Path(place)),
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Without transformers' progress bar, which a download should have and a local load should not.

    The switch is left as it was.
    """
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers' own
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]  # transformers' own


def _settings(config: EngineConfig, place: str) -> dict[str, Any]:
    """The checkpoint's ``config.json``, once it is known to be a GOT-OCR2."""
    from transformers import PretrainedConfig

    try:
        settings, _ = PretrainedConfig.get_config_dict(place, revision=config.revision)
    except OSError as error:
        raise _not_found(config.model, error) from error
    kind = settings.get("model_type")
    if kind == "GOT" or "GOTQwenForCausalLM" in (settings.get("architectures") or []):
        raise _original_format(config.model)
    if kind != "got_ocr2":
        found = f"a {kind!r} checkpoint" if kind else "no transformers checkpoint"
        raise EngineError(
            f"model={config.model!r} is {found}, not a GOT-OCR2; expected {DEFAULT_MODEL}, "
            'a folder with a copy of it, or "tiny"'
        )
    return dict(settings)


def _original_format(model: str) -> EngineError:
    return EngineError(
        f"model={model!r} is in the format of the original repository, which runs code of its own; "
        f'use the same weights in transformers\' format: model="{DEFAULT_MODEL}"'
    )


def _not_found(model: str, error: Exception) -> ModelNotFoundError:
    reason = str(error).strip().partition("\n")[0]
    return ModelNotFoundError(
        f"the weights of model={model!r} are not on this machine and can't be downloaded "
        f"({reason}). With a network, run: hf download {DEFAULT_MODEL}. Without one, copy that "
        'folder here and pass its path as model=. To try the library without them: model="tiny"'
    )


def _token(tokenizer: Any, text: str, model: str) -> int:
    token = tokenizer.get_vocab().get(text)
    if token is None:
        raise EngineError(f"the tokenizer of model={model!r} has no {text}: it is no GOT-OCR2")
    return int(token)


def _end_tokens(tokenizer: Any, model: Any) -> frozenset[int]:
    """The hub's generation_config names none, so the model's own two are always among them."""
    vocabulary = tokenizer.get_vocab()
    found = {vocabulary[text] for text in _END_TOKENS if text in vocabulary}
    named = model.generation_config.eos_token_id
    found.update(named if isinstance(named, list) else [named] if named is not None else [])
    return frozenset(found)


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
