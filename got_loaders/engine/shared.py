"""One engine per configuration and process, however many threads ask for it at the same time."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field

from got_loaders.engine.config import EngineConfig
from got_loaders.engine.local import LocalEngine
from got_loaders.engine.replicas import ReplicatedEngine
from got_loaders.errors import EngineDeadError

__all__ = ["shared_engine"]

MAX_RELOADS = 3
"""How many times in a row an engine that died is loaded anew."""

SharedEngine = LocalEngine | ReplicatedEngine


@dataclass(slots=True)
class _Entry:
    """The engine of one configuration; ``lock`` is held while it loads."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    engine: SharedEngine | None = None
    reloads: int = 0


_entries: dict[EngineConfig, _Entry] = {}
_lock = threading.Lock()


def shared_engine(config: EngineConfig | None = None) -> SharedEngine:
    """The engine of ``config`` in this process; loads it when it is first asked for.

    Configurations are compared after "auto" has been resolved. An engine that was closed is
    forgotten: the next call loads a new one. One that died is replaced too, at most three times
    in a row without an answered request in between; then :class:`EngineDeadError` tells why.
    """
    config = (config or EngineConfig()).resolved()
    with _lock:
        entry = _entries.setdefault(config, _Entry())
    with entry.lock:
        if entry.engine is None or not entry.engine.alive:
            _note_death(entry)
            entry.engine = _load(config)
        return entry.engine


def _load(config: EngineConfig) -> SharedEngine:
    return ReplicatedEngine(config) if isinstance(config.device, tuple) else LocalEngine(config)


def _note_death(entry: _Entry) -> None:
    """Count an engine that died; raise when it was one too many."""
    engine = entry.engine
    if engine is None or engine.death is None:
        entry.reloads = 0
        return
    entry.reloads = 1 if engine.answered else entry.reloads + 1
    if entry.reloads > MAX_RELOADS:
        raise EngineDeadError(
            f"the engine died {entry.reloads} times in a row; last: {engine.death!r}"
        ) from engine.death


def _forget_all() -> None:
    """In a forked child: the parent's engines and locks are not ours."""
    global _lock  # the parent may hold the old lock for ever
    _lock = threading.Lock()
    _entries.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
