"""Sources → slots: opens documents, shows their pages to the engine, one after the other.

All that blocks before the answer happens here, in whatever thread asks for the next slot; nothing
is held between two slots but the open document. Pixels leave with the request. This module knows
documents and the Engine protocol, and nothing of windows, order of answers or frameworks.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Protocol

from got_loaders.errors import EngineError, GotLoadersError, PageError, SourceError
from got_loaders.options import ReadOptions
from got_loaders.pages import open_document, select_pages
from got_loaders.slots import Slot
from got_loaders.sources import Source, file_sources
from got_loaders.types import Engine, PageInfo, PageResult, Region
from got_loaders.views import Document, View, request, show

__all__ = ["Feed", "OpenDocument"]


class OpenDocument(Protocol):
    """What opens a document; see :func:`got_loaders.pages.open_document`."""

    def __call__(self, source: Source, *, password: str | None = None) -> Document:
        """Open it, or raise a :class:`SourceError`."""


class Feed:
    """Makes the slots of one read.

    ``engine`` is asked for at the first page that is to be read; what it raises is raised.
    ``expect`` is told of the pages to come, file by file.
    """

    def __init__(
        self,
        options: ReadOptions,
        *,
        engine: Callable[[], Engine],
        expect: Callable[[int], None],
        opener: OpenDocument = open_document,
    ) -> None:
        self._options = options
        self._alone = replace(options, multi_page=False)
        self._raises = options.on_error == "raise"
        self._engine = engine
        self._expect = expect
        self._open = opener

    def slots(self, source: object) -> Generator[Slot]:
        """The slots in reading order; with ``on_error="raise"`` a failed one is the last."""
        for slot in self._sources(source):
            yield slot
            if slot.error is not None and self._raises:
                return

    def _sources(self, source: object) -> Iterator[Slot]:
        for found in file_sources(source, glob=self._options.glob):
            if isinstance(found, SourceError):
                yield self._lost(PageInfo(source=found.source or "unknown"), found)
            else:
                yield from self._file(found)

    def _file(self, source: Source) -> Iterator[Slot]:
        try:
            document = self._open(source, password=self._options.password)
        except SourceError as error:
            yield self._lost(_info(source), error)
            return
        with closing(document):
            yield from self._pages(document, source)

    def _pages(self, document: Document, source: Source) -> Iterator[Slot]:
        try:
            numbers = select_pages(self._options.pages, document.total, source=source.name)
        except PageError as error:
            yield self._lost(_info(source, total=document.total), error)
            return
        self._expect(len(numbers))
        size = self._options.multi_page or 1
        for start in range(0, len(numbers), size):
            yield from self._group(document, source, numbers[start : start + size])

    def _group(self, document: Document, source: Source, numbers: Sequence[int]) -> list[Slot]:
        """Pages that go into one request: one slot, and one for each page that can't be shown."""
        options = self._alone if len(numbers) == 1 else self._options
        views: list[View] = []
        slots: list[Slot] = []
        place = 0  # of the request among the slots: where its first page stands
        for number in numbers:
            info = _info(source, number=number, total=document.total)
            try:
                info = document.info(number)
                views.append(show(document, number, info, options))
            except (PageError, SourceError) as error:
                slots.append(Slot.failed(info, error))
                place += not views
        if views and not (slots and self._raises):
            slots.insert(place, self._ask(views))
        return slots

    def _ask(self, views: Sequence[View]) -> Slot:
        options, first = self._options, views[0]
        last = views[-1].info.number if len(views) > 1 else None
        info = replace(first.info, last_number=last)
        inked = [view for view in views if not (options.skip_blank and view.blank)]
        region = None if first.region is None else Region(box=first.region)
        result = PageResult(info=info, region=region, origin="ocr" if inked else "blank")
        if not inked:
            return Slot(result=result, pages=len(views))
        engine = self._engine()
        try:
            future = engine.submit(request(inked, options))
        except EngineError as error:
            return Slot.refused(result, error, pages=len(views))
        return Slot(result=result, pages=len(views), future=future)

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
