"""Reports how far a job has come: to a bar on standard error, a function, the log."""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from got_loaders.errors import printable
from got_loaders.options import Progress as ProgressOption
from got_loaders.pipeline.bar import Bar
from got_loaders.pipeline.pending import PendingPage
from got_loaders.results import PageResult
from got_loaders.types import ProgressEvent, describe_page

__all__ = ["PageCallback", "PageReport", "Progress"]

_log = logging.getLogger(__name__)

_MAX_NAME = 30
"""Characters of a file's name that the bar shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReport:
    """What became of a page, or of the ``pages`` of one request; ``ends_file``: of its last ones.

    A file that could not be opened counts as one page, whose number is None.
    """

    results: tuple[PageResult, ...]
    pages: int = 1
    ends_file: bool = False

    @property
    def opened(self) -> bool:
        """Whether it is of a file that could be opened."""
        return self.results[0].info.number is not None


PageCallback = Callable[[PageReport], object]
"""Hears of each page as it is done, in order."""


class Progress:
    """Counts files and pages. The bar appears with the first file and goes with ``close``.

    ``total`` are the pages of the files that were opened so far. ``skip_level`` is the level at
    which a page that is left out is logged: who hears of it by a callback need not be warned.
    """

    def __init__(self, option: ProgressOption, callback: PageCallback | None = None) -> None:
        self._option = option
        self._callback = callback
        self._bar: Bar | None = None
        self._done = 0
        self.total = 0
        self.skip_level = logging.WARNING if callback is None else logging.INFO
        self._files_done = 0
        self._files_total: int | None = None
        self._files: deque[_File] = deque()
        self._pages = 0
        self._failed = 0
        self._loading = False

    @property
    def counts_files(self) -> bool:
        """Whether anybody looks at the number of files."""
        return self._option is not False

    def set_files(self, count: int | None) -> None:
        """So many files there will be, where that is known."""
        self._files_total = count
        if self._option is True:
            self._bar = Bar(bounded=count is not None)

    def begin_file(self, name: str) -> None:
        """The next file is about to be opened."""
        self._files.append(_File(name))
        self._draw(at_once=self._done == 0)

    def add_total(self, pages: int) -> None:
        """So many pages of it are to come, none where it was done before."""
        self.total += pages
        self._files[-1].pages = pages
        if pages == 0:
            self._files[-1].done = True
            self._drop_done()
        self._draw()

    @contextmanager
    def loading(self) -> Iterator[None]:
        """Within, the model is loaded: that takes a while."""
        self._loading = True
        self._draw(at_once=True)
        try:
            yield
        finally:
            self._loading = False
            self._draw(at_once=True)

    def report(self, page: PendingPage, results: tuple[PageResult, ...]) -> None:
        """Report to the log and the callback what became of a page, whatever follows from it."""
        if _log.isEnabledFor(logging.DEBUG):
            for result in results:
                _log.debug("%s", printable(_format_result(result)))
        if self._callback is not None:
            self._callback(PageReport(results=results, pages=page.pages, ends_file=page.ends_file))

    def update(self, page: PendingPage, result: PageResult) -> None:
        """A page is finished with this result."""
        self._done += page.pages
        self._failed += result.error is not None
        if result.info.number is not None:
            self._pages += page.pages
        if self._files:
            self._files[0].pages_done += page.pages
            self._files[0].done = page.ends_file
            self._drop_done()
        self._draw()
        if callable(self._option):
            self._option(
                ProgressEvent(
                    done=self._done,
                    total=self.total,
                    files_done=self._files_done,
                    files_total=self._files_total,
                    result=result,
                )
            )

    def close(self) -> None:
        """Leave the bar as it stands; take it away if there was nothing to do."""
        if self._bar is not None:
            self._draw()
            self._bar.close(leave=self._done > 0)

    def _drop_done(self) -> None:
        while self._files and self._files[0].done:
            self._files.popleft()
            self._files_done += 1

    def _draw(self, *, at_once: bool = False) -> None:
        if self._bar is not None:
            self._bar.draw(self._fraction(), self._text(), at_once=at_once)

    def _fraction(self) -> float:
        """Every file is as much of the whole, for nobody knows the pages of those to come: so it
        never goes back."""
        return (self._files_done + self._part_of_file()) / (self._files_total or 1)

    def _part_of_file(self) -> float:
        file = self._files[0] if self._files else None
        return file.pages_done / file.pages if file is not None and file.pages else 0.0

    def _text(self) -> str:
        """``2/6 files, 41 pages, b.pdf 4/15``; of one file ``4/15 pages, b.pdf``."""
        file = self._files[0] if self._files else None
        name = "" if file is None else _short_name(file.name)
        if self._files_total == 1:
            parts = [f"{self._done}/{self.total or '?'} {_noun('page', self.total)}", name]
        else:
            total = self._files_total
            files = _noun("file", self._files_done if total is None else total)
            files = f"{self._files_done}{'' if total is None else f'/{total}'} {files}"
            pages = f"{self._pages} {_noun('page', self._pages)}"
            within = f" {file.pages_done}/{file.pages}" if file is not None and file.pages else ""
            parts = [files, pages, f"{name}{within}"]
        parts += [f"{self._failed} failed"] if self._failed else []
        parts += ["loading the model"] if self._loading else []
        return ", ".join(part for part in parts if part)


def _noun(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"


@dataclass(slots=True)
class _File:
    """A file that is read; nobody knows its pages before it is opened."""

    name: str
    pages: int = 0
    pages_done: int = 0
    done: bool = False


def _short_name(name: str) -> str:
    """The end of a file's path, in one line."""
    name = printable(os.path.basename(name.rstrip("/")) or name)  # noqa: PTH119  # as text
    return name if len(name) <= _MAX_NAME else f"...{name[-_MAX_NAME:]}"


def _format_result(result: PageResult) -> str:
    """A line of a log: where it stands and how it went, not what it says."""
    info = result.info
    place = describe_page(info.source, info.number, region=result.region_index)
    if result.ocr is None:
        return f"{place}: {result.origin}"
    ocr = result.ocr
    cached = " from the cache" if ocr.cached else ""
    return f"{place}: {result.origin}{cached}, {ocr.num_tokens} tokens, {ocr.finish_reason}"
