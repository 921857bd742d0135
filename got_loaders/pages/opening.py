"""Opens documents: the file is checked, and a worker process tells how many pages it has."""

from __future__ import annotations

import os

from got_loaders.errors import SourceError
from got_loaders.pages.document import CHANGED, PageDocument
from got_loaders.pages.protocol import DocumentInfo, WorkerFailure
from got_loaders.pages.worker.crash_counter import CrashCounter
from got_loaders.pages.worker.failures import (
    TRIPPED,
    sanitize_warnings,
    source_error,
    worker_error_text,
)
from got_loaders.pages.worker.handle import DocumentSpec
from got_loaders.pages.worker.pool import Pool, shared_pool
from got_loaders.pages.worker.process import WorkerError
from got_loaders.sources import Source, as_of_now, check_file, file_version
from got_loaders.types import Limits

__all__ = ["open_document"]


def open_document(
    source: Source,
    *,
    password: str | None = None,
    limits: Limits | None = None,
    crash_counter: CrashCounter | None = None,
    pool: Pool | None = None,
) -> PageDocument:
    """Open a PDF or an image, told by its content; the caller closes it. Blocks.

    :class:`SourceError` where it can't be opened: :class:`PasswordError` without the right
    password, :class:`UnsupportedSourceError` where it is neither, :class:`SourceRefusedError`
    beyond the ``limits``. So where the file is another than ``source.version``, or changes while it
    is opened. ``crash_counter`` counts what hangs or kills a worker, over several openings.
    ``pool`` has the worker processes; None: those that all of this process shares.
    """
    limits, crash_counter = limits or Limits(), crash_counter or CrashCounter()
    if source.version is None:
        source = as_of_now(source)
    check_file(source, max_bytes=limits.file_bytes)
    if crash_counter.tripped:
        raise SourceError(f"{source.name}: {TRIPPED}", source=source.name)
    path = None if source.path is None else os.path.abspath(source.path)  # noqa: PTH100  # keeps links
    spec = DocumentSpec(path=path, data=source.data, password=password, limits=limits)
    workers = pool or shared_pool()
    try:
        answer, _ = workers.request(spec, {"do": "open"})
    except WorkerFailure as failure:
        workers.release(spec)
        _check_version(source)
        raise source_error(source.name, path, failure) from None
    except WorkerError as error:
        workers.release(spec)
        crash_counter.record(crashed=True)
        reason = worker_error_text(error, "opening it", workers.time_limit_s or limits.page_seconds)
        raise SourceError(f"{source.name}: {reason}", source=source.name) from error
    try:
        _check_version(source)
    except SourceError:
        workers.release(spec)
        raise
    answer["warnings"] = sanitize_warnings(answer["warnings"], path, source.name)
    return PageDocument(source, spec, DocumentInfo(**answer), crash_counter, pool)


def _check_version(source: Source) -> None:
    if source.version != file_version(source):
        raise SourceError(f"{source.name}: {CHANGED}", source=source.name)
