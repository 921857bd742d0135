"""One store a folder and process, however many readers use it at the same time."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from got_loaders.cache.result_cache import ResultCache

__all__ = ["open_cache"]


@dataclass(slots=True)
class _Entry:
    """A folder's store, made under ``lock`` by its first user."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    store: ResultCache | None = None
    users: int = 0


_entries: dict[Path, _Entry] = {}
_abandoned: list[dict[Path, _Entry]] = []
"""A parent's stores, in a forked child: closing them would take the file from under the parent."""
_lock = threading.RLock()
"""Taken again by a thread whose allocation ran the collector, which ended a read."""


@contextmanager
def open_cache(folder: Path, *, max_bytes: int | None) -> Iterator[ResultCache]:
    """The store of ``folder`` in this process; closed when its last user leaves.

    The bound that was given last holds for all of them; None, for those who only look something up,
    leaves it as it is.
    """
    mine = _Entry()
    with _lock:
        entry = _entries.setdefault(folder, mine)
        entry.users += 1
    try:
        with entry.lock:
            if entry.store is None:
                entry.store = ResultCache(folder, max_bytes=max_bytes or sys.maxsize)
            store = entry.store
        store.max_bytes = max_bytes or store.max_bytes
        yield store
    finally:
        _leave(folder, entry)


def _leave(folder: Path, entry: _Entry) -> None:
    with _lock:
        entry.users -= 1
        last = not entry.users and _entries.get(folder) is entry
        if last:
            del _entries[folder]
    if last and entry.store is not None:
        entry.store.close()


def _after_fork() -> None:
    global _entries, _lock
    _lock = threading.RLock()
    _abandoned.append(_entries)
    _entries = {}


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
