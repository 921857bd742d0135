"""A pool of worker processes that all readers of this process share.

A document goes to the worker that has the fewest; it stays there, and is opened again by itself
when the worker's process had to be replaced. One request at a time per worker: its lock is held
during a request, never between two.
"""

from __future__ import annotations

import atexit
import threading
from typing import Any

from got_loaders._registry import Registry
from got_loaders.pages.worker.handle import RETIRE_AFTER, Answer, DocumentSpec, WorkerHandle

WORKERS = 2
"""Processes of the shared pool; each starts when it is first needed."""


class Pool:
    """Worker processes by need, at most ``size``. Usable from any number of threads.

    ``time_limit_s`` is what a request may take, whatever the limits of its document say.
    """

    def __init__(
        self,
        *,
        size: int = WORKERS,
        time_limit_s: float | None = None,
        retire_after: int = RETIRE_AFTER,
    ) -> None:
        self.time_limit_s = time_limit_s
        self._workers = [WorkerHandle(time_limit_s, retire_after) for _ in range(size)]
        self._assigned: dict[int, WorkerHandle] = {}
        self._lock = threading.RLock()  # the collector may close a document in mid-allocation

    def request(self, spec: DocumentSpec, command: dict[str, Any]) -> Answer:
        """The answer to ``command`` about a document, which is opened first where it must be.

        Blocks while its worker is busy. Raises ``WorkerFailure`` where the worker says no,
        ``WorkerError`` where it is lost; the next request starts another.
        """
        return self._get_worker(spec).request(spec, command)

    def release(self, spec: DocumentSpec) -> None:
        """Close a document, never waiting for a busy worker."""
        with self._lock:
            worker = self._assigned.pop(spec.id, None)
        if worker is not None:
            worker.release(spec.id)

    def close(self) -> None:
        """End all processes, busy or not. Later requests start new ones."""
        for worker in self._workers:
            worker.close()

    def detach_after_fork(self) -> None:
        """In a forked child: let go of the parent's processes."""
        for worker in self._workers:
            worker.detach_after_fork()

    def _get_worker(self, spec: DocumentSpec) -> WorkerHandle:
        with self._lock:
            if spec.id not in self._assigned:
                assigned = list(self._assigned.values())
                self._assigned[spec.id] = min(self._workers, key=assigned.count)
            return self._assigned[spec.id]


def _detach(pool: Pool) -> None:
    """A child starts its own workers."""
    atexit.unregister(pool.close)
    pool.detach_after_fork()


_pools: Registry[None, Pool] = Registry(on_fork=_detach)


def shared_pool() -> Pool:
    """The pool of this process, made when it is first asked for, ended at exit."""
    return _pools.get_or_create(None, _create_pool)


def _create_pool() -> Pool:
    pool = Pool()
    atexit.register(pool.close)
    return pool
