"""The place of one worker process, and the documents that are open in it."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from got_loaders.pages import protocol as wire
from got_loaders.pages.worker.process import WorkerError, WorkerProcess
from got_loaders.types import Limits

START_LIMIT_S = 60.0
"""What starting a worker may take, on a busy machine."""

CLOSE_LIMIT_S = 10.0
"""What closing a document may take."""

RETIRE_AFTER = 5000
"""Requests after which an idle worker is replaced: decoders leak a little."""

_OWN_REQUESTS = 2
"""Of a new process: opening a document, and what is asked of it."""

Answer = tuple[dict[str, Any], bytearray]
"""A message's header and its payload."""

_ids = itertools.count()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DocumentSpec:
    """What a worker needs to open a document, as often as it must."""

    path: str | None
    data: bytes | None = field(repr=False)
    password: str | None = field(repr=False)
    limits: Limits = field(default_factory=Limits)
    id: int = field(default_factory=lambda: next(_ids))

    @property
    def opening(self) -> dict[str, Any]:
        """The header of the request that opens it."""
        return {"do": "open", "id": self.id, "path": self.path, "password": self.password}


class WorkerHandle:
    """At most one process runs in it, and one request at a time; see :class:`Pool` for the rest.

    ``_released`` may be appended to by any thread; everything else is changed under the lock.
    """

    def __init__(self, time_limit_s: float | None, retire_after: int) -> None:
        self.process: WorkerProcess | None = None
        self._time_limit_s = time_limit_s
        self._retire_after = retire_after
        self._opened: set[int] = set()
        self._released: deque[int] = deque()
        self._requests = 0
        self._lock = threading.Lock()

    def ask(self, spec: DocumentSpec, command: dict[str, Any]) -> Answer:
        """See :meth:`Pool.ask`.

        Where memory does not suffice the process is replaced, for what earlier documents left there
        may be in the way. What was asked is asked once more then, unless the process was new.
        """
        try:
            with self._lock:
                self._close_released()
                try:
                    return self._asked(spec, command)
                except wire.WorkerFailure as failure:
                    if not failure.memory or self._replaced_new():
                        raise
                try:
                    return self._asked(spec, command)
                except wire.WorkerFailure as failure:
                    if failure.memory:
                        self._replaced_new()
                    raise
        finally:
            self._tidy()

    def release(self, document: int) -> None:
        """Close a document now, or as soon as the thread that has the slot is done."""
        self._released.append(document)
        self._tidy()

    def close(self) -> None:
        """End the process, even if it is busy."""
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
        """In a forked child: let go of the parent's process."""
        if self.process is not None:
            self.process.forget()

    def _asked(self, spec: DocumentSpec, command: dict[str, Any]) -> Answer:
        process = self._started()
        if spec.id not in self._opened:
            answer = self._request(process, spec, spec.opening, spec.data or b"")
            self._opened.add(spec.id)
            if command["do"] == "open":
                return answer
        return self._request(process, spec, {**command, "id": spec.id})

    def _replaced_new(self) -> bool:
        """End the process; whether it was a new one. Open documents are opened in the next."""
        if self.process is not None:
            self.process.close()
        return self._requests <= _OWN_REQUESTS

    def _started(self) -> WorkerProcess:
        if self.process is None or not self.process.alive:
            if self.process is not None:
                self.process.close()
            self._opened.clear()
            self._requests = 0
            self.process = WorkerProcess(start_limit_s=START_LIMIT_S)
        return self.process

    def _request(
        self,
        process: WorkerProcess,
        spec: DocumentSpec,
        header: dict[str, Any],
        payload: wire.Bytes = b"",
    ) -> Answer:
        self._requests += 1
        limits = spec.limits
        limit_s = self._time_limit_s or limits.page_seconds
        bounds = {
            "image_pixels": limits.image_pixels,
            "page_bytes": limits.page_bytes,
            "seconds": limit_s,
        }
        answer, pixels = process.request(header | bounds, payload, limit_s=limit_s)
        if answer.pop("over_memory", False) and header["do"] != "open":
            process.close()  # the layout model's arenas never shrink
        if "failure" in answer:
            memory = answer.get("memory", False)
            raise wire.WorkerFailure(answer["failure"], answer["reason"], memory=memory)
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
                with contextlib.suppress(WorkerError):  # gone is closed, too
                    process.request({"do": "close", "id": document}, b"", limit_s=CLOSE_LIMIT_S)
        if not self._opened and self._requests >= self._retire_after and process is not None:
            process.close()
