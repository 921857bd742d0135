"""A handle to one worker process, and the documents that are open in it."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Any

from got_loaders.pages.protocol import Bytes, WorkerFailure
from got_loaders.pages.worker.process import WorkerError, WorkerProcess
from got_loaders.types import Limits

START_LIMIT_S = 60.0
"""What starting a worker may take, on a busy machine."""

CLOSE_LIMIT_S = 10.0
"""What closing a document may take."""

WORDS_LIMIT_S = 5.0
"""What looking for a page's words may take: a hint is not worth more. MuPDF needs a tenth of a
second for 100,000 of them."""

RETIRE_AFTER = 5000
"""Requests after which an idle worker is replaced: decoders leak a little."""

_FRESH_REQUESTS = 2
"""Requests that a process is new for: opening a document, and the first about it."""

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
    def open_command(self) -> dict[str, Any]:
        """The header of the request that opens it."""
        return {"do": "open", "id": self.id, "path": self.path, "password": self.password}

    def hurried(self, seconds: float) -> DocumentSpec:
        """The same document, for a request that may take so long at most."""
        seconds = min(seconds, self.limits.page_seconds)
        return replace(self, limits=replace(self.limits, page_seconds=seconds))


class WorkerHandle:
    """Runs at most one process, and one request at a time; see :class:`Pool` for the rest.

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

    def request(self, spec: DocumentSpec, command: dict[str, Any]) -> Answer:
        """See :meth:`Pool.request`.

        Where memory does not suffice the process is ended, for what earlier documents left there
        may be in the way. The request is repeated in a new one then, unless it was new already.
        """
        try:
            with self._lock:
                self._close_released()
                while True:
                    try:
                        return self._open_and_request(spec, command)
                    except WorkerFailure as failure:
                        if failure.memory and self.process is not None:
                            self.process.close()
                        if not failure.memory or self._requests <= _FRESH_REQUESTS:
                            raise
        finally:
            self._try_close_released()

    def release(self, document: int) -> None:
        """Close a document now, or as soon as the thread that holds the lock is done."""
        self._released.append(document)
        self._try_close_released()

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

    def detach_after_fork(self) -> None:
        """In a forked child: let go of the parent's process."""
        if self.process is not None:
            self.process.detach_after_fork()

    def _open_and_request(self, spec: DocumentSpec, command: dict[str, Any]) -> Answer:
        process = self._ensure_process()
        if spec.id not in self._opened:
            answer = self._send(process, spec, spec.open_command, spec.data or b"")
            self._opened.add(spec.id)
            if command["do"] == "open":
                return answer
        return self._send(process, spec, {**command, "id": spec.id})

    def _ensure_process(self) -> WorkerProcess:
        if self.process is None or not self.process.is_alive:
            if self.process is not None:
                self.process.close()
            self._opened.clear()
            self._requests = 0
            self.process = WorkerProcess(start_limit_s=START_LIMIT_S)
        return self.process

    def _send(
        self,
        process: WorkerProcess,
        spec: DocumentSpec,
        header: dict[str, Any],
        payload: Bytes = b"",
    ) -> Answer:
        self._requests += 1
        limit_s = self._time_limit_s or spec.limits.page_seconds
        limits = {"image_pixels": spec.limits.image_pixels, "page_bytes": spec.limits.page_bytes}
        header = header | limits | {"seconds": limit_s}
        answer, pixels = process.request(header, payload, limit_s=limit_s)
        if answer.pop("over_memory", False) and header["do"] != "open":
            process.close()  # the layout model's arenas never shrink
        if "failure" in answer:
            memory = answer.get("memory", False)
            raise WorkerFailure(answer["failure"], answer["reason"], memory=memory)
        return answer, pixels

    def _try_close_released(self) -> None:
        """Close what was released, unless another thread holds the lock: it then does so itself."""
        while self._released and self._lock.acquire(blocking=False):
            try:
                self._close_released()
            finally:
                self._lock.release()

    def _close_released(self) -> None:
        process = self.process
        while self._released:
            document = self._released.popleft()
            if document in self._opened and process is not None and process.is_alive:
                self._opened.discard(document)
                with contextlib.suppress(WorkerError):  # gone is closed, too
                    process.request({"do": "close", "id": document}, b"", limit_s=CLOSE_LIMIT_S)
        if not self._opened and self._requests >= self._retire_after and process is not None:
            process.close()
