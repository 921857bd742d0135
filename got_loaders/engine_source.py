"""Which engine reads: the caller's own, one of a configuration, or the shared one of a model."""

from __future__ import annotations

from collections.abc import Callable

from got_loaders.errors import OptionError
from got_loaders.types import Engine

__all__ = ["engine_source"]


def engine_source(model: str | None, engine: object) -> Callable[[], Engine]:
    """What finds the engine when the first page needs it; checks both arguments now."""
    if engine is None:
        if model is not None and (not isinstance(model, str) or not model):
            raise OptionError(f"model={model!r}: expected a hub id, a folder or 'tiny'")
        return lambda: _shared(model)
    if model is not None:
        raise OptionError(f"model={model!r} and engine={engine!r} exclude each other")
    if isinstance(engine, Engine):
        return lambda: engine
    if isinstance(engine, str):
        raise OptionError(f"engine={engine!r}: engines on a server are not built yet; pass model=")
    from got_loaders.engine import EngineConfig, shared_engine

    if not isinstance(engine, EngineConfig):
        raise OptionError(f"engine={engine!r}: expected an engine or an EngineConfig")
    return lambda: shared_engine(engine)


def _shared(model: str | None) -> Engine:
    from got_loaders.engine import EngineConfig, shared_engine

    return shared_engine(EngineConfig() if model is None else EngineConfig(model=model))
