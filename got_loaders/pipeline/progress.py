"""Reports how far a job has come: to a bar on standard error, a function, the log."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from got_loaders.errors import printable
from got_loaders.options import Progress as ProgressOption
from got_loaders.pipeline.pending import PendingPage
from got_loaders.results import PageResult
from got_loaders.types import ProgressEvent, describe_page

if TYPE_CHECKING:
    from tqdm import tqdm  # type: ignore[import-untyped]  # ships no types

__all__ = ["PageCallback", "PageReport", "Progress"]

_log = logging.getLogger(__name__)


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
    """Counts pages. The bar appears with the first file and goes with ``close``.

    ``total`` are the pages of the files that were opened so far. ``skip_level`` is the level at
    which a page that is left out is logged: who hears of it by a callback need not be warned.
    """

    def __init__(self, option: ProgressOption, callback: PageCallback | None = None) -> None:
        self._option = option
        self._callback = callback
        self._bar: tqdm[None] | None = None
        self._done = 0
        self.total = 0
        self.skip_level = logging.WARNING if callback is None else logging.INFO

    def add_total(self, pages: int) -> None:
        """So many pages more are to come: a file was opened."""
        self.total += pages
        if self._option is True and sys.stderr is not None:  # as in programs without a console
            with self._drawing():
                self._bar = self._bar or _new_bar()
                self._bar.total = self.total
                self._bar.refresh()

    def report(self, page: PendingPage, results: tuple[PageResult, ...]) -> None:
        """Report to the log and the callback what became of a page, whatever follows from it."""
        if _log.isEnabledFor(logging.DEBUG):
            for result in results:
                _log.debug("%s", printable(_format_result(result)))
        if self._callback is not None:
            self._callback(PageReport(results=results, pages=page.pages, ends_file=page.ends_file))

    def update(self, pages: int, result: PageResult) -> None:
        """``pages`` are finished with this result."""
        self._done += pages
        if self._bar is not None:
            with self._drawing():
                self._bar.update(pages)
        if callable(self._option):
            self._option(ProgressEvent(done=self._done, total=self.total, result=result))

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            with self._drawing():
                self._bar.close()

    @contextmanager
    def _drawing(self) -> Iterator[None]:
        """Within, a bar that can't be drawn is given up: it is not worth the read."""
        try:
            yield
        except (OSError, ValueError):  # standard error broke, or was closed
            if self._bar is not None:
                self._bar.disable = True
            self._option, self._bar = False, None
            _release_lock()


def _new_bar() -> tqdm[None]:
    from tqdm import tqdm

    return tqdm(total=0, unit="page", desc="got_loaders")


def _release_lock() -> None:
    """tqdm leaves its lock behind where drawing fails: other threads' bars, such as those of models
    that are loaded, would wait for it for ever."""
    from tqdm import tqdm

    with suppress(RuntimeError, AssertionError):  # it is not held
        tqdm.get_lock().release()


def _format_result(result: PageResult) -> str:
    """A line of a log: where it stands and how it went, not what it says."""
    info = result.info
    place = describe_page(info.source, info.number, region=result.region_index)
    if result.ocr is None:
        return f"{place}: {result.origin}"
    ocr = result.ocr
    cached = " from the cache" if ocr.cached else ""
    return f"{place}: {result.origin}{cached}, {ocr.num_tokens} tokens, {ocr.finish_reason}"
