"""What is in a cache, and how to empty it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from got_loaders.cache import sqlite as database
from got_loaders.cache.paths import DRAFTS_NAMESPACE, NAMESPACES, SPANS_NAMESPACE, cache_file
from got_loaders.cache.schema import ForeignFileError

__all__ = ["CacheInfo", "clear_cache", "inspect_cache"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheInfo:
    """A cache as it is now. ``models`` counts results by what read them; ``span_maps`` are those
    of Documents, kept beside.

    ``oldest`` and ``newest`` are the first and last use of a result, in seconds since 1970.
    """

    file: Path
    results: int = 0
    span_maps: int = 0
    used_bytes: int = 0
    models: tuple[tuple[str, int], ...] = ()
    oldest: float | None = None
    newest: float | None = None


def inspect_cache(folder: Path) -> CacheInfo:
    """Look into the cache of a folder, which need not be there. Raises sqlite3's errors."""
    file = cache_file(folder)
    if not file.exists():
        return CacheInfo(file=file)
    with (
        database.damage_as_sqlite_error(),
        closing(database.connect_read_only(file)) as connection,
    ):
        if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            return CacheInfo(file=file)  # whoever made it was killed before it wrote anything
        oldest, newest = connection.execute(
            "SELECT min(used), max(used) FROM readings WHERE typeof(used) = 'real'"
        ).fetchone()
        models = connection.execute(
            "SELECT CAST(model AS TEXT), count(*) FROM readings WHERE model IS NOT NULL "
            "GROUP BY 1 ORDER BY count(*) DESC, 1"
        ).fetchall()
        counts = dict(models)
        span_maps = counts.pop(SPANS_NAMESPACE, 0)
        counts.pop(DRAFTS_NAMESPACE, None)
        return CacheInfo(
            file=file,
            results=sum(counts.values()),
            span_maps=span_maps,
            used_bytes=database.used_bytes(connection),
            models=tuple(counts.items()),
            oldest=oldest,
            newest=newest,
        )


def clear_cache(folder: Path) -> int | None:
    """Empty the cache of a folder, damaged or not; how many results there were, None if unknown.

    Others may go on using it. One that SQLite can't empty, for it is damaged, of another version of
    this library, or fills the disk, is removed. Raises sqlite3's error where somebody holds it for
    too long, it is protected or another program's, and OSError where it can't be removed.
    """
    file = cache_file(folder)
    if not file.exists():
        return 0
    try:
        return _delete_rows(file)
    except sqlite3.DatabaseError as error:
        foreign = isinstance(error, ForeignFileError)
        if foreign or database.is_busy(error) or not os.access(file, os.W_OK):
            raise
    for suffix in ("-wal", "-shm", ""):  # the log first: it must not meet a new file
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    return None


def _delete_rows(file: Path) -> int:
    with database.damage_as_sqlite_error(), closing(database.connect(file)) as connection:
        count = connection.execute(
            "SELECT count(*) FROM readings WHERE model NOT IN (?, ?)", NAMESPACES
        ).fetchone()[0]
        connection.execute("DELETE FROM readings")
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return int(count)
