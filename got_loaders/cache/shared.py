"""One cache per folder and process, however many jobs use it at the same time."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from got_loaders._registry import Registry
from got_loaders.cache.result_cache import ResultCache

__all__ = ["open_cache"]


@dataclass(frozen=True, slots=True, eq=False)
class _SharedCache:
    """A folder's cache, and a token for each of its users."""

    cache: ResultCache
    users: deque[None] = field(default_factory=deque)


_inherited: list[_SharedCache] = []
"""A parent's caches, in a forked child: closing them would take the file from under the parent."""


def _inherit(shared: _SharedCache) -> None:
    _inherited.append(shared)
    shared.cache.detach_after_fork()


_caches: Registry[Path, _SharedCache] = Registry(on_fork=_inherit)


@contextmanager
def open_cache(folder: Path, *, max_bytes: int | None) -> Iterator[ResultCache]:
    """The cache of ``folder`` in this process; closed when its last user leaves.

    The bound that was given last holds for all of them; None, for those who only look something up,
    leaves it as it is.
    """
    shared = _enter(folder, max_bytes or sys.maxsize)
    try:
        shared.cache.max_bytes = max_bytes or shared.cache.max_bytes
        yield shared.cache
    finally:
        _leave(folder, shared)


def _enter(folder: Path, max_bytes: int) -> _SharedCache:
    """Become a user of the folder's cache, and look again whether it is still the folder's.

    Whoever leaves last takes it away first and looks for users once more before closing it. So
    entering and leaving need no lock, and the collector may end a job in the middle of either.
    """
    while True:
        shared = _caches.get_or_create(
            folder, lambda: _SharedCache(ResultCache(folder, max_bytes=max_bytes))
        )
        shared.users.append(None)
        if _caches.get(folder) is shared:
            return shared
        _leave(folder, shared)


def _leave(folder: Path, shared: _SharedCache) -> None:
    shared.users.pop()
    if not shared.users:
        _caches.discard(folder, shared)
        if not shared.users and shared not in _inherited:
            shared.cache.close()
