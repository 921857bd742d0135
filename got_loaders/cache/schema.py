"""The tables of a cache's file, and whose file it is: ours, of another version, or not ours."""

from __future__ import annotations

import sqlite3

__all__ = ["SCHEMA", "TABLES", "ForeignFileError", "OtherVersionError", "check_owner"]

SCHEMA = 1

TABLES = (
    (
        "CREATE TABLE IF NOT EXISTS readings (key BLOB NOT NULL UNIQUE, model TEXT NOT NULL, "
        "used REAL NOT NULL, payload BLOB NOT NULL)"
    ),
    "CREATE INDEX IF NOT EXISTS readings_by_use ON readings (used)",
    f"PRAGMA user_version = {SCHEMA}",
)

_MARKS = ("readings_by_use", "used REAL NOT NULL", "payload BLOB NOT NULL")
"""What the schema of every cache says; damage rarely takes all of it."""

_COLUMNS = {"key", "model", "used", "payload"}


class OtherVersionError(sqlite3.DatabaseError):
    """The file is a cache of another version of this library."""


class ForeignFileError(sqlite3.DatabaseError):
    """The file is another program's database, which is left as it is."""


def check_owner(connection: sqlite3.Connection) -> int:
    """The schema's version: ours, or 0 where there is none yet; raises where the file is not ours.

    The file's name may be another program's, too: ``readings`` are what sensors give.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    schema = "\n".join(str(sql) for (sql,) in connection.execute("SELECT sql FROM sqlite_master"))
    if schema and not any(mark in schema for mark in _MARKS):
        columns = {name for _, name, *_ in connection.execute("PRAGMA table_info(readings)")}
        if not columns or (version in (0, SCHEMA) and not columns >= _COLUMNS):
            raise ForeignFileError("it is another program's database")
    if version not in (0, SCHEMA):
        text = f"it was made by another version of got_loaders (schema {version})"
        raise OtherVersionError(text)
    return version
