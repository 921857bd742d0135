"""One engine per configuration and process, however many threads ask for it at the same time."""

from __future__ import annotations

import logging
import os
import threading
import time
from dataclasses import dataclass, field

from got_loaders.engine.config import EngineConfig, fingerprint
from got_loaders.engine.local import LocalEngine
from got_loaders.engine.model.checkpoint import find_checkpoint
from got_loaders.engine.replicated import ReplicatedEngine
from got_loaders.errors import EngineDeadError

__all__ = ["model_fingerprint", "shared_engine"]

_log = logging.getLogger(__name__)

MAX_RELOADS = 3
"""How many times in a row an engine that died is loaded anew."""

SharedEngine = LocalEngine | ReplicatedEngine


@dataclass(slots=True)
class _Entry:
    """The engine of one configuration; ``lock`` is held while it loads.

    ``deaths`` counts the engines that died one after the other without an answered request.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    engine: SharedEngine | None = None
    deaths: int = 0
    last_error: BaseException | None = None


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
        if entry.engine is not None and not entry.engine.alive:
            _retire(entry, entry.engine)
        if entry.engine is None:
            entry.engine = _load(config, entry)
        return entry.engine


def model_fingerprint(config: EngineConfig | None = None) -> str:
    """The fingerprint of the engine of ``config``; loads no weights, but downloads absent ones.

    Raises what loading would raise where the model is not to be had.
    """
    config = (config or EngineConfig()).resolved()
    with _lock:
        entry = _entries.get(config)
    engine = None if entry is None else entry.engine
    if engine is not None and engine.alive:
        return engine.fingerprint
    return fingerprint(config, find_checkpoint(config.model, config.revision).revision)


def _load(config: EngineConfig, entry: _Entry) -> SharedEngine:
    if entry.deaths > MAX_RELOADS:
        raise EngineDeadError(
            f"the engine died {entry.deaths} times in a row; last: {entry.last_error!r}"
        ) from entry.last_error
    _log.info("loading %s on %s", config.model, config.device)
    started = time.monotonic()
    engine = ReplicatedEngine(config) if isinstance(config.device, tuple) else LocalEngine(config)
    _log.info("loaded %s in %.1f s", engine.fingerprint, time.monotonic() - started)
    return engine


def _retire(entry: _Entry, engine: SharedEngine) -> None:
    """Free what is left of an engine that is dead or closed, and count a death."""
    entry.engine = None
    engine.close()
    if engine.fatal_error is None:
        entry.deaths = 0
        return
    entry.deaths = 1 if engine.num_completed else entry.deaths + 1
    entry.last_error = engine.fatal_error


def _forget_all() -> None:
    """In a forked child: the parent's engines and locks are not ours."""
    global _lock
    _lock = threading.Lock()
    _entries.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
