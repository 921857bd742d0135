"""A few worker processes that all readers of this process share.

A document is placed in the slot that holds the fewest; it stays there, and is opened again by
itself when the slot's process had to be replaced. One request at a time per slot: a slot's lock
is held during a request, never between two.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from got_loaders.pages import wire
from got_loaders.pages.process import WorkerError, WorkerProcess

WORKERS = 2
"""Processes of the shared pool; each starts when it is first needed."""

TIME_LIMIT_S = 60.0
"""What one page may take, and opening a document; the hostile pages we know take 9 to 15 s."""

START_LIMIT_S = 60.0
"""What starting a worker may take, on a busy machine."""

RETIRE_AFTER = 5000
"""Requests after which an idle worker is replaced: decoders leak a little."""

Answer = tuple[dict[str, Any], bytearray]
"""A message's header and its payload."""

_ids = itertools.count()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Handle:
    """What a worker needs to open a document, as often as it must."""

    path: str | None
    data: bytes | None = field(repr=False)
    password: str | None = field(repr=False)
    id: int = field(default_factory=lambda: next(_ids))

    @property
    def opening(self) -> dict[str, Any]:
        """The header of the request that opens it."""
        return {"do": "open", "id": self.id, "path": self.path, "password": self.password}


class Pool:
    """Worker processes by need, at most ``size``. Usable from any number of threads."""

    def __init__(self, *, size: int = WORKERS, time_limit_s: float = TIME_LIMIT_S) -> None:
        self.time_limit_s = time_limit_s
        self._slots = [_Slot(time_limit_s) for _ in range(size)]
        self._placed: dict[int, _Slot] = {}
        self._lock = threading.Lock()

    def ask(self, handle: Handle, command: dict[str, Any]) -> Answer:
        """The answer to ``command`` about a document, which is opened first where it must be.

        Blocks while its worker is busy. Raises :class:`~got_loaders.pages.wire.Failure` where the
        worker says no, ``WorkerError`` where it is lost; the next request starts another.
        """
        return self._slot(handle).ask(handle, command)

    def release(self, handle: Handle) -> None:
        """Close a document, never waiting for a busy worker."""
        with self._lock:
            slot = self._placed.pop(handle.id, None)
        if slot is not None:
            slot.release(handle.id)

    def close(self) -> None:
        """End all processes, busy or not. Documents that are asked later start new ones."""
        for slot in self._slots:
            slot.close()

    def forget(self) -> None:
        """In a forked child: let go of the parent's processes."""
        for slot in self._slots:
            slot.forget()

    @property
    def pids(self) -> list[int]:
        """The ids of the processes that are running."""
        processes = [slot.process for slot in self._slots]
        return [process.pid for process in processes if process is not None and process.alive]

    def _slot(self, handle: Handle) -> _Slot:
        with self._lock:
            if handle.id not in self._placed:
                loads = [sum(s is slot for s in self._placed.values()) for slot in self._slots]
                self._placed[handle.id] = self._slots[loads.index(min(loads))]
            return self._placed[handle.id]


class _Slot:
    """The place of one process: at most one runs in it, one request at a time."""

    def __init__(self, time_limit_s: float) -> None:
        self.process: WorkerProcess | None = None
        self._time_limit_s = time_limit_s
        self._opened: set[int] = set()
        self._released: deque[int] = deque()
        self._requests = 0
        self._lock = threading.Lock()

    def ask(self, handle: Handle, command: dict[str, Any]) -> Answer:
        try:
            with self._lock:
                self._close_released()
                process = self._started()
                if handle.id not in self._opened:
                    answer = self._request(process, handle.opening, handle.data or b"")
                    self._opened.add(handle.id)
                    if command["do"] == "open":
                        return answer
                return self._request(process, {**command, "id": handle.id})
        finally:
            self._tidy()

    def release(self, document: int) -> None:
        self._released.append(document)
        self._tidy()

    def close(self) -> None:
        process = self.process
        if process is None:
            return
        process.kill()  # a thread that is waiting for its answer gets WorkerDiedError
        if self._lock.acquire(blocking=False):
            try:
                process.close()
            finally:
                self._lock.release()

    def forget(self) -> None:
        if self.process is not None:
            self.process.forget()

    def _started(self) -> WorkerProcess:
        if self.process is None or not self.process.alive:
            if self.process is not None:
                self.process.close()
            self._opened.clear()
            self._requests = 0
            self.process = WorkerProcess(start_limit_s=START_LIMIT_S)
        return self.process

    def _request(
        self, process: WorkerProcess, header: dict[str, Any], payload: wire.Bytes = b""
    ) -> Answer:
        self._requests += 1
        answer, pixels = process.request(header, payload, limit_s=self._time_limit_s)
        if "failure" in answer:
            raise wire.Failure(answer["failure"], answer["reason"])
        return answer, pixels

    def _tidy(self) -> None:
        """Close what was released, unless another thread has the slot: it then does so itself."""
        while self._released and self._lock.acquire(blocking=False):
            try:
                self._close_released()
            finally:
                self._lock.release()

    def _close_released(self) -> None:
        process = self.process
        while self._released:
            document = self._released.popleft()
            if document in self._opened and process is not None and process.alive:
                self._opened.discard(document)
                with contextlib.suppress(WorkerError, wire.Failure):  # gone is closed, too
                    self._request(process, {"do": "close", "id": document})
        if not self._opened and self._requests >= RETIRE_AFTER and process is not None:
            process.close()


_shared: Pool | None = None
_shared_lock = threading.Lock()


def shared_pool() -> Pool:
    """The pool of this process, made when it is first asked for, ended at exit."""
    global _shared
    with _shared_lock:
        if _shared is None:
            _shared = Pool()
            atexit.register(_shared.close)
        return _shared


def _after_fork() -> None:
    """A child starts its own workers; its parent's threads may hold the parent's locks for ever."""
    global _shared, _shared_lock
    _shared_lock = threading.Lock()
    pool, _shared = _shared, None
    if pool is not None:
        atexit.unregister(pool.close)
        pool.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
