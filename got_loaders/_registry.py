"""What a process shares between its threads: one value per key, made when it is first asked for.

Nothing here waits for another key's value, and looking up or discarding one waits for nothing: the
garbage collector may call either in the middle of any step.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

__all__ = ["Registry"]

K = TypeVar("K")
V = TypeVar("V")


@dataclass(slots=True)
class _Entry(Generic[V]):
    """The value of one key; ``lock`` is held while it is made."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    value: V | None = None


class Registry(Generic[K, V]):
    """Values by key, each made once, however many threads ask for it at the same time.

    A forked child starts without values and with locks of its own, for its parent's may be held by
    threads that it does not have. ``on_fork`` is called there with each of the parent's values.
    """

    def __init__(self, on_fork: Callable[[V], None] | None = None) -> None:
        self._entries: dict[K, _Entry[V]] = {}
        self._on_fork = on_fork
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._after_fork)

    def get(self, key: K) -> V | None:
        """The value of this key, if it was made."""
        entry = self._entries.get(key)
        return None if entry is None else entry.value

    def get_or_create(
        self, key: K, create: Callable[[], V], usable: Callable[[V], bool] = lambda _: True
    ) -> V:
        """The value of this key; made anew where there is none, or none that is still usable.

        What ``create`` raises is raised here, and not kept: the next call tries again.
        """
        value = self.get(key)
        if value is not None and usable(value):
            return value
        entry = self._entries.setdefault(key, _Entry())
        with entry.lock:
            if entry.value is None or not usable(entry.value):
                entry.value = create()
            return entry.value

    def discard(self, key: K, value: V) -> None:
        """Forget this value, unless the key has another one by now."""
        if self.get(key) is value:
            self._entries.pop(key, None)

    def _after_fork(self) -> None:
        inherited, self._entries = self._entries, {}
        for entry in inherited.values():
            if self._on_fork is not None and entry.value is not None:
                self._on_fork(entry.value)
