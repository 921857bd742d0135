"""The engine of one read, behind the store of readings where the options want one."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property

from got_loaders.cache import CachedEngine, cache_folder, open_store
from got_loaders.options import ReadOptions
from got_loaders.pipeline.engine_source import EngineSource
from got_loaders.types import Engine

__all__ = ["ReadEngine"]


class ReadEngine:
    """Finds the engine when it is first asked for. Holds the store until it is closed."""

    def __init__(self, source: EngineSource, options: ReadOptions) -> None:
        self._source = source
        self._options = options
        self._held = ExitStack()

    def engine(self) -> Engine:
        """The engine; the first call may load the model, or put that off until it must read."""
        return self._engine

    def fingerprint(self) -> str:
        """The name of what reads, with all that changes its text; loads no model."""
        return self._fingerprint

    def close(self) -> None:
        """Let go of the store; the engine belongs to others."""
        self._held.close()

    @cached_property
    def _fingerprint(self) -> str:
        return self._source.fingerprint()

    @cached_property
    def _engine(self) -> Engine:
        if self._options.cache is None:
            return self._source.engine()
        folder = cache_folder(self._options.cache)
        store = open_store(folder, max_bytes=self._options.max_cache_bytes)
        return CachedEngine(self._source.engine, self._fingerprint, self._held.enter_context(store))
