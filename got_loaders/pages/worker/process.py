"""One worker process: starts it, sends it requests with a time limit, and ends it.

Not thread-safe: a pool's handle lets one thread in at a time.
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, BinaryIO

from got_loaders.pages import protocol
from got_loaders.pages.worker.launch import PAGES_MAIN, start_advice, start_worker


class WorkerError(Exception):
    """The worker did not answer; it is gone, and a new one has to be started."""


class WorkerDiedError(WorkerError):
    """It ended while it was asked: a crash, or killed by somebody."""


class WorkerTimeoutError(WorkerError):
    """It took longer than the limit and was killed."""


class WorkerStartError(WorkerError):
    """It never became ready."""


class WorkerProcess:
    """A running worker. ``close`` ends it at once: it has nothing that would have to be saved.

    ``main`` is the module that it runs.
    """

    def __init__(self, *, start_limit_s: float, main: str = PAGES_MAIN) -> None:
        try:
            self._popen = start_worker(main)
        except OSError as error:
            raise WorkerStartError(start_advice()) from error
        self._stdin, self._stdout = _pipes(self._popen)
        try:
            with _KillTimer(self._popen, start_limit_s):
                protocol.wait_until_ready(self._stdout)
        except BaseException as error:
            self.close()
            if isinstance(error, EOFError | OSError):
                raise WorkerStartError(start_advice()) from error
            raise

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._popen.pid

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return not self._stdin.closed and self._popen.poll() is None

    def request(
        self,
        header: Mapping[str, Any],
        payload: protocol.Bytes,
        *,
        limit_s: float,
        max_payload: int = protocol.MAX_PAYLOAD,
    ) -> tuple[dict[str, Any], bytearray]:
        """Ask and wait for the answer, ``limit_s`` seconds and ``max_payload`` bytes at most.

        Whatever interrupts this, a KeyboardInterrupt included, ends the worker: the rest of the
        answer would be taken for the answer to the next question.
        """
        timer = _KillTimer(self._popen, limit_s)
        try:
            with timer:
                protocol.send(self._stdin, header, payload)
                answer = protocol.receive(self._stdout, max_payload=max_payload)
        except BaseException as error:
            if isinstance(error, EOFError):  # its exit status is about to come
                with suppress(subprocess.TimeoutExpired):
                    self._popen.wait(timeout=1.0)
            self.close()
            if isinstance(error, EOFError | OSError):
                kind = WorkerTimeoutError if timer.expired else WorkerDiedError
                raise kind(f"exit status {self._popen.returncode}") from error
            raise
        return answer

    def kill(self) -> None:
        """End the process from whatever thread; whoever waits for its answer gets an error."""
        self._popen.kill()

    def close(self) -> None:
        """End the process and wait until it is gone."""
        self._popen.kill()
        self._popen.wait()
        self._stdin.close()
        self._stdout.close()

    def detach_after_fork(self) -> None:
        """In a forked child: let go of the parent's worker without touching it."""
        self._stdin.close()
        self._stdout.close()
        self._popen.returncode = 0  # else Popen's destructor warns of a process that is not ours


class _KillTimer:
    """Kills the process unless the block is left in time. ``expired`` says whether it did.

    Leaving the block and expiring exclude each other, so a late timer can't kill a worker that is
    busy with the next request.
    """

    def __init__(self, popen: subprocess.Popen[bytes], limit_s: float) -> None:
        self.expired = False
        self._popen = popen
        self._is_over = False
        self._lock = threading.Lock()
        self._timer = threading.Timer(limit_s, self._expire)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._is_over = True
        self._timer.cancel()
        if self.expired:
            self._popen.wait()  # killed just after it answered: don't leave it half dead

    def _expire(self) -> None:
        with self._lock:
            if not self._is_over:
                self.expired = True
                self._popen.kill()


def _pipes(popen: subprocess.Popen[bytes]) -> tuple[BinaryIO, BinaryIO]:
    assert popen.stdin is not None  # both were asked for
    assert popen.stdout is not None
    return popen.stdin, popen.stdout  # type: ignore[return-value]  # unbuffered: raw binary files
