"""What an engine is made of: the key under which engines are shared. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from got_loaders._hub import model_key
from got_loaders._spelling import did_you_mean
from got_loaders.engine.device.dtype import DType
from got_loaders.engine.model_name import DEFAULT_MODEL, check_model_name, check_spelling
from got_loaders.errors import OptionError, shown
from got_loaders.types import check_positive_int

__all__ = ["DEFAULT_MODEL", "EngineConfig", "PromptStyle", "fingerprint"]

PromptStyle = Literal["hf", "original"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineConfig:
    """Everything that decides what an engine is; equal configurations share one engine.

    ``model`` is a hub id, a local folder or "tiny", the checkpoint that the package carries.
    ``device``: "auto" takes CUDA, then MPS, then the CPU; "cuda" is "cuda:0", one GPU of several.
    Several devices, as a tuple, get a copy of the model each. ``dtype``: "auto" is float32 on the
    CPU, bfloat16 on CUDA (on GPUs before Ampere, which lack it, float16), float16 on MPS.

    ``max_batch_size`` bounds the sequences that decode together: "auto" is what the memory that is
    free beside the model holds, at most 32 on a CPU and 256 on a GPU. ``memory_fraction``, above 0
    and at most 1, is the part of the device's memory, of what is free once the model is loaded,
    that keys and values may take; None leaves at least a quarter of a GPU, and half of a CPU's
    memory, to others, and takes no more of a GPU than the batch is expected to use. (It is what
    TensorRT-LLM calls ``free_gpu_memory_fraction``; vLLM's ``gpu_memory_utilization`` is a part of
    the whole GPU, and holds the model, too.) ``max_queued`` bounds the
    requests that wait for a place: one more and ``submit`` blocks. ``max_context`` bounds prompt
    plus answer, in tokens; the real model was trained on 8192.

    ``prompt_style``: "hf" builds the prompts of transformers' processor, "original" those of the
    model's own repository, which differ by spaces. ``no_repeat_ngram_size`` forbids to write any
    run of this many tokens twice, the prompt's included, as transformers' rule of that name does;
    it is applied where the original applies its 20: to single images that are not cut into tiles.
    """

    model: str = DEFAULT_MODEL
    revision: str | None = None
    device: str | tuple[str, ...] = "auto"
    dtype: DType = "auto"
    max_batch_size: int | Literal["auto"] = "auto"
    memory_fraction: float | None = None
    max_queued: int = 32
    max_context: int = 8192
    prompt_style: PromptStyle = "hf"
    no_repeat_ngram_size: int | None = None

    def __post_init__(self) -> None:
        check_spelling(self.model)
        devices = self.device if isinstance(self.device, tuple) else (self.device,)
        if not devices or not all(isinstance(d, str) and d for d in devices):
            raise OptionError(f"device={shown(self.device)}: expected a device's name, or several")
        for name, choices in (("dtype", DType), ("prompt_style", PromptStyle)):
            if getattr(self, name) not in get_args(choices):
                allowed, value = ", ".join(get_args(choices)), getattr(self, name)
                meant = did_you_mean(value, get_args(choices)) if isinstance(value, str) else ""
                raise OptionError(f"{name}={shown(value)}: expected one of {allowed}{meant}")
        if self.max_batch_size != "auto":
            check_positive_int("max_batch_size", self.max_batch_size)
        if self.memory_fraction is not None:
            _check_fraction("memory_fraction", self.memory_fraction)
        check_positive_int("max_queued", self.max_queued)
        check_positive_int("max_context", self.max_context)
        if self.no_repeat_ngram_size is not None:
            check_positive_int("no_repeat_ngram_size", self.no_repeat_ngram_size)

    def to_json(self) -> dict[str, str | int | float | list[str] | None]:
        """All fields, as JSON has them."""
        fields = asdict(self).items()
        return {name: list(v) if isinstance(v, tuple) else v for name, v in fields}

    @classmethod
    def from_json(cls, values: Mapping[str, object]) -> EngineConfig:
        """The configuration that :meth:`to_json` wrote down."""
        fields: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
        }
        return cls(**fields)

    def resolved(self) -> EngineConfig:
        """This configuration with what this machine has in the place of "auto".

        But for ``max_batch_size``, which is chosen when the model is loaded. Imports torch. An
        unknown or absent device raises :class:`OptionError`, a path at which no model lies
        :class:`ModelNotFoundError`.
        """
        check_model_name(self.model)
        from got_loaders.engine.device.device import resolve_device
        from got_loaders.engine.device.number_format import resolve_dtype

        # The embedded checkpoint, whatever lies in the current folder.
        model = "tiny" if self.model == "tiny" else model_key(self.model)
        names = self.device if isinstance(self.device, tuple) else (self.device,)
        devices = tuple(resolve_device(name) for name in names)
        return replace(
            self,
            model=model,
            device=devices[0] if len(devices) == 1 else devices,
            dtype=resolve_dtype(self.dtype, devices),
        )


def _check_fraction(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        raise OptionError(f"{name}={shown(value)}: expected a number above 0, at most 1")


def fingerprint(config: EngineConfig, revision: str) -> str:
    """Model, revision and what else changes its text; no path, no device, no batch size.

    ``config`` is a resolved one. Example: ``tiny@8f14e45fceea/float32``.
    """
    name = config.model
    if Path(name).is_absolute():
        name = Path(name).name
    parts = [f"{name}@{revision[:12]}", config.dtype]
    if config.prompt_style != "hf":
        parts.append(f"{config.prompt_style}-prompts")
    if config.no_repeat_ngram_size is not None:
        parts.append(f"ngram{config.no_repeat_ngram_size}")
    return "/".join(parts)
