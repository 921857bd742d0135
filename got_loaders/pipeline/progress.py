"""Tells how far a read has come: to a bar on standard error, a function, the log."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from got_loaders.errors import printable
from got_loaders.options import Progress as ProgressOption
from got_loaders.types import PageResult, ProgressEvent

if TYPE_CHECKING:
    from tqdm import tqdm  # type: ignore[import-untyped]  # ships no types

__all__ = ["Progress", "Watcher"]

_log = logging.getLogger(__name__)

Watcher = Callable[[int, tuple[PageResult, ...]], object]
"""Gets a number of pages, one or those of one request, and their results, as they are done."""


class Progress:
    """Counts pages. The bar appears with the first file and goes with ``close``."""

    def __init__(self, option: ProgressOption, watcher: Watcher | None = None) -> None:
        self._option = option
        self._watcher = watcher
        self._bar: tqdm[None] | None = None
        self._done = 0
        self._total = 0

    def expect(self, pages: int) -> None:
        """So many pages more are to come: a file was opened."""
        self._total += pages
        if self._option is True:
            self._bar = self._bar or _new_bar()
            self._bar.total = self._total
            self._bar.refresh()

    def tell(self, pages: int, results: tuple[PageResult, ...]) -> None:
        """Tell the log and the watcher what became of ``pages``, whatever follows from it."""
        if _log.isEnabledFor(logging.DEBUG):
            for result in results:
                _log.debug("%s", printable(_told(result)))
        if self._watcher is not None:
            self._watcher(pages, results)

    def advance(self, pages: int, result: PageResult) -> None:
        """``pages`` are finished with this result."""
        self._done += pages
        if self._bar is not None:
            self._bar.update(pages)
        if callable(self._option):
            self._option(ProgressEvent(done=self._done, total=self._total, result=result))

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.close()


def _new_bar() -> tqdm[None]:
    from tqdm import tqdm

    return tqdm(total=0, unit="page", desc="got_loaders")


def _told(result: PageResult) -> str:
    """A line of a log: where it stands and how it went, not what it says."""
    place = f"{result.info.source}, page {(result.info.number or 0) + 1}"
    if result.region_index is not None:
        place += f", region {result.region_index + 1}"
    if result.ocr is None:
        return f"{place}: {result.origin}"
    ocr = result.ocr
    kept = " from the cache" if ocr.cached else ""
    return f"{place}: {result.origin}{kept}, {ocr.num_tokens} tokens, {ocr.finish_reason}"
