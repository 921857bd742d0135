"""The cache of a folder: finds results, writes new ones, and stays out of the way where it can't.

A cache that can't be read or written (the disk is full, the folder is read-only, the file is
damaged) says so once, in the log, and reading goes on without it.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from got_loaders.cache import sqlite as database
from got_loaders.cache.codec import decode_result, encode_result, seal, unseal
from got_loaders.cache.paths import cache_file
from got_loaders.cache.singleflight import SingleFlight
from got_loaders.cache.sqlite import Row
from got_loaders.cache.writer import Writer
from got_loaders.errors import printable
from got_loaders.types import OcrResult

__all__ = ["ResultCache"]

_log = logging.getLogger(__name__)

_TOUCH_AFTER_S = 3600.0
"""A result's last use is written down once an hour at most: looking up is to cost no write."""


class ResultCache:
    """The results kept in ``folder``, at most ``max_bytes`` of them. Usable from any thread.

    ``single_flight`` has those that are on their way. Opening never raises. ``close`` waits until
    what came is written.
    """

    def __init__(
        self, folder: Path, *, max_bytes: int, clock: Callable[[], float] = time.time
    ) -> None:
        self.file = cache_file(folder)
        self.max_bytes = max_bytes
        self._clock = clock
        self.single_flight = SingleFlight()
        self._lock = threading.RLock()
        self._warned = False
        self._reader: sqlite3.Connection | None = None
        self._writer: Writer | None = None
        self._parents: tuple[sqlite3.Connection | None, Writer | None] = (None, None)
        self._start()

    def get_result(self, key: bytes) -> OcrResult | None:
        """The result with this key, if there is one."""
        row = self._get(key)
        payload = None if row is None else unseal(key, row.model, row.payload)
        return None if row is None or payload is None else decode_result(payload, row.model)

    def put_result(
        self, key: bytes, model: str, result: OcrResult, on_written: Callable[[], None]
    ) -> None:
        """Write a result of ``model``; ``on_written`` is called when it is there, or can't be."""
        self.put_payload(key, model, encode_result(result, model), on_written)

    def get_payload(self, key: bytes) -> bytes | None:
        """The bytes that were put under this key, if they are there."""
        row = self._get(key)
        return None if row is None else unseal(key, row.model, row.payload)

    def put_payload(
        self, key: bytes, model: str, payload: bytes, on_written: Callable[[], None] | None = None
    ) -> None:
        """Write the bytes that ``model`` made; then, or if that can't be, call ``on_written``."""
        if self._writer is not None and len(payload) <= self.max_bytes // 2:
            row = Row(key, model, self._clock(), seal(key, model, payload))
            self._writer.put(row, on_written)
        elif on_written is not None:
            on_written()

    def close(self) -> None:
        """Write what is left, and let go of the file."""
        if self._writer is not None:
            self._writer.close()
        with self._lock:
            self._close_reader()

    def detach_after_fork(self) -> None:
        """In a forked child: keep nothing, and find nothing; what is asked for is read.

        The thread that writes is the parent's, and so is the connection. Both are held, for letting
        them go would close the parent's files; and whoever held a lock of his is not here.
        """
        self._parents = self._reader, self._writer
        self._reader = self._writer = None
        self._lock = threading.RLock()
        self.single_flight = SingleFlight()

    def _start(self) -> None:
        try:
            self._reader = database.connect(self.file)
        except (OSError, sqlite3.Error) as error:
            self._start_read_only(error)
        else:
            on_error = partial(self._warn, "can't be written to")
            self._writer = Writer(self.file, lambda: self.max_bytes, on_error)

    def _start_read_only(self, cause: Exception) -> None:
        try:
            self._reader = database.connect_read_only(self.file)
        except (OSError, sqlite3.Error):
            self._warn("can't be opened", cause)
        else:
            self._warn("can't be written to", cause)

    def _get(self, key: bytes) -> Row | None:
        row = self._select(key)
        if row is not None and self._writer is not None:
            now = self._clock()
            if abs(now - row.last_used) > _TOUCH_AFTER_S:  # clocks jump back
                self._writer.put((key, now))
        return row

    def _select(self, key: bytes) -> Row | None:
        with self._lock:
            if self._reader is None:
                return None
            try:
                return database.select(self._reader, key)
            except sqlite3.Error as error:
                self._warn("can't be read", error)
                self._close_reader()
                return None

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _warn(self, what: str, error: Exception) -> None:
        """Once: the reader and the writer meet the same trouble."""
        with self._lock:
            warned, self._warned = self._warned, True
        if warned:
            return
        file, reason = printable(str(self.file)), printable(str(error))
        advice = '; "got-loaders cache clear" makes a new one' if database.is_damage(error) else ""
        _log.warning("the cache %s %s: %s; going on without%s", file, what, reason, advice)
