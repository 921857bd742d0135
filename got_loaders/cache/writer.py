"""The thread that writes to the store: neither the engine's nor a caller's waits for a disk.

What came while it wrote goes into one transaction.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from got_loaders.cache import sqlite as database
from got_loaders.cache.sqlite import Row

__all__ = ["Writer"]

_log = logging.getLogger(__name__)

Then = Callable[[], None]
Use = tuple[bytes, float]

_MOST_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class _Job:
    """An answer to keep, or a use to note, and what to do when that is done or can't be."""

    what: Row | Use
    then: Then | None = None


class Writer:
    """Writes to ``file``, at most ``most_bytes()`` in all; ``failed`` hears of the first error.

    After an error it writes no more; what comes while somebody else holds the file for too long is
    not kept.
    """

    def __init__(
        self, file: Path, most_bytes: Callable[[], int], failed: Callable[[Exception], None]
    ) -> None:
        self._file = file
        self._most_bytes = most_bytes
        self._failed = failed
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.RLock()
        self._open = True
        self._thread = threading.Thread(target=self._run, name="got-loaders-store", daemon=True)
        self._thread.start()

    def put(self, what: Row | Use, then: Then | None = None) -> bool:
        """Write it soon, and call ``then``. False, and nothing, where no more is written."""
        job = _Job(what, then)  # not under the lock: an allocation may run anybody's code
        with self._lock:
            if self._open:
                self._jobs.put(job)
            return self._open

    def close(self) -> None:
        """Write what was put, and end the thread; waits for that."""
        with self._lock:
            self._open = False
            self._jobs.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        try:
            with closing(database.connected(self._file)) as connection:
                self._write_all(connection)
        except Exception as error:  # noqa: BLE001  # whatever it is, nobody may wait for ever
            self._failed(error)
        finally:
            with self._lock:
                self._open = False
            for job in self._left():
                _done(job)

    def _write_all(self, connection: sqlite3.Connection) -> None:
        while True:
            jobs = self._batch()
            wanted = [job for job in jobs if job is not None]
            try:
                self._write(connection, wanted)
            finally:
                for job in wanted:
                    _done(job)
            if len(wanted) < len(jobs):
                return

    def _batch(self) -> list[_Job | None]:
        """What is to be written, one at least; None where there will be no more."""
        jobs = [self._jobs.get()]
        with suppress(queue.Empty):
            while len(jobs) < _MOST_AT_ONCE:
                jobs.append(self._jobs.get_nowait())
        return jobs

    def _write(self, connection: sqlite3.Connection, jobs: list[_Job]) -> None:
        try:
            self._insert(connection, jobs)
        except sqlite3.OperationalError as error:
            if not database.is_busy(error):
                raise
            _log.warning("the cache %s is busy: %d readings are not kept", self._file, len(jobs))

    def _insert(self, connection: sqlite3.Connection, jobs: list[_Job]) -> None:
        rows = [job.what for job in jobs if isinstance(job.what, Row)]
        uses = [job.what for job in jobs if not isinstance(job.what, Row)]
        if rows:
            database.insert(connection, rows)
            database.evict(connection, self._most_bytes())
        if uses:
            database.touch(connection, uses)

    def _left(self) -> Iterable[_Job]:
        with suppress(queue.Empty):
            while True:
                job = self._jobs.get_nowait()
                if job is not None:
                    yield job


def _done(job: _Job) -> None:
    if job.then is None:
        return
    try:
        job.then()
    except Exception:  # noqa: BLE001  # a waiter's own callback: no matter of the others
        _log.exception("who waited for a reading failed")
