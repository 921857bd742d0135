"""The tables of the jobs' file, and the connection that all threads of a server share."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from got_loaders.cache.database import create_private, enable_wal, open_database, transaction
from got_loaders.errors import OptionError
from got_loaders.server.errors import ApiError

__all__ = ["FILE_NAME", "JobDatabase", "default_folder"]

FILE_NAME = "jobs.sqlite"
SCHEMA = 1
_MARK = 0x676F746A
"""SQLite's application id of our file: "gotj"."""

_TABLES = (
    """CREATE TABLE jobs (
        id TEXT PRIMARY KEY, state TEXT NOT NULL, name TEXT NOT NULL, created REAL NOT NULL,
        changed REAL NOT NULL, options TEXT NOT NULL, locator TEXT,
        pages_done INTEGER NOT NULL DEFAULT 0, pages_failed INTEGER NOT NULL DEFAULT 0,
        pages_total INTEGER, records INTEGER NOT NULL DEFAULT 0, error_code TEXT,
        error_message TEXT, owner TEXT, lease REAL, run INTEGER NOT NULL DEFAULT 0,
        attempts INTEGER NOT NULL DEFAULT 0, key TEXT UNIQUE, digest TEXT NOT NULL
    )""",
    "CREATE INDEX jobs_by_state ON jobs (state, created)",
    "CREATE TABLE documents (job TEXT PRIMARY KEY, data BLOB NOT NULL)",
    """CREATE TABLE pages (
        job TEXT NOT NULL, page INTEGER NOT NULL, PRIMARY KEY (job, page)
    ) WITHOUT ROWID""",
    """CREATE TABLE records (
        job TEXT NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (job, number)
    )""",
    """CREATE TABLE files (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, size INTEGER NOT NULL, created REAL NOT NULL,
        expires REAL NOT NULL, data BLOB NOT NULL
    )""",
)
"""``attempts`` counts how often a job was taken since its last page was written."""


def default_folder() -> Path:
    """Where jobs lie if nobody says: in the user's folder for data that programs keep."""
    from platformdirs import user_data_path

    return user_data_path("got_loaders", appauthor=False) / "jobs"


class JobDatabase:
    """The open file. Usable from any number of threads, one at a time; several processes may have
    it open. What is committed survives the end of the process, however it ends, and a power cut.
    """

    def __init__(self, folder: Path) -> None:
        self._lock = threading.RLock()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = folder / FILE_NAME
            create_private(file)
            self._connection = open_database(f"{file.absolute().as_uri()}?mode=rw")
        except (OSError, sqlite3.Error) as error:
            raise OptionError(
                f"jobs_dir: the folder for jobs can't be used: {_reason(error)}"
            ) from error
        try:
            self._prepare()
        except sqlite3.Error as error:
            self._connection.close()
            raise OptionError(f"jobs_dir: the file for jobs can't be used: {error}") from error
        except BaseException:
            self._connection.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for one thread alone."""
        with self._lock:
            yield self._connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The same within a transaction: all of it is kept, or nothing. :class:`ApiError` (429)
        where the disk is full."""
        try:
            with self._lock, transaction(self._connection):
                yield self._connection
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_FULL:
                raise
            text = "the disk that jobs and files are kept on is full; ask again later"
            raise ApiError("overloaded", text, retry_after=60) from error

    def used_bytes(self) -> int:
        """What all that is kept takes up; room that became free is used again."""
        with self._lock:
            pages, free, size = (
                int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])
                for name in ("page_count", "freelist_count", "page_size")
            )
        return (pages - free) * size

    def check_room(self, size: int, limit: int) -> None:
        """Raise :class:`ApiError` (429) where so many bytes more would be beyond ``limit``."""
        if self.used_bytes() + size > limit:
            raise ApiError(
                "overloaded",
                "there is no room for another document; ask again when jobs have ended, or DELETE "
                "those whose records are not needed any more",
                retry_after=60,
            )

    def shrink(self) -> None:
        """Give room that became free back to the file system."""
        with self._lock:
            self._connection.execute("PRAGMA incremental_vacuum").fetchall()

    def close(self) -> None:
        """Close the file; it may be closed twice."""
        with self._lock:
            self._connection.close()

    def _prepare(self) -> None:
        connection = self._connection
        if not self._check_owner():
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # before there is any table
        enable_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")  # what is forgotten is overwritten
        connection.execute(f"PRAGMA journal_size_limit = {64 * 2**20}")
        with transaction(connection):
            if not self._check_owner():
                for statement in _TABLES:
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {_MARK}")
                connection.execute(f"PRAGMA user_version = {SCHEMA}")

    def _check_owner(self) -> bool:
        """Whether our tables are there; raises where the file is somebody else's."""
        mark, version, tables = (
            int(self._connection.execute(query).fetchone()[0])
            for query in (
                "PRAGMA application_id",
                "PRAGMA user_version",
                "SELECT count(*) FROM sqlite_master",
            )
        )
        if not tables:
            return False
        if mark != _MARK:
            raise OptionError("jobs_dir: the file for jobs in it is another program's")
        if version != SCHEMA:
            raise OptionError(
                f"jobs_dir: its jobs were written by another version of got_loaders (schema "
                f"{version}); name another folder"
            )
        return True


def _reason(error: Exception) -> str:
    """Without the path, which only the one who started the server knows."""
    return str(getattr(error, "strerror", None) or error)
