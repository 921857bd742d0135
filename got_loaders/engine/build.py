"""A model in memory → what prepares its requests, and the loop that answers them."""

from __future__ import annotations

from pathlib import Path

from got_loaders.engine.config import EngineConfig
from got_loaders.engine.device.memory import cache_limits
from got_loaders.engine.model.loader import LoadedModel
from got_loaders.engine.processor.preprocess import Preprocessor
from got_loaders.engine.runner.model_runner import ModelRunner
from got_loaders.engine.scheduler import Scheduler
from got_loaders.engine.step_loop import EngineLoop
from got_loaders.types import EngineInfo

__all__ = ["build_info", "build_loop", "build_preprocessor"]


def build_preprocessor(loaded: LoadedModel, config: EngineConfig) -> Preprocessor:
    """What turns requests into this model's input, and its tokens into text."""
    return Preprocessor(
        loaded.tokenizer,
        image_size=loaded.image_size,
        tokens_per_tile=loaded.tokens_per_tile,
        prompt_style=config.prompt_style,
        resample=loaded.resample,
    )


def build_loop(
    loaded: LoadedModel,
    config: EngineConfig,
    device: str,
    preprocessor: Preprocessor,
    *,
    fingerprint: str,
) -> EngineLoop:
    """The loop that runs ``loaded`` on ``device``, with as many rows as its free memory allows."""
    max_context = loaded.max_context(config.max_context)
    max_rows, max_bytes = cache_limits(
        device,
        max_batch_size=config.max_batch_size,
        memory_fraction=config.memory_fraction,
        bytes_per_token=loaded.bytes_per_token,
        max_context=max_context,
    )
    runner = ModelRunner(
        loaded,
        max_context=max_context,
        max_rows=max_rows,
        max_bytes=max_bytes,
        async_scheduling=device.startswith("cuda"),
    )
    return EngineLoop(Scheduler(max_rows), runner, preprocessor.decode, fingerprint=fingerprint)


def build_info(
    loaded: LoadedModel, config: EngineConfig, *, fingerprint: str, max_batch_size: int
) -> EngineInfo:
    """What the engine says of itself. A folder is called by its name, and not by its path."""
    model = config.model
    return EngineInfo(
        model=Path(model).name if Path(model).is_absolute() else model,
        fingerprint=fingerprint,
        max_batch_size=max_batch_size,
        max_context=loaded.max_context(config.max_context),
        image_size=loaded.image_size,
        resample=loaded.resample.name.lower(),
    )
