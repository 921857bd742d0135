"""Jobs on disk: nothing lost, nothing there twice, whoever dies."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from got_loaders.errors import OptionError
from got_loaders.server.errors import ApiError
from got_loaders.server.files.store import FileStore
from got_loaders.server.jobs.limits import JobLimits
from got_loaders.server.jobs.owner import Owner
from got_loaders.server.jobs.schema import FILE_NAME, JobDatabase
from got_loaders.server.jobs.store import JobStore
from got_loaders.server.jobs.values import NewJob

LIMITS = JobLimits(unfinished=3, bytes=2_000_000, keep_seconds=100, lease_seconds=10)


class Clock:
    """The time, which a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The time."""
    return Clock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[JobDatabase]:
    """A folder's file."""
    opened = JobDatabase(tmp_path / "jobs")
    yield opened
    opened.close()


@pytest.fixture
def store(database: JobDatabase, clock: Clock) -> JobStore:
    """A server's view of it."""
    return JobStore(database, LIMITS, clock=clock)


def new(name: str = "a.pdf", data: bytes = b"%PDF", key: str | None = None) -> NewJob:
    """A job as a client submits it."""
    return NewJob(name=name, data=data, key=key, digest=name)


def test_a_job_is_read_page_by_page(store: JobStore) -> None:
    """Pages add to its records, which are numbered from 1, and it ends without its document."""
    job, created = store.submit(new())
    assert (job.state, created) == ("queued", True)
    claimed = store.claim()
    assert claimed is not None
    assert claimed.status.state == "running"
    assert store.claim() is None
    assert store.document(job.id) == b"%PDF"
    assert store.write_page(claimed, [0], ["one", "two"], total=3)
    assert store.write_page(claimed, [1, 2], ["three"], failed=True)
    assert store.records(job.id, after=1, limit=9) == [(2, "two"), (3, "three")]
    assert store.done_pages(job.id) == {0, 1, 2}
    assert store.finish(claimed, "completed")
    status = store.status(job.id)
    assert status is not None
    assert (status.state, status.pages_done, status.pages_failed) == ("completed", 3, 2)
    assert (status.pages_total, status.records) == (3, 3)
    assert store.document(job.id) is None


def test_a_dead_servers_job_is_taken_over_once(
    database: JobDatabase, store: JobStore, clock: Clock
) -> None:
    """When its lease has run out another server goes on; what the first still writes is refused."""
    job, _ = store.submit(new())
    first = store.claim()
    assert first is not None
    assert store.write_page(first, [0], ["one"])
    other = JobStore(database, LIMITS, clock=clock)
    clock.now += 5
    assert store.renew(first)
    clock.now += 9
    assert other.claim() is None
    clock.now += 2
    second = other.claim()
    assert second is not None
    assert not store.write_page(first, [1], ["late"])
    assert not store.finish(first, "completed")
    assert not store.renew(first)
    assert other.done_pages(job.id) == {0}
    assert other.write_page(second, [1], ["two"])
    assert [body for _, body in other.records(job.id, after=0, limit=9)] == ["one", "two"]


@pytest.mark.skipif(os.name == "nt", reason="there are no such locks: leases have to run out")
def test_a_killed_servers_job_is_taken_at_once(database: JobDatabase, tmp_path: Path) -> None:
    """Whoever dies loses its lock, and with it its jobs; whoever lives keeps both."""
    owners = [Owner(tmp_path / "jobs") for _ in range(2)]
    first, second = (JobStore(database, LIMITS, owner=owner) for owner in owners)
    first.submit(new())
    claimed = first.claim()
    assert claimed is not None
    assert second.claim() is None
    handle = owners[0]._handle
    assert handle is not None
    os.close(handle)  # as the system does when it ends the process
    taken = second.claim()
    assert taken is not None
    assert taken.run == claimed.run + 1
    assert not first.renew(claimed)
    second.expire()
    assert len(list((tmp_path / "jobs").glob("*.lock"))) == 1
    owners[1].close()
    assert list((tmp_path / "jobs").glob("*.lock")) == []


def test_two_servers_never_take_the_same_job(database: JobDatabase, tmp_path: Path) -> None:
    """However many ask at once, each job is one server's."""
    limits = JobLimits(unfinished=50)
    stores = [JobStore(database, limits), JobStore(JobDatabase(tmp_path / "jobs"), limits)]
    for number in range(20):
        stores[0].submit(new(str(number)))
    taken: list[str] = []

    def take(store: JobStore) -> None:
        while (claimed := store.claim()) is not None:
            taken.append(claimed.status.id)

    threads = [threading.Thread(target=take, args=(store,)) for store in stores * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stores[1]._database.close()
    assert len(taken) == len(set(taken)) == 20


def test_a_released_job_is_taken_at_once(store: JobStore) -> None:
    """Who is shut down lets go of its jobs, and that is no failed attempt; a breakdown is one."""
    store.submit(new())
    claimed = store.claim()
    assert claimed is not None
    store.release(claimed)
    again = store.claim()
    assert again is not None
    assert again.attempts == 1
    store.release(again, in_peace=False)
    third = store.claim()
    assert third is not None
    assert third.attempts == 2


def test_cancelled_is_cancelled(store: JobStore) -> None:
    """A cancelled job takes no more pages, and keeps its records until it is forgotten."""
    job, _ = store.submit(new())
    claimed = store.claim()
    assert claimed is not None
    assert store.write_page(claimed, [0], ["one"])
    cancelled = store.cancel(job.id)
    assert cancelled is not None
    assert cancelled.state == "cancelled"
    assert not store.write_page(claimed, [1], ["two"])
    assert not store.finish(claimed, "completed")
    assert store.records(job.id, after=0, limit=9) == [(1, "one")]
    assert store.cancel(job.id) == store.status(job.id)
    assert store.forget(job.id)
    assert not store.forget(job.id)
    assert store.status(job.id) is None
    assert store.records(job.id, after=0, limit=9) == []
    assert store.cancel(job.id) is None


def test_the_same_key_is_the_same_job(store: JobStore) -> None:
    """A request that is sent twice is one job; another one under its key is refused."""
    job, _ = store.submit(new(key="k"))
    assert store.submit(new(key="k")) == (job, False)
    with pytest.raises(ApiError, match="another request"):
        store.submit(new("b.pdf", key="k"))


def test_there_is_room_for_so_much(store: JobStore, database: JobDatabase) -> None:
    """Too many jobs, and too many bytes, are a 429 that says when to come again."""
    with pytest.raises(ApiError, match="no room") as caught:
        store.submit(new(data=b"x" * 2_000_000))
    assert caught.value.status == 429
    assert "retry-after" in caught.value.headers
    for _ in range(3):
        store.submit(new())
    with pytest.raises(ApiError, match="3 jobs wait"):
        store.submit(new())
    with pytest.raises(ApiError, match="no room"):
        FileStore(database, max_bytes=1000).add("a", b"x" * 1000)


def test_old_jobs_are_forgotten(store: JobStore, clock: Clock) -> None:
    """What ended long ago goes, with its records; what waits stays."""
    job, _ = store.submit(new())
    claimed = store.claim()
    assert claimed is not None
    assert store.write_page(claimed, [0], ["one"])
    store.finish(claimed, "completed")
    waiting, _ = store.submit(new())
    clock.now += 99
    assert store.expire() == 0
    clock.now += 2
    assert store.expire() == 1
    assert [found.id for found in store.list_jobs(limit=9)] == [waiting.id]
    assert store.records(job.id, after=0, limit=9) == []
    assert store.counts() == {"queued": 1}


def test_files_are_kept_for_a_while(database: JobDatabase, clock: Clock) -> None:
    """An uploaded file is there until its time is over, or somebody removes it."""
    files = FileStore(database, max_bytes=10**9, hours=1, clock=clock)
    file = files.add("a.pdf", b"data")
    assert files.read(file.id) == ("a.pdf", b"data")
    clock.now += 3000
    kept = files.keep(file.id, 1)
    assert kept is not None
    assert kept.expires == clock.now + 3600
    clock.now += 3601
    assert files.read(file.id) is None
    assert files.find(file.id) is None
    assert files.keep(file.id, 1) is None
    other = files.add("b.pdf", b"more")
    assert files.remove(other.id)
    assert not files.remove(other.id)


def test_only_this_user_can_read_it(tmp_path: Path) -> None:
    """Documents of others lie in it: folder and file are the user's alone."""
    JobDatabase(tmp_path / "jobs").close()
    for path, mode in ((tmp_path / "jobs", 0o700), (tmp_path / "jobs" / FILE_NAME, 0o600)):
        assert os.name == "nt" or stat.S_IMODE(path.stat().st_mode) == mode


def test_what_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    """A folder that can't be used, another program's file, another version's: each says so."""
    (tmp_path / "file").write_text("")
    with pytest.raises(OptionError, match="can't be used") as caught:
        JobDatabase(tmp_path / "file")
    assert str(tmp_path) not in str(caught.value)
    for name, statement in (("other", "CREATE TABLE t (x)"), ("later", "PRAGMA user_version = 9")):
        if name == "later":
            JobDatabase(tmp_path / name).close()
        (tmp_path / name).mkdir(exist_ok=True)
        connection = sqlite3.connect(tmp_path / name / FILE_NAME)
        connection.execute(statement)
        connection.close()
        with pytest.raises(OptionError, match=r"another (program|version)"):
            JobDatabase(tmp_path / name)
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / FILE_NAME).write_bytes(b"x" * 5000)
    with pytest.raises(OptionError, match="can't be used"):
        JobDatabase(tmp_path / "damaged")


def test_a_full_disk_is_told_as_one(database: JobDatabase, store: JobStore) -> None:
    """Clients are told to come later; nothing of what did not fit is there."""
    with database.reading() as connection:
        connection.execute("PRAGMA max_page_count = 30")
    for step in (
        lambda: store.submit(new(data=b"x" * 500_000)),
        lambda: FileStore(database, max_bytes=10**9).add("a", b"x" * 500_000),
    ):
        with pytest.raises(ApiError, match="disk") as caught:
            step()
        assert (caught.value.status, caught.value.headers["retry-after"]) == (429, "60")
    assert store.list_jobs(limit=10) == []
