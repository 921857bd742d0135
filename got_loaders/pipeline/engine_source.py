"""Which engine reads: the caller's own, one of a configuration, or the shared one of a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from got_loaders.errors import OptionError
from got_loaders.types import Engine

if TYPE_CHECKING:
    from got_loaders.engine import EngineConfig

__all__ = ["EngineSource", "engine_source"]


@dataclass(frozen=True, slots=True)
class EngineSource:
    """Where an engine comes from when the first page needs it.

    ``engine`` may load a model; ``fingerprint`` tells its name without loading it, but may download
    it.
    """

    engine: Callable[[], Engine]
    fingerprint: Callable[[], str]


def engine_source(model: str | None, engine: object) -> EngineSource:
    """What finds the engine when the first page needs it; checks both arguments now."""
    if engine is None:
        if model is not None and (not isinstance(model, str) or not model):
            raise OptionError(f"model={model!r}: expected a hub id, a folder or 'tiny'")
        return _shared(lambda: _config(model))
    if model is not None:
        raise OptionError(f"model={model!r} and engine={engine!r} exclude each other")
    if isinstance(engine, Engine):
        return EngineSource(lambda: engine, lambda: engine.fingerprint)
    if isinstance(engine, str):
        raise OptionError(f"engine={engine!r}: engines on a server are not built yet; pass model=")
    from got_loaders.engine import EngineConfig

    if not isinstance(engine, EngineConfig):
        raise OptionError(f"engine={engine!r}: expected an engine or an EngineConfig")
    return _shared(lambda: engine)


def _config(model: str | None) -> EngineConfig:
    from got_loaders.engine import EngineConfig

    return EngineConfig() if model is None else EngineConfig(model=model)


def _shared(config: Callable[[], EngineConfig]) -> EngineSource:
    def engine() -> Engine:
        from got_loaders.engine import shared_engine

        return shared_engine(config())

    def fingerprint() -> str:
        from got_loaders.engine import model_fingerprint

        return model_fingerprint(config())

    return EngineSource(engine, fingerprint)
