"""Rows of the jobs' table → values."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

from got_loaders.server.errors import ApiError
from got_loaders.server.jobs.values import FINAL_STATES, JobStatus

__all__ = [
    "COLUMNS",
    "FINAL",
    "check_unfinished",
    "drop_work",
    "find_ended",
    "find_job",
    "find_known",
    "find_next",
    "find_owners",
    "from_row",
    "get_job",
    "select_records",
]

COLUMNS = (
    "id, state, name, created, changed, options, locator, pages_done, pages_failed, pages_total, "
    "records, error_code, error_message"
)
_NAMES = COLUMNS.split(", ")

FINAL = ", ".join(f"'{state}'" for state in FINAL_STATES)
"""The states in which nothing changes any more, as SQL lists them."""


def from_row(row: tuple[object, ...]) -> JobStatus:
    """A row of ``COLUMNS``."""
    return JobStatus(**dict(zip(_NAMES, row, strict=True)))  # type: ignore[arg-type]  # as written


def find_job(connection: sqlite3.Connection, job: str) -> JobStatus | None:
    """The job of this id."""
    query = f"SELECT {COLUMNS} FROM jobs WHERE id = ?"  # noqa: S608  # constants
    row = connection.execute(query, (job,)).fetchone()
    return None if row is None else from_row(row)


def get_job(connection: sqlite3.Connection, job: str) -> JobStatus:
    """The same; it is there."""
    status = find_job(connection, job)
    assert status is not None, "it was there in this transaction"
    return status


def find_known(connection: sqlite3.Connection, key: str, digest: str) -> JobStatus | None:
    """The job that was submitted under this key; :class:`ApiError` where that was another one."""
    row = connection.execute("SELECT id, digest FROM jobs WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    if row[1] != digest:
        raise ApiError(
            "invalid_request",
            "Idempotency-Key: another request was sent with this key; take a new one",
            param="Idempotency-Key",
        )
    return get_job(connection, row[0])


def find_next(
    connection: sqlite3.Connection, now: float, *, dead: Collection[str], but: Collection[str]
) -> str | None:
    """The id of the job that has waited longest, or whose lease has run out, or whose server is
    among the ``dead``."""
    owners, held = ", ".join("?" * len(dead)), ", ".join("?" * len(but))
    left = f"state = 'running' AND (lease < ? OR owner IN ({owners}))"
    query = (
        f"SELECT id FROM jobs WHERE (state = 'queued' OR ({left})) "  # noqa: S608  # marks alone
        f"AND id NOT IN ({held}) ORDER BY created LIMIT 1"
    )
    row = connection.execute(query, (now, *dead, *but)).fetchone()
    return None if row is None else str(row[0])


def find_ended(connection: sqlite3.Connection, before: float) -> list[str]:
    """The jobs that had ended by then."""
    query = f"SELECT id FROM jobs WHERE state IN ({FINAL}) AND changed < ?"  # noqa: S608  # constants
    return [row[0] for row in connection.execute(query, (before,))]


def select_records(
    connection: sqlite3.Connection, job: str, *, after: int, limit: int
) -> list[tuple[int, str]]:
    """Records with their numbers, in order."""
    query = "SELECT number, body FROM records WHERE job = ? AND number > ? ORDER BY number LIMIT ?"
    return connection.execute(query, (job, after, limit)).fetchall()


def find_owners(connection: sqlite3.Connection) -> list[str]:
    """The servers that have jobs."""
    query = "SELECT DISTINCT owner FROM jobs WHERE state = 'running' AND owner IS NOT NULL"
    return [row[0] for row in connection.execute(query)]


def check_unfinished(connection: sqlite3.Connection, limit: int) -> None:
    """Raise :class:`ApiError` (429) where so many jobs wait or run."""
    query = f"SELECT count(*) FROM jobs WHERE state NOT IN ({FINAL})"  # noqa: S608  # constants
    if connection.execute(query).fetchone()[0] >= limit:
        raise ApiError(
            "overloaded", f"{limit} jobs wait or run already; ask again later", retry_after=10
        )


def drop_work(connection: sqlite3.Connection, job: str) -> None:
    """Forget what only reading needs."""
    connection.execute("DELETE FROM documents WHERE job = ?", (job,))
    connection.execute("DELETE FROM pages WHERE job = ?", (job,))
