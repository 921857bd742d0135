"""Opens SQLite files that several processes write to, for this user's eyes only.

Errors are sqlite3's own. Write-ahead logging lets readers go on while somebody writes; what a
killed process had committed is there, what it had not is not.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = [
    "create_private",
    "damage_as_sqlite_error",
    "enable_wal",
    "is_busy",
    "open_database",
    "transaction",
]

WAIT_S = 5.0
"""How long a writer waits for another process's transaction; an ordinary one takes milliseconds."""


def create_private(file: Path) -> None:
    """Make the file if it is not there, and otherwise don't touch it.

    Closing any descriptor of a file gives up all locks that this process has on it (POSIX), those
    of SQLite's open connections, too; other processes would then write over each other.
    """
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def open_database(uri: str) -> sqlite3.Connection:
    """A connection without transactions of its own, which threads may pass on; text that is no
    UTF-8 is read all the same."""
    connection = sqlite3.connect(
        uri, uri=True, timeout=WAIT_S, isolation_level=None, check_same_thread=False
    )
    connection.text_factory = _decode_text
    return connection


def enable_wal(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging; SQLite does not wait for others in this."""
    deadline = time.monotonic() + WAIT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)  # SQLite notifies nobody
        else:
            return


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of what is written within, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def damage_as_sqlite_error() -> Iterator[None]:
    """What Python raises at names, texts and numbers that no sound file has, as SQLite's error."""
    try:
        yield
    except (UnicodeError, ValueError, TypeError, OverflowError) as error:
        raise sqlite3.DatabaseError(f"the file is damaged: {error}") from error


def is_busy(error: Exception) -> bool:
    """Whether somebody else held the file for too long, and it may be free again later."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _decode_text(text: bytes) -> str:
    return text.decode("utf-8", "replace")
