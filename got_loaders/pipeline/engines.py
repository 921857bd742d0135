"""Which engine reads: the caller's own or a model's shared one, behind the cache if wanted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import fields
from functools import cached_property
from typing import TYPE_CHECKING

from got_loaders.cache import CachedEngine, cache_folder, open_cache
from got_loaders.errors import OptionError, shown
from got_loaders.options import ReadOptions
from got_loaders.types import Engine, get_max_batch_size

if TYPE_CHECKING:
    from got_loaders.engine import EngineConfig

__all__ = ["EngineProvider", "describe_engine", "engine_fingerprint", "resolve_engine"]


def resolve_engine(model: str | None, engine: object) -> Engine | EngineConfig:
    """The caller's engine, or the configuration of a shared one; wrong arguments raise OptionError.

    Loads no model.
    """
    from got_loaders.engine import EngineConfig

    if engine is None:
        return EngineConfig() if model is None else EngineConfig(model=model)
    if model is not None:
        raise OptionError(f"model={shown(model)} and engine={shown(engine)} exclude each other")
    if isinstance(engine, Engine | EngineConfig):
        return engine
    if isinstance(engine, str):
        raise OptionError(
            f"engine={shown(engine)}: engines on a server are not built yet; pass model="
        )
    raise OptionError(f"engine={shown(engine)}: expected an engine or an EngineConfig")


def engine_fingerprint(engine: Engine | EngineConfig) -> str:
    """The name of what reads, with all that changes its text; may download a model, loads none."""
    if isinstance(engine, Engine):
        return engine.fingerprint
    from got_loaders.engine import model_fingerprint

    return model_fingerprint(engine)


def describe_engine(engine: Engine | EngineConfig) -> list[str]:
    """``name=value`` of the arguments that choose it, in short; none for the default model."""
    if isinstance(engine, Engine):
        return [f"engine=<{type(engine).__name__}>"]
    changed = [
        f"{field.name}={shown(getattr(engine, field.name))}"
        for field in fields(engine)
        if getattr(engine, field.name) != field.default
    ]
    if all(text.startswith("model=") for text in changed):
        return changed
    return [f"engine=EngineConfig({', '.join(changed)})"]


class EngineProvider:
    """The engine of one job. Holds the cache open until it is closed; the engine is others'.

    While a model is loaded, what ``loading`` gives is entered.
    """

    def __init__(
        self,
        engine: Engine | EngineConfig,
        options: ReadOptions,
        *,
        loading: Callable[[], AbstractContextManager[object]],
    ) -> None:
        self._loading = loading
        self._source = engine
        self._options = options
        self._resources = ExitStack()

    def get(self) -> Engine:
        """The engine; the first call may load the model, or put that off until it must read."""
        return self._engine

    @property
    def max_batch_size(self) -> int | None:
        """How many requests the engine runs at once; None where it does not say, or not yet.

        Loads nothing.
        """
        engine: Engine | None = self.__dict__.get("_engine")
        return None if engine is None else get_max_batch_size(engine)

    def close(self) -> None:
        """Let go of the cache."""
        self._resources.close()

    @cached_property
    def _engine(self) -> Engine:
        if self._options.cache is None:
            return self._load()
        folder = cache_folder(self._options.cache)
        cache = open_cache(folder, max_bytes=self._options.max_cache_bytes)
        fingerprint = engine_fingerprint(self._source)
        return CachedEngine(self._load, fingerprint, self._resources.enter_context(cache))

    def _load(self) -> Engine:
        if isinstance(self._source, Engine):
            return self._source
        with self._loading():
            from got_loaders.engine import shared_engine

            return shared_engine(self._source)
