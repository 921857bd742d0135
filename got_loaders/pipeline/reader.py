"""read and aread: pages in, results out, in order, lazily, with a bounded window between.

Pages are rendered and submitted a few ahead of the results that the caller takes. The blocking
part runs in the caller's thread, or for ``aread`` in a worker thread, one page at a time. Nothing
here is tied to a thread: frameworks resume one generator on several.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing, closing
from functools import partial
from typing import TYPE_CHECKING, Unpack

from got_loaders._async import answered, in_thread
from got_loaders.options import ReadOptions, ReadOverrides
from got_loaders.pages import open_document
from got_loaders.pipeline.engine_source import engine_source
from got_loaders.pipeline.engines import ReadEngine
from got_loaders.pipeline.pending import Slot
from got_loaders.pipeline.producer import Done, Feed, OpenDocument
from got_loaders.pipeline.progress import Progress, Watcher
from got_loaders.types import Engine, PageResult

if TYPE_CHECKING:
    from got_loaders.engine import EngineConfig

__all__ = ["PageResults", "Reading", "aread", "read"]

_log = logging.getLogger(__name__)

_WINDOW_FIRST = 4
_WINDOW_MOST = 32
"""Pages, or regions, in flight: few at first, so that the first result comes early, then enough to
keep an engine's batches full. Two more are allowed for each page that was taken."""

PageResults = tuple[PageResult, ...]
"""The results of one page: one, or one a region in reading order."""


def read(
    source: object,
    *,
    model: str | None = None,
    engine: Engine | EngineConfig | None = None,
    options: ReadOptions | None = None,
    **overrides: Unpack[ReadOverrides],
) -> Generator[PageResult]:
    """Read ``source`` page by page: a path, bytes, a binary file object, a folder, a list.

    ``model`` is a hub id (None: "stepfun-ai/GOT-OCR-2.0-hf"), a local folder or "tiny"; ``engine``
    takes its place. Wrong options raise here, at the call; documents are opened and the model is
    loaded when the first result is asked for. Results come in the order of the pages. Closing the
    generator cancels the pages that are queued. With regions there is a result for each, in reading
    order.
    """
    return Reading(source, model, engine, ReadOptions.of(options, overrides)).run()


def aread(
    source: object,
    *,
    model: str | None = None,
    engine: Engine | EngineConfig | None = None,
    options: ReadOptions | None = None,
    **overrides: Unpack[ReadOverrides],
) -> AsyncGenerator[PageResult]:
    """:func:`read` as an async generator; opening, rendering and waiting leave the loop free."""
    return Reading(source, model, engine, ReadOptions.of(options, overrides)).arun()


class Reading:
    """One pass over a source. Iterate one of its generators, once.

    ``run`` and ``arun`` give result by result, ``pages`` and ``apages`` page by page. Pages that
    are ``done`` are passed over; the ``watcher`` is told of all others, failed ones included.
    """

    def __init__(
        self,
        source: object,
        model: str | None,
        engine: Engine | EngineConfig | None,
        options: ReadOptions,
        *,
        opener: OpenDocument | None = None,
        done: Done | None = None,
        watcher: Watcher | None = None,
    ) -> None:
        self.options = options
        self._engine = ReadEngine(engine_source(model, engine), options)
        self._progress = Progress(options.progress, watcher)
        self._stop = threading.Event()
        feed = Feed(
            options,
            engine=self._engine.engine,
            expect=self._progress.expect,
            stopped=self._stop.is_set,
            opener=opener or partial(open_document, limits=options.limits),
            done=done,
        )
        self._slots = feed.slots(source)
        self._window: deque[Slot] = deque()
        self._taken = 0
        self._ended = False

    def fingerprint(self) -> str:
        """The name of what reads, with all that changes its text; loads no model."""
        return self._engine.fingerprint()

    def run(self) -> Generator[PageResult]:
        """The results, in order; blocks for each."""
        with closing(self.pages()) as pages:
            for results in pages:
                yield from self._wanted(results)

    async def arun(self) -> AsyncGenerator[PageResult]:
        """The results, in order."""
        async with aclosing(self.apages()) as pages:
            async for results in pages:
                for result in self._wanted(results):
                    yield result

    def pages(self) -> Generator[PageResults]:
        """The results, page by page, in order; blocks for each.

        With ``on_error="skip"`` a page that failed is left out; one of which regions failed is not,
        nor is one of a file that becomes one Document, so that nobody takes these for whole.
        """
        try:
            while True:
                added = 0
                while self._wants_more(added):
                    self._add()
                    added += 1
                if not self._window:
                    return
                self._settle()
                results = self._take()
                if results:
                    yield results
        finally:
            self._close()

    async def apages(self) -> AsyncGenerator[PageResults]:
        """The results, page by page, in order."""
        try:
            while True:
                added = 0
                while self._wants_more(added):
                    await in_thread(self._add, self._stop)
                    added += 1
                if not self._window:
                    return
                await self._asettle()
                results = self._take()
                if results:
                    yield results
        finally:
            await in_thread(self._close, self._stop)

    def _wants_more(self, added: int) -> bool:
        """Whether to add a page before a result is taken: one at least, then until one is there."""
        if self._ended:
            return False
        if not self._window:
            return True
        in_flight = sum(slot.weight for slot in self._window)
        if in_flight >= min(_WINDOW_FIRST + 2 * self._taken, _WINDOW_MOST):
            return False
        return added == 0 or not self._window[0].done

    def _add(self) -> None:
        """Open, render and submit what makes one slot; blocks."""
        slot = next(self._slots, None)
        if slot is None:
            self._ended = True
        else:
            self._window.append(slot)

    def _settle(self) -> None:
        """Wait for the first slot's answers, and for those to second tries where they may help."""
        while True:
            slot = self._window[0] = self._window[0].settled()
            if not slot.hopeful:
                return
            self._rescue()

    async def _asettle(self) -> None:
        """The same until nothing is left to try; what blocks does so in a thread."""
        while True:
            await answered(self._window[0].futures)
            slot = self._window[0] = self._window[0].settled()
            if not slot.hopeful:
                return
            await in_thread(self._rescue, self._stop)

    def _rescue(self) -> None:
        """Start a second try for what needs one in the first slot, which is settled; blocks."""
        self._window[0] = self._window[0].rescued(self._stop.is_set)

    def _take(self) -> PageResults:
        """The first slot's results, but for what ``on_error`` leaves out; they are there."""
        slot = self._window.popleft()
        self._taken += slot.pages
        errors = [part.error for part in slot.parts if part.error is not None]
        results = tuple(part.result for part in slot.parts)
        self._progress.tell(slot.pages, results)
        if errors and self.options.on_error == "raise":
            raise errors[0]
        failed = [part.result for part in slot.parts if part.error is not None]
        self._progress.advance(slot.pages, (failed or [results[-1]])[0])
        if self.options.on_error == "skip":
            for error in errors:
                _log.warning("left out: %s", error)
            whole = self.options.mode == "single" or self._wanted(results)
            return results if whole else ()
        return results

    def _wanted(self, results: PageResults) -> PageResults:
        """Those that ``on_error`` does not leave out."""
        if self.options.on_error != "skip":
            return results
        return tuple(result for result in results if result.error is None)

    def _close(self) -> None:
        """Cancel what is queued, stop rendering, close the document."""
        self._stop.set()
        for slot in self._window:
            slot.cancel()
        self._window.clear()
        self._slots.close()
        self._progress.close()
        self._engine.close()
