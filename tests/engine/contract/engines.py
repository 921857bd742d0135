"""The engines that keep the promises, by name. A new kind of engine is added to ``ENGINES``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from got_loaders.cache import CachedEngine, open_cache
from got_loaders.engine import EngineConfig, LocalEngine
from got_loaders.engine.remote import RemoteEngine
from got_loaders.engine.replicated import ReplicatedEngine
from got_loaders.types import Engine
from tests.engine.contract.stand_in import stand_in
from tests.server.running import running_server

__all__ = ["ENGINES", "EngineCase"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineCase:
    """An engine to be asked, and what may be asked of it.

    ``open`` gives a new one, which is closed at the end of the block. ``reads``: behind it is the
    embedded model on a CPU, so that answers take a while; else it is the stand-in, whose answers
    say what they were asked. ``closes``: closing it ends it; what is behind a cache belongs to
    others. ``listens``: ``submit`` takes a listener. ``slow``: nothing of it is not asked of others,
    too, so it is asked with the slow tests.
    """

    open: Callable[[], AbstractContextManager[Engine]]
    reads: bool
    closes: bool = True
    listens: bool = False
    slow: bool = False


def _tiny(device: str | tuple[str, ...] = "cpu") -> EngineConfig:
    return EngineConfig(model="tiny", device=device, max_batch_size=8)


@contextmanager
def _cached(inner: Engine) -> Iterator[Engine]:
    with (
        closing(inner),
        TemporaryDirectory() as folder,
        open_cache(Path(folder), max_bytes=10**8) as cache,
    ):
        yield CachedEngine(lambda: inner, inner.fingerprint, cache)


@contextmanager
def _served(inner: Engine) -> Iterator[Engine]:
    with (
        closing(inner),
        running_server(inner) as server,
        RemoteEngine(server.url, retry_for=20) as engine,
    ):
        yield engine


ENGINES = {
    "fake": EngineCase(open=lambda: closing(stand_in()), reads=False, listens=True),
    "local": EngineCase(open=lambda: LocalEngine(_tiny()), reads=True, listens=True),
    "replicated": EngineCase(
        open=lambda: closing(ReplicatedEngine(_tiny(("cpu", "cpu")))), reads=True, listens=True
    ),
    "cached fake": EngineCase(open=lambda: _cached(stand_in()), reads=False, closes=False),
    "cached local": EngineCase(
        open=lambda: _cached(LocalEngine(_tiny())), reads=True, closes=False, slow=True
    ),
    "remote fake": EngineCase(open=lambda: _served(stand_in()), reads=False),
    "remote local": EngineCase(open=lambda: _served(LocalEngine(_tiny())), reads=True),
}
