"""One store a folder and process, however many readers use it at the same time."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from got_loaders.store.store import PageStore

__all__ = ["open_store"]


@dataclass(slots=True)
class _Entry:
    store: PageStore
    users: int = 0


_entries: dict[Path, _Entry] = {}
_abandoned: list[dict[Path, _Entry]] = []
"""A parent's stores, in a forked child: closing them would take the file from under the parent."""
_lock = threading.Lock()


@contextmanager
def open_store(folder: Path, *, max_bytes: int | None) -> Iterator[PageStore]:
    """The store of ``folder`` in this process; closed when its last user leaves.

    The bound that was given last holds for all of them; None, for those who only look something up,
    leaves it as it is.
    """
    with _lock:
        entry = _entries.get(folder)
        if entry is None:
            entry = _entries[folder] = _Entry(PageStore(folder, max_bytes=max_bytes or sys.maxsize))
        entry.users += 1
        entry.store.max_bytes = max_bytes or entry.store.max_bytes
    try:
        yield entry.store
    finally:
        with _lock:
            entry.users -= 1
            last = not entry.users and _entries.get(folder) is entry
            if last:
                del _entries[folder]
        if last:
            entry.store.close()


def _after_fork() -> None:
    global _entries, _lock
    _lock = threading.Lock()
    _abandoned.append(_entries)
    _entries = {}


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
