"""Jobs on disk: who waits, who runs, what was read. Every method blocks, and may be called in any
thread; several servers may share one folder.

A server that takes a job holds it by a lease, which it renews while it lives. One whose lease has
run out, or whose server is known to have died, is taken by the next server; what the first one
still writes then is refused, for it writes under an older number of ``run``. So nothing is lost,
and nothing there twice.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Collection, Sequence
from secrets import token_hex

from got_loaders.server.jobs.limits import JobLimits
from got_loaders.server.jobs.owner import Owner
from got_loaders.server.jobs.rows import (
    COLUMNS,
    FINAL,
    check_unfinished,
    drop_work,
    find_ended,
    find_job,
    find_known,
    find_next,
    find_owners,
    from_row,
    get_job,
    select_records,
)
from got_loaders.server.jobs.schema import JobDatabase
from got_loaders.server.jobs.values import ClaimedJob, JobState, JobStatus, NewJob

__all__ = ["JobStore"]


class JobStore:
    """The jobs of a folder. ``owner`` is the server that takes jobs; ``clock`` is the time in
    seconds since 1970."""

    def __init__(
        self,
        database: JobDatabase,
        limits: JobLimits,
        *,
        owner: Owner | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._limits = limits
        self._owner = owner
        self._clock = clock

    def submit(self, new: NewJob) -> tuple[JobStatus, bool]:
        """The job, and whether it is a new one; :class:`ApiError` where there is no room for it."""
        with self._database.writing() as connection:
            if new.key is not None:
                known = find_known(connection, new.key, new.digest)
                if known is not None:
                    return known, False
            check_unfinished(connection, self._limits.unfinished)
            self._database.check_room(len(new.data or b""), self._limits.bytes)
            job, now = f"job-{token_hex(16)}", self._clock()
            connection.execute(
                "INSERT INTO jobs (id, state, name, created, changed, options, locator, key, "
                "digest) VALUES (?, 'queued', ?, ?, ?, ?, ?, ?, ?)",
                (job, new.name, now, now, new.options, new.locator, new.key, new.digest),
            )
            if new.data is not None:
                connection.execute("INSERT INTO documents VALUES (?, ?)", (job, new.data))
            return get_job(connection, job), True

    def status(self, job: str) -> JobStatus | None:
        """The job as it is now; None where there is none of this id."""
        with self._database.reading() as connection:
            return find_job(connection, job)

    def list_jobs(self, *, limit: int, state: str | None = None) -> list[JobStatus]:
        """The latest first."""
        where, values = ("", ()) if state is None else ("WHERE state = ? ", (state,))
        query = f"SELECT {COLUMNS} FROM jobs {where}ORDER BY created DESC, id LIMIT ?"  # noqa: S608  # constants
        with self._database.reading() as connection:
            return [from_row(row) for row in connection.execute(query, (*values, limit))]

    def counts(self) -> dict[str, int]:
        """How many jobs there are of each state that any is in."""
        with self._database.reading() as connection:
            return dict(connection.execute("SELECT state, count(*) FROM jobs GROUP BY state"))

    def claim(self, *, but: Collection[str] = ()) -> ClaimedJob | None:
        """Take the job that has waited longest, or whose lease has run out; None: there is none.

        ``but`` are those that this server has in hand, however late it is with their leases.
        """
        now, owner = self._clock(), self._owner
        dead = [] if owner is None else owner.find_dead(self._owners())
        with self._database.reading() as connection:
            if find_next(connection, now, dead=dead, but=but) is None:
                return None  # mostly; nobody else is kept from writing
        with self._database.writing() as connection:
            job = find_next(connection, now, dead=dead, but=but)
            if job is None:
                return None
            connection.execute(
                "UPDATE jobs SET state = 'running', owner = ?, lease = ?, run = run + 1, "
                "attempts = attempts + 1, changed = ? WHERE id = ?",
                (owner and owner.id, now + self._limits.lease_seconds, now, job),
            )
            query = "SELECT run, attempts FROM jobs WHERE id = ?"
            run, attempts = connection.execute(query, (job,)).fetchone()
            return ClaimedJob(status=get_job(connection, job), run=run, attempts=attempts)

    def renew(self, claimed: ClaimedJob) -> bool:
        """Hold the job for another while; False where it is ours no more, or was cancelled."""
        with self._database.writing() as connection:
            return self._update(connection, claimed, "state = 'running'")

    def release(self, claimed: ClaimedJob, *, in_peace: bool = True) -> None:
        """Let another server, or this one later, go on with it at once. Not ``in_peace``: because
        something broke while it was read."""
        attempts = ", attempts = attempts - 1" if in_peace else ""
        with self._database.writing() as connection:
            self._update(connection, claimed, f"state = 'queued'{attempts}")

    def document(self, job: str) -> bytes | None:
        """The bytes that were submitted; None where a path or URL was."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT data FROM documents WHERE job = ?", (job,)).fetchone()
        return None if row is None else bytes(row[0])

    def done_pages(self, job: str) -> frozenset[int]:
        """The 0-based numbers of the pages whose records are there."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT page FROM pages WHERE job = ?", (job,))
            return frozenset(row[0] for row in rows)

    def write_page(
        self,
        claimed: ClaimedJob,
        pages: Sequence[int],
        bodies: Sequence[str],
        *,
        total: int | None = None,
        failed: bool = False,
    ) -> bool:
        """Add the records of these pages, all or none; False where the job is ours no more."""
        job = claimed.status.id
        with self._database.writing() as connection:
            done = len(pages)
            changed = self._update(
                connection,
                claimed,
                "pages_done = pages_done + ?, pages_failed = pages_failed + ?, "
                "pages_total = coalesce(?, pages_total), attempts = 0",
                (done, done if failed else 0, total),
            )
            if not changed:
                return False
            connection.executemany(
                "INSERT INTO pages VALUES (?, ?)", [(job, page) for page in pages]
            )
            last = connection.execute("SELECT records FROM jobs WHERE id = ?", (job,)).fetchone()[0]
            connection.executemany(
                "INSERT INTO records VALUES (?, ?, ?)",
                [(job, number, body) for number, body in enumerate(bodies, last + 1)],
            )
            connection.execute(
                "UPDATE jobs SET records = ? WHERE id = ?", (last + len(bodies), job)
            )
        return True

    def finish(
        self,
        claimed: ClaimedJob,
        state: JobState,
        *,
        code: str | None = None,
        message: str | None = None,
    ) -> bool:
        """End the job; its document is forgotten. False where it is ours no more."""
        with self._database.writing() as connection:
            changed = self._update(
                connection,
                claimed,
                "state = ?, error_code = ?, error_message = ?, lease = NULL",
                (state, code, message),
            )
            if changed:
                drop_work(connection, claimed.status.id)
        return changed

    def cancel(self, job: str) -> JobStatus | None:
        """End the job, whoever runs it; one that has ended stays as it is. None: there is none."""
        with self._database.writing() as connection:
            changed = connection.execute(
                f"UPDATE jobs SET state = 'cancelled', lease = NULL, changed = ? WHERE id = ? "  # noqa: S608  # constants
                f"AND state NOT IN ({FINAL})",
                (self._clock(), job),
            )
            if changed.rowcount:
                drop_work(connection, job)
            return find_job(connection, job)

    def forget(self, job: str) -> bool:
        """Remove a job and its records; whether there was one."""
        with self._database.writing() as connection:
            drop_work(connection, job)
            connection.execute("DELETE FROM records WHERE job = ?", (job,))
            return connection.execute("DELETE FROM jobs WHERE id = ?", (job,)).rowcount > 0

    def records(self, job: str, *, after: int, limit: int) -> list[tuple[int, str]]:
        """The next ``limit`` records after number ``after``, with their numbers."""
        with self._database.reading() as connection:
            return select_records(connection, job, after=after, limit=limit)

    def expire(self) -> int:
        """Remove jobs that ended long ago, and give their room back; how many."""
        before = self._clock() - self._limits.keep_seconds
        with self._database.reading() as connection:
            old = find_ended(connection, before)
        for job in old:
            self.forget(job)
        if old:
            self._database.shrink()
        if self._owner is not None:
            self._owner.clear(but=self._owners())
        return len(old)

    def _owners(self) -> list[str]:
        with self._database.reading() as connection:
            return find_owners(connection)

    def _update(
        self,
        connection: sqlite3.Connection,
        claimed: ClaimedJob,
        changes: str,
        values: Sequence[object] = (),
    ) -> bool:
        """Change a job that is still ours, and hold it for another while."""
        now = self._clock()
        query = (
            f"UPDATE jobs SET lease = ?, changed = ?, {changes} WHERE id = ? AND run = ? "  # noqa: S608  # ours
            "AND state = 'running'"
        )
        lease = now + self._limits.lease_seconds
        done = connection.execute(query, (lease, now, *values, claimed.status.id, claimed.run))
        return done.rowcount > 0
