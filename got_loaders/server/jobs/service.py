"""Jobs and files of a server: opened when they are first needed, and shared by the endpoints."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from starlette.requests import Request

from got_loaders._async import call_in_thread
from got_loaders.errors import OptionError
from got_loaders.server.errors import ApiError
from got_loaders.server.files.store import FileStore
from got_loaders.server.jobs.changes import Changes
from got_loaders.server.jobs.limits import JobLimits
from got_loaders.server.jobs.owner import Owner
from got_loaders.server.jobs.runner import JobRunner
from got_loaders.server.jobs.schema import FILE_NAME, JobDatabase, default_folder
from got_loaders.server.jobs.store import JobStore
from got_loaders.server.reading.document import DocumentRef, FileRef, bytes_ref, no_such_file
from got_loaders.server.settings import ServerSettings
from got_loaders.server.state import ServerState

__all__ = ["JobService", "OpenJobs", "check_jobs_dir", "get_jobs"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenJobs:
    """The open folder."""

    owner: Owner
    database: JobDatabase
    store: JobStore
    files: FileStore
    runner: JobRunner


class JobService:
    """Of the event loop's thread."""

    def __init__(self, state: ServerState) -> None:
        self.changes = Changes()
        self._state = state
        self._folder = _folder(state.settings)
        self._limits = _limits(state.settings)
        self._open: OpenJobs | None = None
        self._opening = asyncio.Lock()
        for name in ("queued", "running"):
            count = partial(self._count, name)
            state.metrics.watch(f"jobs_{name}", f"Jobs that are {name}.", count)

    async def start(self) -> None:
        """Go on with what an earlier server has left, if there is anything."""
        self._state.stopping.on_set(self.changes.notify)
        if self._state.settings.jobs and (self._folder / FILE_NAME).exists():
            try:
                await self.open()
            except ApiError as error:
                _log.warning("%s", error)

    async def open(self) -> OpenJobs:
        """The folder; :class:`ApiError` where it can't be used, or there is to be none."""
        if not self._state.settings.jobs:
            text = "this server keeps no jobs and no files; send the document to /v1/ocr"
            raise ApiError("not_found", text)
        async with self._opening:
            if self._open is None:
                try:
                    database = await call_in_thread(lambda: JobDatabase(self._folder))
                except OptionError as error:
                    raise ApiError("internal_error", str(error), status=503) from error
                owner = Owner(self._folder)
                store = JobStore(database, self._limits, owner=owner)
                files = FileStore(database, max_bytes=self._limits.bytes)
                runner = JobRunner(self._state, store, self._limits, self.changes)
                self._open = OpenJobs(owner, database, store, files, runner)
                runner.start()
        return self._open

    async def files(self) -> FileStore:
        """The uploaded files."""
        return (await self.open()).files

    async def resolve(self, ref: DocumentRef | FileRef) -> DocumentRef:
        """The document itself, where an uploaded file is meant; :class:`ApiError` (404) where there
        is none."""
        if isinstance(ref, DocumentRef):
            return ref
        if not ref.id.isascii():  # half a character, which no database takes
            raise no_such_file(ref.id)
        files = await self.files()
        found = await call_in_thread(lambda: files.read(ref.id))
        if found is None:
            raise no_such_file(ref.id)
        return bytes_ref(found[1], found[0])

    async def close(self) -> None:
        """Let all jobs go, and close the folder."""
        async with self._opening:
            opened, self._open = self._open, None
        if opened is not None:
            await opened.runner.close()
            await call_in_thread(opened.database.close)
            opened.owner.close()

    def _count(self, state: str) -> int:
        return 0 if self._open is None else self._open.runner.counts.get(state, 0)


def get_jobs(request: Request) -> JobService:
    """The jobs and files of the server that answers this request."""
    jobs: JobService = request.app.state.jobs
    return jobs


def check_jobs_dir(settings: ServerSettings) -> None:
    """Raise :class:`OptionError` where a folder was named that can't be used."""
    if settings.jobs_dir is not None:
        JobDatabase(_folder(settings)).close()


def _folder(settings: ServerSettings) -> Path:
    return default_folder() if settings.jobs_dir is None else Path(settings.jobs_dir)


def _limits(settings: ServerSettings) -> JobLimits:
    return JobLimits(
        unfinished=settings.max_jobs,
        bytes=settings.max_jobs_bytes,
        keep_seconds=settings.keep_jobs_seconds,
        running=max(1, settings.max_documents // 2),
    )
