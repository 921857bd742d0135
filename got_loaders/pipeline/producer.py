"""Sources → pending pages: opens one document after the other and has its pages planned.

All that blocks before the answer happens here, in whatever thread asks for the next page; nothing
is held between two pages but the open document. This module knows sources and documents, and
nothing of windows, order of answers or frameworks; ``planner`` knows the pages.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import Protocol

from got_loaders.errors import GotLoadersError, PageError, SourceError, printable
from got_loaders.pages import CrashCounter, PageSource, select_pages
from got_loaders.pipeline.context import JobContext
from got_loaders.pipeline.pending import PendingPage
from got_loaders.pipeline.planner import RequestPlanner
from got_loaders.pipeline.progress import Progress
from got_loaders.sources import Source, as_of_now, file_sources
from got_loaders.sources.temp_files import TempFiles
from got_loaders.types import PageInfo

__all__ = ["DocumentOpener", "PageProducer", "SkipPage", "file_info"]

_log = logging.getLogger(__name__)


class DocumentOpener(Protocol):
    """What opens a document; see :func:`got_loaders.pages.open_document`."""

    def __call__(
        self,
        source: Source,
        *,
        password: str | None = None,
        crash_counter: CrashCounter | None = None,
    ) -> PageSource:
        """Open it, or raise a :class:`SourceError`; ``crash_counter`` goes with the document."""


class SkipPage(Protocol):
    """Which pages somebody has already."""

    def __call__(self, source: str, number: int | None) -> bool:
        """Whether to pass over this page of what metadata calls ``source``; None: all of it."""


class PageProducer:
    """Makes the pending pages of one job.

    ``progress`` hears how many files and pages are to come. Pages that ``skip`` names are passed
    over.
    """

    def __init__(
        self,
        job: JobContext,
        *,
        open_document: DocumentOpener,
        progress: Progress,
        skip: SkipPage | None = None,
    ) -> None:
        self._job = job
        self._options = job.options
        self._open = open_document
        self._progress = progress
        self._skip = skip
        self._temp_files = TempFiles(job.options.download_policy, job.stopped)

    def produce(self, source: object) -> Generator[PendingPage]:
        """The pending pages in order; with ``on_error="raise"`` a failed one is the last, unless it
        may have been corrected."""
        is_last = self._options.on_error == "raise" and not self._options.corrections
        with closing(self._temp_files):
            for page in self._files(source):
                yield page
                if is_last and page.has_failed:
                    return

    def _files(self, source: object) -> Iterator[PendingPage]:
        files = file_sources(source, **self._options.file_rules)
        listed = list(files) if self._progress.counts_files and _is_listed(source) else None
        self._progress.set_files(None if listed is None else len(listed))
        for file in files if listed is None else listed:
            if isinstance(file, SourceError):
                name = file.source or "unknown"
                self._progress.begin_file(name)
                yield self._failed_file(PageInfo(source=name), file)
            else:
                self._progress.begin_file(file.name)
                yield from self._file(file)

    def _file(self, source: Source) -> Iterator[PendingPage]:
        if self._skip is not None and self._skip(source.name, None):
            self._progress.add_total(0)
            return
        opened = partial(self._open, password=self._options.password, crash_counter=CrashCounter())
        try:
            source = self._temp_files.fetch(source)
            source = as_of_now(source)  # a second opening sees no other
            document = opened(source)
        except SourceError as error:
            yield self._failed_file(file_info(source), error)
            return
        with closing(document):
            yield from self._pages(document, source, partial(opened, source))

    def _pages(
        self, document: PageSource, source: Source, reopen: Callable[[], PageSource]
    ) -> Iterator[PendingPage]:
        info = file_info(source, total=document.total)
        try:
            numbers = select_pages(
                self._options.pages,
                document.total,
                source=source.name,
                max_pages=self._options.max_pages,
            )
        except (PageError, SourceError) as error:
            yield self._failed_file(info, error)
            return
        if self._skip is not None:
            numbers = [number for number in numbers if not self._skip(source.name, number)]
        self._progress.add_total(len(numbers))
        _log.info("%s: %d of %d pages", printable(source.name), len(numbers), document.total)
        left = len(numbers)
        for page in RequestPlanner(self._job, document, reopen, info).pages(numbers):
            left -= page.pages
            yield page if left else replace(page, ends_file=True)

    def _failed_file(self, info: PageInfo, error: GotLoadersError) -> PendingPage:
        """A whole file, of which nobody knows the pages: it counts as one."""
        self._progress.add_total(1)
        return PendingPage.failed(info, error)


def _is_listed(source: object) -> bool:
    """Whether the files that it stands for can be listed beforehand, without reading them."""
    if isinstance(source, list | tuple):
        return all(map(_is_listed, source))
    return isinstance(source, str | os.PathLike | Source | SourceError)


def file_info(source: Source, *, total: int | None = None) -> PageInfo:
    """What is known of a file's pages before one of them is looked at; ``total``: how many."""
    return PageInfo(
        source=source.name,
        total=total,
        file_name=source.file_name,
        file_type=source.file_type,
        file_stamp=source.stamp,
    )
