"""One engine per configuration and process, however many threads ask for it at the same time."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field

from got_loaders._registry import Registry
from got_loaders.engine.config import EngineConfig, fingerprint
from got_loaders.engine.local import LocalEngine
from got_loaders.engine.model.checkpoint import find_checkpoint
from got_loaders.engine.replicated import ReplicatedEngine
from got_loaders.engine.request_failures import restart_advice
from got_loaders.errors import EngineDeadError

__all__ = ["model_fingerprint", "shared_engine"]

_log = logging.getLogger(__name__)

MAX_RELOADS = 3
"""How many times in a row an engine that died is loaded anew."""

SharedEngine = LocalEngine | ReplicatedEngine


@dataclass(slots=True)
class _EngineSlot:
    """The engine of one configuration; ``lock`` is held while it loads.

    ``deaths`` counts the engines that died one after the other without an answered request.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    engine: SharedEngine | None = None
    deaths: int = 0
    last_error: BaseException | None = None


_slots: Registry[EngineConfig, _EngineSlot] = Registry()


def shared_engine(config: EngineConfig | None = None) -> SharedEngine:
    """The engine of ``config`` in this process; loads it when it is first asked for.

    Configurations are compared after "auto" has been resolved. An engine that was closed is
    forgotten: the next call loads a new one. One that died is replaced too, at most three times
    in a row without an answered request in between; then :class:`EngineDeadError` tells why. Where
    CUDA failed it tells so at once: no engine of this process can use that GPU again.
    """
    config = (config or EngineConfig()).resolved()
    slot = _slots.get_or_create(config, _EngineSlot)
    with slot.lock:
        if slot.engine is not None and not slot.engine.alive:
            _retire(slot, slot.engine)
        if slot.engine is None:
            slot.engine = _load(config, slot)
        return slot.engine


def model_fingerprint(config: EngineConfig | None = None) -> str:
    """The fingerprint of the engine of ``config``; loads no weights, but downloads absent ones.

    Raises what loading would raise where the model is not to be had.
    """
    config = (config or EngineConfig()).resolved()
    slot = _slots.get(config)
    engine = None if slot is None else slot.engine
    if engine is not None and engine.alive:
        return engine.fingerprint
    return fingerprint(config, find_checkpoint(config.model, config.revision).revision)


def _load(config: EngineConfig, slot: _EngineSlot) -> SharedEngine:
    error = slot.last_error
    if (advice := restart_advice(error)) != "":
        raise EngineDeadError(f"the engine died: {error!r}{advice}") from error
    if slot.deaths > MAX_RELOADS:
        raise EngineDeadError(
            f"the engine died {slot.deaths} times in a row; last: {error!r}"
        ) from error
    _log.info("loading %s on %s", config.model, config.device)
    started = time.monotonic()
    engine = ReplicatedEngine(config) if isinstance(config.device, tuple) else LocalEngine(config)
    _log.info("loaded %s in %.1f s", engine.fingerprint, time.monotonic() - started)
    return engine


def _retire(slot: _EngineSlot, engine: SharedEngine) -> None:
    """Free what is left of an engine that is dead or closed, and count a death."""
    slot.engine = None
    engine.close()
    if engine.fatal_error is None:
        slot.deaths = 0
        return
    slot.deaths = 1 if engine.num_completed else slot.deaths + 1
    slot.last_error = engine.fatal_error
