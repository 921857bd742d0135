"""Results by key in a SQLite file, for any number of processes.

Errors are sqlite3's own, also where a damaged file makes Python fail at what SQLite says of it;
whoever calls decides what they mean. Each connection belongs to one thread at a time. Write-ahead
logging lets readers go on while somebody writes; what a killed process had committed is there, what
it had not is not.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from got_loaders.cache.database import (
    create_private,
    damage_as_sqlite_error,
    enable_wal,
    is_busy,
    open_database,
    transaction,
)
from got_loaders.cache.schema import (
    SCHEMA,
    TABLES,
    ForeignFileError,
    OtherVersionError,
    check_owner,
)

__all__ = [
    "Row",
    "connect",
    "connect_read_only",
    "damage_as_sqlite_error",
    "evict",
    "insert",
    "is_busy",
    "is_damage",
    "select",
    "touch",
    "used_bytes",
]


@dataclass(frozen=True, slots=True)
class Row:
    """One result. ``last_used`` is when it was last asked for, in seconds since 1970; 0 where the
    file says nothing sensible."""

    key: bytes
    model: str
    last_used: float
    payload: bytes


def connect(file: Path) -> sqlite3.Connection:
    """A connection that may write. The file and its folder are made, for this user's eyes only."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    create_private(file)
    connection = open_database(f"{file.absolute().as_uri()}?mode=rw")
    try:
        with damage_as_sqlite_error():
            _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_read_only(file: Path) -> sqlite3.Connection:
    """A connection to what can't be written to."""
    uri = file.absolute().as_uri()
    try:
        return _open_checked(f"{uri}?mode=ro")
    except sqlite3.OperationalError:  # its log can't be made beside it: then nobody writes to it
        return _open_checked(f"{uri}?mode=ro&immutable=1")


def select(connection: sqlite3.Connection, key: bytes) -> Row | None:
    """The row with this key; None where there is none, or what is there is no such row."""
    query = "SELECT key, model, used, payload FROM readings WHERE key = ?"
    with damage_as_sqlite_error(), closing(connection.execute(query, (key,))) as cursor:
        row = cursor.fetchone()
    if row is None or not isinstance(row[1], str) or not isinstance(row[3], bytes):
        return None
    return Row(key, row[1], row[2] if isinstance(row[2], float) else 0.0, row[3])


def insert(connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """Keep these rows, instead of older ones with the same key."""
    values = [(row.key, row.model, row.last_used, row.payload) for row in rows]
    with transaction(connection):
        connection.executemany("INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?)", values)


def touch(connection: sqlite3.Connection, uses: Sequence[tuple[bytes, float]]) -> None:
    """Note when rows were asked for."""
    with transaction(connection):
        connection.executemany(
            "UPDATE readings SET used = ? WHERE key = ?",
            [(last_used, key) for key, last_used in uses],
        )


def evict(connection: sqlite3.Connection, max_bytes: int) -> None:
    """Beyond ``max_bytes`` delete what was used least recently, down to nine tenths of it."""
    if used_bytes(connection) <= max_bytes:
        return
    while used_bytes(connection) > 0.9 * max_bytes:
        with transaction(connection):
            deleted = connection.execute(
                "DELETE FROM readings WHERE rowid IN (SELECT rowid FROM readings ORDER BY used "
                "LIMIT 1 + (SELECT count(*) FROM readings) / 20)"
            )
        if deleted.rowcount < 1:
            return


def used_bytes(connection: sqlite3.Connection) -> int:
    """What the rows take up in the file; room that became free is used again."""
    pages, free, size = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def is_damage(error: Exception) -> bool:
    """Whether the file itself is the trouble, so that a new one would help."""
    if isinstance(error, sqlite3.OperationalError):  # mostly locked, full or read-only
        code = getattr(error, "sqlite_errorcode", None)
        return code in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_IOERR_SHORT_READ)  # a table is gone
    return isinstance(error, sqlite3.DatabaseError) and not isinstance(
        error, (OtherVersionError, ForeignFileError)
    )


def _open_checked(uri: str) -> sqlite3.Connection:
    connection = open_database(uri)
    try:
        with damage_as_sqlite_error():
            check_owner(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    check_owner(connection)
    enable_wal(connection)
    connection.execute("PRAGMA synchronous = NORMAL")  # a power cut loses the last ones, no more
    connection.execute(f"PRAGMA journal_size_limit = {16 * 2**20}")
    if check_owner(connection) == SCHEMA:
        return
    with transaction(connection):
        for statement in TABLES:
            connection.execute(statement)
