"""The store of a folder: finds answers, writes new ones, and stays out of the way where it can't.

A store that can't be read or written (the disk is full, the folder is read-only, the file is
damaged) says so once, in the log, and reading goes on without it.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from got_loaders.cache import sqlite as database
from got_loaders.cache.codec import decode_result, encode_result
from got_loaders.cache.paths import cache_file
from got_loaders.cache.singleflight import InFlight, SingleFlight
from got_loaders.cache.sqlite import Row
from got_loaders.cache.writer import Writer
from got_loaders.types import OcrResult

__all__ = ["ResultCache"]

_log = logging.getLogger(__name__)

_TOUCH_AFTER_S = 3600.0
"""An answer's last use is written down once an hour at most: looking up is to cost no write."""


class ResultCache:
    """The answers kept in ``folder``, at most ``max_bytes`` of them. Usable from any thread.

    Opening never raises. ``close`` waits until what came is written.
    """

    def __init__(
        self, folder: Path, *, max_bytes: int, clock: Callable[[], float] = time.time
    ) -> None:
        self.file = cache_file(folder)
        self.max_bytes = max_bytes
        self._clock = clock
        self._flights = SingleFlight()
        self._lock = threading.RLock()
        self._warned = False
        self._reader: sqlite3.Connection | None = None
        self._writer: Writer | None = None
        self._start()

    def join(self, key: bytes) -> tuple[Future[OcrResult], InFlight | None]:
        """See :meth:`SingleFlight.join <got_loaders.cache.singleflight.SingleFlight.join>`."""
        return self._flights.join(key)

    def find(self, key: bytes) -> OcrResult | None:
        """The answer with this key, if there is one."""
        payload = self.get(key)
        return None if payload is None else decode_result(payload)

    def keep(self, key: bytes, model: str, result: OcrResult, then: Callable[[], None]) -> None:
        """Write an answer down; ``then`` is called when it is there, or can't be."""
        self.put(key, model, encode_result(result), then)

    def get(self, key: bytes) -> bytes | None:
        """What was put under this key, if it is there."""
        row = self._row(key)
        if row is None:
            return None
        now = self._clock()
        if self._writer is not None and abs(now - row.used) > _TOUCH_AFTER_S:  # clocks jump back
            self._writer.put((key, now))
        return row.payload

    def put(
        self, key: bytes, model: str, payload: bytes, then: Callable[[], None] = lambda: None
    ) -> None:
        """Write down what ``model`` made; ``then`` is called when it is there, or can't be."""
        row = Row(key, model, self._clock(), payload)
        fits = len(payload) <= self.max_bytes // 2
        if self._writer is None or not fits or not self._writer.put(row, then):
            then()

    def close(self) -> None:
        """Write what is left, and let go of the file."""
        if self._writer is not None:
            self._writer.close()
        with self._lock:
            self._stop_reading()

    def _start(self) -> None:
        try:
            self._reader = database.connected(self.file)
        except (OSError, sqlite3.Error) as error:
            self._start_reading_only(error)
        else:
            self._writer = Writer(self.file, lambda: self.max_bytes, self._cannot_write)

    def _start_reading_only(self, cause: Exception) -> None:
        try:
            self._reader = database.read_only(self.file)
        except (OSError, sqlite3.Error):
            self._warn("can't be opened", cause)
        else:
            self._cannot_write(cause)

    def _row(self, key: bytes) -> Row | None:
        with self._lock:
            if self._reader is None:
                return None
            try:
                return database.find(self._reader, key)
            except sqlite3.Error as error:
                self._warn("can't be read", error)
                self._stop_reading()
                return None

    def _stop_reading(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _cannot_write(self, error: Exception) -> None:
        self._warn("can't be written to", error)

    def _warn(self, what: str, error: Exception) -> None:
        """Once: the reader and the writer meet the same trouble."""
        with self._lock:
            warned, self._warned = self._warned, True
        if warned:
            return
        damaged = isinstance(error, sqlite3.DatabaseError)
        damaged = damaged and not isinstance(error, sqlite3.OperationalError)
        advice = '; "got-loaders cache clear" makes a new one' if damaged else ""
        _log.warning("the cache %s %s: %s; going on without%s", self.file, what, error, advice)
