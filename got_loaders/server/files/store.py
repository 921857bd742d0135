"""Uploaded files on disk, beside the jobs: each for a while. Methods block; any thread may call."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from got_loaders.server.jobs.schema import JobDatabase

__all__ = ["FileStore", "UploadedFile"]

MAX_HOURS = 7 * 24


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedFile:
    """A file without its bytes. Times are seconds since 1970."""

    id: str
    name: str
    size: int
    created: float
    expires: float


class FileStore:
    """The files of a folder, ``max_bytes`` of them beside all jobs, each kept ``hours``."""

    def __init__(
        self,
        database: JobDatabase,
        *,
        max_bytes: int,
        hours: float = 24.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._max_bytes = max_bytes
        self._hours = hours
        self._clock = clock

    def add(self, name: str, data: bytes) -> UploadedFile:
        """Keep it; :class:`ApiError` where there is no room."""
        self.expire()
        now = self._clock()
        file = UploadedFile(
            id=str(uuid.uuid4()),
            name=name,
            size=len(data),
            created=now,
            expires=now + 3600 * self._hours,
        )
        with self._database.writing() as connection:
            self._database.check_room(len(data), self._max_bytes)
            connection.execute(
                "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?)",
                (file.id, file.name, file.size, file.created, file.expires, data),
            )
        return file

    def find(self, file: str) -> UploadedFile | None:
        """The file of this id, unless its time is over."""
        query = "SELECT id, name, size, created, expires FROM files WHERE id = ? AND expires > ?"
        with self._database.reading() as connection:
            row = connection.execute(query, (file, self._clock())).fetchone()
        return (
            None
            if row is None
            else UploadedFile(id=row[0], name=row[1], size=row[2], created=row[3], expires=row[4])
        )

    def keep(self, file: str, hours: float) -> UploadedFile | None:
        """Keep a file that is there for so many hours from now, or as long as it is kept anyway."""
        until = self._clock() + 3600 * min(hours, MAX_HOURS)
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE files SET expires = max(expires, ?) WHERE id = ? AND expires > ?",
                (until, file, self._clock()),
            )
        return self.find(file)

    def read(self, file: str) -> tuple[str, bytes] | None:
        """Its name and bytes."""
        query = "SELECT name, data FROM files WHERE id = ? AND expires > ?"
        with self._database.reading() as connection:
            row = connection.execute(query, (file, self._clock())).fetchone()
        return None if row is None else (row[0], bytes(row[1]))

    def remove(self, file: str) -> bool:
        """Forget it; whether it was there."""
        with self._database.writing() as connection:
            return connection.execute("DELETE FROM files WHERE id = ?", (file,)).rowcount > 0

    def expire(self) -> None:
        """Forget those whose time is over."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM files WHERE expires <= ?", (self._clock(),))
