"""Takes jobs from the store and has them read, a few at a time, for as long as the server lives.

A server that closes lets its jobs go, between two pages. A job that breaks down with the engine, or
with the server, is taken again; not without end.
"""

from __future__ import annotations

import asyncio
import logging
import time
from functools import partial

from got_loaders._async import call_in_thread
from got_loaders.errors import EngineDeadError, GotLoadersError, printable
from got_loaders.server.errors import ApiError, api_error
from got_loaders.server.jobs.changes import Changes, wait_for
from got_loaders.server.jobs.limits import JobLimits
from got_loaders.server.jobs.reader import JobReader
from got_loaders.server.jobs.store import JobStore
from got_loaders.server.jobs.values import ClaimedJob, JobState
from got_loaders.server.reading.read import document_error
from got_loaders.server.state import ServerState

__all__ = ["JobRunner"]

_log = logging.getLogger(__name__)

POLL_S = 1.0
"""How often a server that shares its folder looks for what others have left."""
_EXPIRE_S = 60.0
MAX_ATTEMPTS = 5
"""How often the same page may bring the engine or the server down before its job is given up."""


class JobRunner:
    """Of the event loop's thread. ``counts`` are the jobs of each state, as they were last seen."""

    def __init__(
        self, state: ServerState, store: JobStore, limits: JobLimits, changes: Changes
    ) -> None:
        self.counts: dict[str, int] = {}
        self._state = state
        self._store = store
        self._limits = limits
        self._changes = changes
        self._reader = JobReader(state, store, changes)
        self._running: dict[str, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; returns at once."""
        self._state.engine_source.on_change(self.wake)
        self._state.stopping.on_set(self._let_go)
        self._task = asyncio.ensure_future(self._run())

    def wake(self) -> None:
        """Look now: there may be a job."""
        self._wake.set()

    def stop(self, job: str) -> None:
        """Read this one no further, if it is read here; the store has been told why."""
        task = self._running.get(job)
        if task is not None:
            task.cancel()

    async def close(self) -> None:
        """Let all jobs go, and return when they are let go."""
        await asyncio.gather(*self._let_go(), return_exceptions=True)

    def _let_go(self) -> list[asyncio.Task[None]]:
        """Take no more jobs, and break off those that are read; the tasks that this ends."""
        tasks = [task for task in (self._task, *self._running.values()) if task is not None]
        for task in tasks:
            task.cancel()
        return tasks

    async def _run(self) -> None:
        expired = 0.0
        while not self._state.stopping.is_set():
            self._wake.clear()
            try:
                await self._take()
                if time.monotonic() - expired > _EXPIRE_S:
                    await call_in_thread(self._store.expire)
                    expired = time.monotonic()
                self.counts = await call_in_thread(self._store.counts)
            except Exception as error:  # noqa: BLE001  # a full disk, say; it may pass
                _log.error("jobs: %s: %s", type(error).__name__, printable(str(error)))
            await wait_for(self._wake, POLL_S)

    async def _take(self) -> None:
        """Begin with jobs, while there is room and an engine."""
        source = self._state.engine_source
        while len(self._running) < self._limits.running and source.status == "ready":
            held = tuple(self._running)
            claimed = await call_in_thread(lambda: self._store.claim(but=held))  # noqa: B023  # awaited
            if claimed is None:
                return
            task = asyncio.ensure_future(self._hold(claimed))
            self._running[claimed.status.id] = task
            task.add_done_callback(partial(self._ended, claimed.status.id))

    def _ended(self, job: str, _: object) -> None:
        self._running.pop(job, None)
        self._changes.notify()
        self._wake.set()

    async def _hold(self, claimed: ClaimedJob) -> None:
        """Read a job, and renew its lease meanwhile."""
        reading = asyncio.ensure_future(self._read(claimed))
        try:
            while not reading.done():
                await asyncio.wait({reading}, timeout=self._limits.lease_seconds / 3)
                if not reading.done() and not await call_in_thread(
                    lambda: self._store.renew(claimed)
                ):
                    return
            reading.result()
        except Exception as error:  # noqa: BLE001  # of the store: the lease runs out
            _log.error("a job: %s: %s", type(error).__name__, printable(str(error)))
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _read(self, claimed: ClaimedJob) -> None:
        """Read a job to one of its ends, or let it go."""
        if claimed.attempts > MAX_ATTEMPTS:
            message = (
                f"it was given up: {MAX_ATTEMPTS} times the server broke down at the same page"
            )
            await self._finish(claimed, "failed", ApiError("engine_error", message))
            return
        try:
            if await self._reader.read(claimed):
                await self._finish(claimed, "completed")
        except asyncio.CancelledError:
            await call_in_thread(lambda: self._store.release(claimed))
            raise
        except ApiError as error:
            if error.status in (429, 503):  # there is no engine, or the disk is full: that may pass
                await self._release_after(claimed, error.retry_after or POLL_S)
            else:
                await self._finish(claimed, "failed", error)
        except EngineDeadError:
            await call_in_thread(lambda: self._store.release(claimed, in_peace=False))
        except GotLoadersError as error:
            await self._finish(claimed, "failed", document_error(error))
        except Exception as error:  # noqa: BLE001  # it concerns this job alone
            await self._finish(claimed, "failed", api_error(error))

    async def _release_after(self, claimed: ClaimedJob, seconds: float) -> None:
        """Keep a job for a while, and let it go: else it would be taken, and fail, at once."""
        try:
            await asyncio.sleep(seconds)
        finally:
            await call_in_thread(lambda: self._store.release(claimed))

    async def _finish(
        self, claimed: ClaimedJob, state: JobState, error: ApiError | None = None
    ) -> None:
        code, message = (None, None) if error is None else (error.code, str(error))
        ended = await call_in_thread(
            lambda: self._store.finish(claimed, state, code=code, message=message)
        )
        if ended:
            self._state.metrics.jobs.labels(state).inc()
            if code is not None:
                self._state.metrics.failures.labels(code).inc()
