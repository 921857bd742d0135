"""read and aread: pages in, results out, in order, lazily, with a bounded window between.

Pages are rendered and submitted a few ahead of the results that the caller takes. The blocking
part runs in the caller's thread, or for ``aread`` in a worker thread, one page at a time. Nothing
here is tied to a thread: frameworks resume one generator on several.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import Future
from typing import TYPE_CHECKING, Unpack

from got_loaders.errors import OptionError
from got_loaders.feed import Feed, OpenDocument
from got_loaders.options import ReadOptions, ReadOverrides
from got_loaders.pages import open_document
from got_loaders.progress import Progress
from got_loaders.slots import Slot
from got_loaders.types import Engine, OcrResult, PageResult

if TYPE_CHECKING:
    from got_loaders.engine import EngineConfig

__all__ = ["Reading", "aread", "read"]

_log = logging.getLogger(__name__)

_WINDOW_FIRST = 4
_WINDOW_MOST = 32
"""Pages in flight: few at first, so that the first result comes early, then enough to keep an
engine's batches full. Two more are allowed for each page that was taken."""


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
    generator cancels the pages that are queued.
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
    """One pass over a source. Iterate ``run()`` or ``arun()``, one of them, once."""

    def __init__(
        self,
        source: object,
        model: str | None,
        engine: Engine | EngineConfig | None,
        options: ReadOptions,
        *,
        opener: OpenDocument = open_document,
    ) -> None:
        self.options = options
        self._find_engine = engine_source(model, engine)
        self._engine: Engine | None = None
        self._progress = Progress(options.progress)
        feed = Feed(options, engine=self.engine, expect=self._progress.expect, opener=opener)
        self._slots = feed.slots(source)
        self._window: deque[Slot] = deque()
        self._taken = 0
        self._ended = False

    def engine(self) -> Engine:
        """The engine of this pass; the first call may load the model."""
        if self._engine is None:
            self._engine = self._find_engine()
        return self._engine

    def fingerprint(self) -> str:
        """The name of what reads, with all that changes its text."""
        return self.engine().fingerprint

    def run(self) -> Generator[PageResult]:
        """The results, in order; blocks for each."""
        try:
            while True:
                added = 0
                while self._wants_more(added):
                    self._add()
                    added += 1
                if not self._window:
                    return
                result = self._take()
                if result is not None:
                    yield result
        finally:
            self._close()

    async def arun(self) -> AsyncGenerator[PageResult]:
        """The results, in order."""
        try:
            while True:
                added = 0
                while self._wants_more(added):
                    await _in_thread(self._add)
                    added += 1
                if not self._window:
                    return
                await _answered(self._window[0].future)
                result = self._take()
                if result is not None:
                    yield result
        finally:
            await _in_thread(self._close)

    def _wants_more(self, added: int) -> bool:
        """Whether to add a page before a result is taken: one at least, then until one is there."""
        if self._ended:
            return False
        if not self._window:
            return True
        in_flight = sum(slot.pages for slot in self._window)
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

    def _take(self) -> PageResult | None:
        """The first result, waited for; None for one that ``on_error`` leaves out."""
        slot = self._window[0].settled()
        self._window.popleft()
        self._taken += slot.pages
        if slot.error is not None and self.options.on_error == "raise":
            raise slot.error
        self._progress.advance(slot.pages, slot.result)
        if slot.error is not None and self.options.on_error == "skip":
            _log.warning("left out: %s", slot.error)
            return None
        return slot.result

    def _close(self) -> None:
        """Cancel what is queued, stop rendering, close the document."""
        for slot in self._window:
            slot.cancel()
        self._window.clear()
        self._slots.close()
        self._progress.close()


def engine_source(model: str | None, engine: object) -> Callable[[], Engine]:
    """What finds the engine when the first page needs it; checks both arguments now."""
    if engine is None:
        if model is not None and (not isinstance(model, str) or not model):
            raise OptionError(f"model={model!r}: expected a hub id, a folder or 'tiny'")
        return lambda: _shared(model)
    if model is not None:
        raise OptionError(f"model={model!r} and engine={engine!r} exclude each other")
    if isinstance(engine, Engine):
        return lambda: engine
    if isinstance(engine, str):
        raise OptionError(f"engine={engine!r}: engines on a server are not built yet; pass model=")
    from got_loaders.engine import EngineConfig, shared_engine

    if not isinstance(engine, EngineConfig):
        raise OptionError(f"engine={engine!r}: expected an engine or an EngineConfig")
    return lambda: shared_engine(engine)


def _shared(model: str | None) -> Engine:
    from got_loaders.engine import EngineConfig, shared_engine

    return shared_engine(EngineConfig() if model is None else EngineConfig(model=model))


async def _in_thread(step: Callable[[], None]) -> None:
    """Run a blocking step in a worker thread. When cancelled, wait for its end before giving way:
    the step uses the documents that the caller is about to close."""
    task = asyncio.ensure_future(asyncio.to_thread(step))
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        task.cancelled() or task.exception()  # seen: cancelling weighs more
        raise cancelled
    task.result()


async def _answered(future: Future[OcrResult] | None) -> None:
    """Wait until the engine has answered; ``_take`` then looks at the answer."""
    if future is None or future.done():
        return
    waiting = asyncio.wrap_future(future)
    waiting.add_done_callback(lambda done: done.cancelled() or done.exception())
    await asyncio.wait({waiting})
