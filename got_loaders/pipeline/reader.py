"""Sources in, results out, in order, lazily, with a bounded window between.

Pages are rendered and submitted a few ahead of the results that the caller takes. The blocking
part runs in the caller's thread, or for the async generators in a worker thread, one page at a
time. Nothing here is tied to a thread: frameworks resume one generator on several.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from got_loaders._async import InnerGenerator, run_in_thread, wait_for_futures
from got_loaders.errors import EngineError
from got_loaders.options import ReadOptions
from got_loaders.pages import open_document
from got_loaders.pipeline.beyond_tiny import BeyondTiny
from got_loaders.pipeline.context import JobContext
from got_loaders.pipeline.corrections import JobCorrections
from got_loaders.pipeline.engines import EngineProvider, resolve_engine
from got_loaders.pipeline.finishing import (
    drop_failed,
    final_results,
    kept_results,
    uncorrected_errors,
)
from got_loaders.pipeline.producer import DocumentOpener, PageProducer, SkipPage
from got_loaders.pipeline.progress import PageCallback, Progress
from got_loaders.pipeline.window import Window
from got_loaders.results import PageResult
from got_loaders.types import Engine

if TYPE_CHECKING:
    from got_loaders.engine import EngineConfig

__all__ = ["PageResults", "ReadJob"]

_log = logging.getLogger(__name__)

PageResults = tuple[PageResult, ...]
"""The results of one page: one, or one a region in reading order."""


class ReadJob:
    """One pass over a source. Iterate one of its generators, once.

    ``results`` and ``aresults`` give result by result, ``pages`` and ``apages`` page by page. Pages
    that ``skip`` names are passed over; ``on_page`` hears of all others, failed ones included, and
    nothing is logged of those then. ``file_done`` says whether the page given last ends its file.
    ``corrections`` are put in as the results come.
    """

    def __init__(
        self,
        source: object,
        model: str | None,
        engine: Engine | EngineConfig | str | None,
        options: ReadOptions,
        *,
        opener: DocumentOpener | None = None,
        skip: SkipPage | None = None,
        on_page: PageCallback | None = None,
    ) -> None:
        self.options = options
        self.progress = Progress(options.progress, on_page)
        self._engine = EngineProvider(
            resolve_engine(model, engine, options), options, loading=self.progress.loading
        )
        self._beyond_tiny = BeyondTiny()
        self.corrections = JobCorrections(options)
        self._stop = threading.Event()
        context = JobContext(options, self._engine.get, self._stop.is_set, self._engine.max_side)
        producer = PageProducer(
            context,
            open_document=opener or partial(open_document, limits=options.limits),
            progress=self.progress,
            skip=skip,
        )
        self._pages = producer.produce(source)
        self._window = Window()
        self._pages_done = 0
        self.file_done = False
        self._pid = os.getpid()
        self._exhausted = False

    @property
    def pages_done(self) -> int:
        """How many pages were given or passed over so far."""
        return self._pages_done

    def results(self) -> Generator[PageResult]:
        """The results, in order; blocks for each."""
        with closing(self.pages()) as pages:
            for results in pages:
                yield from drop_failed(results, self.options)

    async def aresults(self) -> AsyncGenerator[PageResult]:
        """The results, in order."""
        async with InnerGenerator(self.apages()) as pages:
            async for results in pages:
                for result in drop_failed(results, self.options):
                    yield result

    def pages(self) -> Generator[PageResults]:
        """The results, page by page, in order; blocks for each.

        With ``on_error="skip"`` a page that failed is left out; one of which regions failed is not,
        nor is one of a file that becomes one Document, so that nobody takes these for whole.
        """
        try:
            while True:
                self._check_process()
                added = 0
                while self._has_capacity(added):
                    self._submit_next()
                    added += 1
                if not self._window.pages:
                    self.corrections.finish()
                    return
                self._wait_first()
                results = self._pop_first()
                if results:
                    yield results
        finally:
            self._close()

    async def apages(self) -> AsyncGenerator[PageResults]:
        """The results, page by page, in order."""
        try:
            while True:
                self._check_process()
                added = 0
                while self._has_capacity(added):
                    await run_in_thread(self._submit_next, self._stop)
                    added += 1
                if not self._window.pages:
                    self.corrections.finish()
                    return
                await self._await_first()
                results = self._pop_first()
                if results:
                    yield results
        finally:
            await run_in_thread(self._close, self._stop)

    def _check_process(self) -> None:
        """Raise in a forked child that waits for threads of its parent: they are not here."""
        before, self._pid = self._pid, os.getpid()
        if before != self._pid and not all(page.done for page in self._window.pages):
            raise EngineError("this read waits for its parent process; after a fork begin another")

    def _has_capacity(self, added: int) -> bool:
        """Whether to add a page before a result is taken: one at least, then until one is there."""
        if self._exhausted:
            return False
        if not self._window.pages:
            return True
        if not self._window.has_room(pages_done=self._pages_done):
            return False
        return added == 0 or not self._window.first.done

    def _submit_next(self) -> None:
        """Open, render and submit the next page; blocks."""
        self.corrections.load()
        page = next(self._pages, None)
        self._window.max_batch_size = self._engine.max_batch_size
        if page is None:
            self._exhausted = True
        else:
            self._window.append(page)

    def _wait_first(self) -> None:
        """Wait for the first page's answers, those of second attempts included."""
        while True:
            page = self._window.first = self._window.first.resolved()
            if not page.can_retry:
                return
            self._retry_first()

    async def _await_first(self) -> None:
        """The same until nothing is left to try; what blocks does so in a thread."""
        while True:
            await wait_for_futures(self._window.first.futures)
            page = self._window.first = self._window.first.resolved()
            if not page.can_retry:
                return
            await run_in_thread(self._retry_first, self._stop)

    def _retry_first(self) -> None:
        """Start the second attempts that the first page, which is resolved, needs; blocks."""
        page = self._window.first
        assert page.retry is not None, "a page that can be retried says how"
        self._window.first = page.retry(page)

    def _pop_first(self) -> PageResults:
        """The first page's results, but for what ``on_error`` leaves out; they are there."""
        page = self._window.pages.popleft()
        self._pages_done += page.pages
        self.file_done = page.ends_file
        results = final_results(page, self.options, self.corrections)
        errors = uncorrected_errors(page, results)
        self.progress.report(page, results)
        self._beyond_tiny.hear(results, ends_file=page.ends_file)
        if errors and self.options.on_error == "raise":
            raise errors[0]
        failed = [result for result in results if result.error is not None]
        self.progress.update(page, (failed or [results[-1]])[0])
        if self.options.on_error == "skip":
            for error in errors:
                _log.log(self.progress.skip_level, "left out: %s", error)
        return kept_results(results, errors, self.options)

    def _close(self) -> None:
        """Cancel what is queued, stop rendering, close the document."""
        self._stop.set()
        self._window.cancel()
        self._pages.close()
        self._beyond_tiny.close()
        self.progress.close()
        self._engine.close()
