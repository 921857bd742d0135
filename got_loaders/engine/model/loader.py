"""A checkpoint → the model in memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from got_loaders._transformers import SAFE, load_weights, loading_lock
from got_loaders.engine.config import EngineConfig
from got_loaders.engine.device.faults import restart_advice
from got_loaders.engine.model.checkpoint import Checkpoint, find_checkpoint, not_found
from got_loaders.engine.processor.preprocess import Tokenizer
from got_loaders.engine.processor.prompt import IMAGE_TOKEN
from got_loaders.errors import EngineError

__all__ = ["LoadedModel", "load_model"]

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

    @property
    def bytes_per_token(self) -> int:
        """Of keys and values in all layers: 98,304 for the real model in bfloat16."""
        config = self.model.config.text_config
        heads, size = config.num_attention_heads, getattr(config, "head_dim", None)
        width = config.num_key_value_heads * (size or config.hidden_size // heads)
        return int(2 * config.num_hidden_layers * width * self.model.dtype.itemsize)

    def max_context(self, limit: int) -> int:
        """The most tokens of a sequence that both the model's positions and ``limit`` allow."""
        return min(limit, int(self.model.config.text_config.max_position_embeddings))


def load_model(config: EngineConfig, device: str) -> LoadedModel:
    """Load ``config.model`` on ``device``, from safetensors only and without remote code.

    Raises :class:`ModelNotFoundError` if the weights are not to be had and :class:`EngineError` if
    they are no whole GOT-OCR2 in transformers' format or the device has no room for them.
    """
    checkpoint = find_checkpoint(config.model, config.revision)
    try:
        return _load(checkpoint, config, device)
    except EngineError:
        raise
    except OSError as error:
        raise not_found(config.model, error) from error
    except Exception as error:  # transformers has no error tree, and settings may be anything
        advice = restart_advice(error)
        raise EngineError(f"model={config.model!r} can't be loaded: {error}{advice}") from error


def _load(checkpoint: Checkpoint, config: EngineConfig, device: str) -> LoadedModel:
    dtype = getattr(torch, config.dtype)
    with loading_lock():
        processor, tokenizer, model = _load_parts(checkpoint.folder, dtype)
    return LoadedModel(
        model=model.to(device).eval(),
        tokenizer=tokenizer,
        image_token=_token(tokenizer, IMAGE_TOKEN, config.model),
        end_tokens=_end_tokens(tokenizer, model),
        mean=tuple(float(value) for value in processor.image_mean),
        std=tuple(float(value) for value in processor.image_std),
        scale=float(processor.rescale_factor),
        resample=Image.Resampling(processor.resample),
        revision=checkpoint.revision,
    )


def _load_parts(folder: Path, dtype: torch.dtype) -> tuple[Any, Any, Any]:
    """The image processor, the tokenizer and the model."""
    from transformers import AutoTokenizer, GotOcr2ForConditionalGeneration
    from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import GotOcr2ImageProcessorPil

    processor: Any = GotOcr2ImageProcessorPil.from_pretrained(folder, **SAFE)
    # Clean-up takes spaces away that the model wrote. The real model's settings ask for it, and
    # transformers, which knows better by now, warns of it at each load.
    tokenizer: Any = AutoTokenizer.from_pretrained(
        folder, clean_up_tokenization_spaces=False, **SAFE
    )
    return processor, tokenizer, load_weights(GotOcr2ForConditionalGeneration, folder, dtype=dtype)


def _token(tokenizer: Any, text: str, model: str) -> int:
    token = tokenizer.get_vocab().get(text)
    if token is None:
        raise EngineError(f"the tokenizer of model={model!r} has no {text}: it is no GOT-OCR2")
    return int(token)


def _end_tokens(tokenizer: Any, model: Any) -> frozenset[int]:
    """The hub's generation_config names none, so the model's own two are always among them."""
    vocabulary = tokenizer.get_vocab()
    tokens = {vocabulary[text] for text in _END_TOKENS if text in vocabulary}
    eos = model.generation_config.eos_token_id
    tokens.update(int(e) for e in (eos if isinstance(eos, list) else [eos]) if e is not None)
    return frozenset(tokens)
