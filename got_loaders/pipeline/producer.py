"""Sources → slots: opens documents, shows their pages to the engine, one after the other.

All that blocks before the answer happens here, in whatever thread asks for the next slot; nothing
is held between two slots but the open document. This module knows sources and documents, and
nothing of windows, order of answers or frameworks; ``planner`` knows the pages.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from functools import partial
from typing import Protocol

from got_loaders.errors import GotLoadersError, PageError, SourceError, printable
from got_loaders.options import ReadOptions
from got_loaders.pages import CrashCounter, PageSource, open_document, select_pages
from got_loaders.pipeline.pending import Slot
from got_loaders.pipeline.planner import PageFeed
from got_loaders.sources import Source, file_sources
from got_loaders.sources.temp_files import TempFiles
from got_loaders.types import Engine, PageInfo

__all__ = ["Feed", "OpenDocument"]

_log = logging.getLogger(__name__)


class OpenDocument(Protocol):
    """What opens a document; see :func:`got_loaders.pages.open_document`."""

    def __call__(
        self,
        source: Source,
        *,
        password: str | None = None,
        crash_counter: CrashCounter | None = None,
    ) -> PageSource:
        """Open it, or raise a :class:`SourceError`; ``crash_counter`` go with the document."""


class Done(Protocol):
    """Which pages somebody has already."""

    def __call__(self, source: str, number: int | None) -> bool:
        """Whether this page of what metadata calls ``source`` is done; None: all of its pages."""


class Feed:
    """Makes the slots of one read.

    ``engine`` is asked for at the first page that is to be read; what it raises is raised.
    ``expect`` is told of the pages to come, file by file. Once it is ``stopped``, a page of which
    some regions are asked about is not finished. Pages that are ``done`` are passed over.
    """

    def __init__(
        self,
        options: ReadOptions,
        *,
        engine: Callable[[], Engine],
        expect: Callable[[int], None],
        stopped: Callable[[], bool] = lambda: False,
        opener: OpenDocument = open_document,
        done: Done | None = None,
    ) -> None:
        self._options = options
        self._raises = options.on_error == "raise"
        self._engine = engine
        self._expect = expect
        self._stopped = stopped
        self._open = opener
        self._done = done
        self._temp_files = TempFiles(options.download_policy, stopped)

    def slots(self, source: object) -> Generator[Slot]:
        """The slots in reading order; with ``on_error="raise"`` a failed one is the last."""
        with closing(self._temp_files):
            for slot in self._sources(source):
                yield slot
                if slot.lost and self._raises:
                    return

    def _sources(self, source: object) -> Iterator[Slot]:
        options = self._options
        found_sources = file_sources(
            source,
            glob=options.glob,
            root=None if options.root is None else str(options.root),
            urls=options.urls,
            max_bytes=options.max_file_bytes,
        )
        for found in found_sources:
            if isinstance(found, SourceError):
                yield self._lost(PageInfo(source=found.source or "unknown"), found)
            else:
                yield from self._file(found)

    def _file(self, source: Source) -> Iterator[Slot]:
        if self._done is not None and self._done(source.name, None):
            return
        opened = partial(self._open, password=self._options.password, crash_counter=CrashCounter())
        try:
            source = self._temp_files.fetch(source)
            document = opened(source)
        except SourceError as error:
            yield self._lost(_info(source), error)
            return
        with closing(document):
            yield from self._pages(document, source, partial(opened, source))

    def _pages(
        self, document: PageSource, source: Source, reopen: Callable[[], PageSource]
    ) -> Iterator[Slot]:
        try:
            numbers = select_pages(
                self._options.pages,
                document.total,
                source=source.name,
                max_pages=self._options.max_pages,
            )
        except (PageError, SourceError) as error:
            yield self._lost(_info(source, total=document.total), error)
            return
        if self._done is not None:
            numbers = [number for number in numbers if not self._done(source.name, number)]
        self._expect(len(numbers))
        _log.info("%s: %d of %d pages", printable(source.name), len(numbers), document.total)
        pages = PageFeed(
            options=self._options,
            engine=self._engine,
            document=document,
            reopen=reopen,
            blank_info=_info(source, total=document.total),
            stopped=self._stopped,
        )
        yield from pages.slots(numbers)

    def _lost(self, info: PageInfo, error: GotLoadersError) -> Slot:
        """A whole file, of which nobody knows the pages: it counts as one."""
        self._expect(1)
        return Slot.failed(info, error)


def _info(source: Source, *, number: int | None = None, total: int | None = None) -> PageInfo:
    return PageInfo(
        source=source.name,
        number=number,
        total=total,
        file_name=source.file_name,
        file_type=source.file_type,
    )
