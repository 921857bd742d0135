"""The thread that writes to the cache: neither the engine's nor a caller's waits for a disk.

A result is given to those who wait when it is committed, so somebody has to commit it who is not
one of them: nobody may be waiting, or only a callback. In the engine's thread, which hears of the
result first, a commit is short most of the time; but now and then one takes a hundred times as
long, when SQLite moves its log into the file or another process is writing, and the whole batch
would stand still meanwhile. Measured, that was also the slower of the two ways.

What came while it wrote goes into one transaction.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from got_loaders.cache import sqlite as database
from got_loaders.cache.sqlite import Row

__all__ = ["Writer"]

_log = logging.getLogger(__name__)

OnWritten = Callable[[], None]
Use = tuple[bytes, float]

_MAX_BATCH = 64


@dataclass(frozen=True, slots=True)
class _Write:
    """A row to insert, or a use to note, and what to call when that is done or can't be."""

    operation: Row | Use
    on_written: OnWritten | None = None


class Writer:
    """Writes to ``file``, at most ``max_bytes()`` in all; ``on_error`` hears of the first error.

    After an error it writes no more; what comes while somebody else holds the file for too long is
    not kept. No method but ``close`` waits for anything.
    """

    def __init__(
        self, file: Path, max_bytes: Callable[[], int], on_error: Callable[[Exception], None]
    ) -> None:
        self._file = file
        self._max_bytes = max_bytes
        self._on_error = on_error
        self._queue: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="got-loaders-cache", daemon=True)
        self._thread.start()

    def put(self, operation: Row | Use, on_written: OnWritten | None = None) -> None:
        """Write it soon, then call ``on_written``; at once where no more is written."""
        self._queue.put(_Write(operation, on_written))
        if self._ended:
            self._discard_rest()

    def close(self) -> None:
        """Write what was put, and end the thread; waits for that."""
        self._queue.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        try:
            with closing(database.connect(self._file)) as connection:
                self._write_all(connection)
        except Exception as error:  # noqa: BLE001  # whatever it is, nobody may wait for ever
            self._on_error(error)
        finally:
            self._ended = True  # who puts something from now on takes it out again
            self._discard_rest()

    def _write_all(self, connection: sqlite3.Connection) -> None:
        while True:
            batch = self._next_batch()
            writes = [write for write in batch if write is not None]
            try:
                self._write(connection, writes)
            finally:
                for write in writes:
                    _report(write)
            if len(writes) < len(batch):
                return

    def _next_batch(self) -> list[_Write | None]:
        """What is to be written, one at least; None where there will be no more."""
        batch = [self._queue.get()]
        with suppress(queue.Empty):
            while len(batch) < _MAX_BATCH:
                batch.append(self._queue.get_nowait())
        return batch

    def _write(self, connection: sqlite3.Connection, writes: list[_Write]) -> None:
        rows = [write.operation for write in writes if isinstance(write.operation, Row)]
        uses = [write.operation for write in writes if not isinstance(write.operation, Row)]
        try:
            if rows:
                database.insert(connection, rows)
                database.evict(connection, self._max_bytes())
            if uses:
                database.touch(connection, uses)
        except sqlite3.OperationalError as error:
            if not database.is_busy(error):
                raise
            _log.warning("the cache %s is busy: %d readings are not kept", self._file, len(writes))

    def _discard_rest(self) -> None:
        with suppress(queue.Empty):
            while True:
                write = self._queue.get_nowait()
                if write is not None:
                    _report(write)


def _report(write: _Write) -> None:
    if write.on_written is None:
        return
    try:
        write.on_written()
    except Exception:  # noqa: BLE001  # a waiter's own callback: no matter of the others
        _log.exception("who waited for a reading failed")
