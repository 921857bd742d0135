"""Answers by key in a SQLite file, for any number of processes.

Errors are sqlite3's own; whoever calls decides what they mean. Each connection belongs to one
thread at a time. Write-ahead logging lets readers go on while somebody writes; what a killed
process had committed is there, what it had not is not.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Row",
    "connected",
    "evict",
    "find",
    "insert",
    "is_busy",
    "read_only",
    "touch",
    "used_bytes",
]

WAIT_S = 5.0
"""How long a writer waits for another process's transaction; an ordinary one takes milliseconds."""

SCHEMA = 1

_TABLES = (
    (
        "CREATE TABLE IF NOT EXISTS readings (key BLOB NOT NULL UNIQUE, model TEXT NOT NULL, "
        "used REAL NOT NULL, payload BLOB NOT NULL)"
    ),
    "CREATE INDEX IF NOT EXISTS readings_by_use ON readings (used)",
    f"PRAGMA user_version = {SCHEMA}",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One answer. ``used`` is when it was last asked for, in seconds since 1970."""

    key: bytes
    model: str
    used: float
    payload: bytes


def connected(file: Path) -> sqlite3.Connection:
    """A connection that may write. The file and its folder are made, for this user's eyes only."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _make(file)
    connection = _connect(f"{file.absolute().as_uri()}?mode=rw")
    try:
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def read_only(file: Path) -> sqlite3.Connection:
    """A connection to what can't be written to."""
    uri = file.absolute().as_uri()
    connection = _connect(f"{uri}?mode=ro")
    try:
        _check(connection)
    except sqlite3.OperationalError:  # its log can't be made beside it: then nobody writes to it
        connection.close()
        connection = _connect(f"{uri}?mode=ro&immutable=1")
        _check(connection)
    return connection


def find(connection: sqlite3.Connection, key: bytes) -> Row | None:
    """The answer with this key."""
    query = "SELECT key, model, used, payload FROM readings WHERE key = ?"
    with closing(connection.execute(query, (key,))) as cursor:
        found = cursor.fetchone()
    return None if found is None else Row(*found)


def insert(connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """Keep these answers, instead of older ones with the same key."""
    values = [(row.key, row.model, row.used, row.payload) for row in rows]
    with _transaction(connection):
        connection.executemany("INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?)", values)


def touch(connection: sqlite3.Connection, uses: Sequence[tuple[bytes, float]]) -> None:
    """Note when answers were asked for."""
    with _transaction(connection):
        connection.executemany(
            "UPDATE readings SET used = ? WHERE key = ?", [(used, key) for key, used in uses]
        )


def evict(connection: sqlite3.Connection, most_bytes: int) -> None:
    """Beyond ``most_bytes`` let go of what was used least recently, down to nine tenths of it."""
    if used_bytes(connection) <= most_bytes:
        return
    while used_bytes(connection) > 0.9 * most_bytes:
        with _transaction(connection):
            done = connection.execute(
                "DELETE FROM readings WHERE rowid IN (SELECT rowid FROM readings ORDER BY used "
                "LIMIT 1 + (SELECT count(*) FROM readings) / 20)"
            )
        if done.rowcount < 1:
            return


def used_bytes(connection: sqlite3.Connection) -> int:
    """What the answers take up in the file; room that became free is used again."""
    pages, free, size = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def _make(file: Path) -> None:
    """Make the file if it is not there, and otherwise don't touch it.

    Closing any descriptor of a file gives up all locks that this process has on it (POSIX), those
    of SQLite's open connections, too; other processes would then write over each other.
    """
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def is_busy(error: Exception) -> bool:
    """Whether somebody else held the file for too long, and it may be free again later."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _connect(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(
        uri, uri=True, timeout=WAIT_S, isolation_level=None, check_same_thread=False
    )


def _prepare(connection: sqlite3.Connection) -> None:
    _into_wal(connection)
    connection.execute("PRAGMA synchronous = NORMAL")  # a power cut loses the last ones, no more
    connection.execute(f"PRAGMA journal_size_limit = {16 * 2**20}")
    if _check(connection) == SCHEMA:
        return
    with _transaction(connection):
        for statement in _TABLES:
            connection.execute(statement)


def _into_wal(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging; SQLite does not wait for others in this."""
    deadline = time.monotonic() + WAIT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)  # there is nothing to be told by
        else:
            return


def _check(connection: sqlite3.Connection) -> int:
    """The schema's version: ours, or 0 where there is none yet."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version not in (0, SCHEMA):
        raise sqlite3.DatabaseError(f"it was made by another version of got_loaders ({version})")
    return version


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
