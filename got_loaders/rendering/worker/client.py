"""Asks the processes that draw. Each starts when it is first needed, and ends with this one."""

from __future__ import annotations

import atexit
import threading
from dataclasses import replace

from got_loaders._registry import Registry
from got_loaders.pages.worker.process import (
    WorkerError,
    WorkerProcess,
    WorkerStartError,
    WorkerTimeoutError,
)
from got_loaders.rendering.svg import UnsafeSvgError, clean_svg
from got_loaders.rendering.worker.values import MAX_BYTES, DrawingError, DrawingLibrary, Drawn

__all__ = ["LIMIT_S", "close_all", "draw"]

LIMIT_S = 10.0
"""What drawing one text may take; a page of music takes some 0.05 s, a molecule 0.01 s."""

_START_LIMIT_S = 60.0
_MAIN = "got_loaders.rendering.worker.main"
_RETIRE_AFTER = 2000
"""Drawings after which a process is replaced: libraries leak a little."""


def draw(library: DrawingLibrary, payload: bytes, **options: int) -> Drawn:
    """What a library makes of ``payload``, cleaned; :class:`DrawingError` where it makes nothing.

    Blocks while the library's process is busy with another thread's text.
    """
    worker = _workers.get_or_create(library, lambda: _DrawingWorker(library))
    drawn = worker.request(payload, options)
    try:
        return replace(drawn, svgs=tuple(map(clean_svg, drawn.svgs)))
    except UnsafeSvgError as error:
        raise DrawingError(f"{library} drew no SVG: {error}") from error


def close_all() -> None:
    """End all these processes, busy or not. Later drawings start new ones."""
    for worker in _known:
        worker.close()


class _DrawingWorker:
    """At most one process, and one request at a time."""

    def __init__(self, library: DrawingLibrary) -> None:
        self._library = library
        self._process: WorkerProcess | None = None
        self._requests = 0
        self._lock = threading.Lock()
        _known.append(self)

    def request(self, payload: bytes, options: dict[str, int]) -> Drawn:
        """The pictures, as they came."""
        header = {"library": self._library, "seconds": LIMIT_S, "options": options}
        with self._lock:
            try:
                answer, pictures = self._running().request(
                    header, payload, limit_s=LIMIT_S, max_payload=MAX_BYTES
                )
            except WorkerError as error:
                raise DrawingError(self._reason(error)) from error
        if "failure" in answer:
            raise DrawingError(str(answer["failure"]))
        return Drawn.from_bytes(bytes(pictures))

    def close(self) -> None:
        """End the process, even if it is busy."""
        process = self._process
        if process is None:
            return
        process.kill()  # a thread that is waiting for its answer gets an error
        with self._lock:
            process.close()

    def detach_after_fork(self) -> None:
        """In a forked child: let go of the parent's process."""
        if self._process is not None:
            self._process.detach_after_fork()

    def _running(self) -> WorkerProcess:
        process = self._process
        if process is None or not process.is_alive or self._requests >= _RETIRE_AFTER:
            if process is not None:
                process.close()
            self._requests = 0
            self._process = process = WorkerProcess(start_limit_s=_START_LIMIT_S, main=_MAIN)
        self._requests += 1
        return process

    def _reason(self, error: WorkerError) -> str:
        if isinstance(error, WorkerTimeoutError):
            return f"drawing it took {self._library} longer than {LIMIT_S:g} s and was given up"
        if isinstance(error, WorkerStartError):
            return f"the process that draws with {self._library} did not start"
        return f"drawing it ended the process of {self._library}"


def _detach(worker: _DrawingWorker) -> None:
    if worker in _known:
        _known.remove(worker)
    worker.detach_after_fork()


_known: list[_DrawingWorker] = []
_workers: Registry[DrawingLibrary, _DrawingWorker] = Registry(on_fork=_detach)
atexit.register(close_all)
