"""Pages whose requests are answered in another process than the one that renders them.

Where a read is spread over machines, a page is rendered where there are cores, read where there is
an engine, and finished anywhere. What goes from one to the next is plain values that can be
pickled: a :class:`DetachedPage` with its requests, then an :class:`AnsweredPage` without pixels.
The steps are those of a :class:`~got_loaders.pipeline.reader.ReadJob`, and so are the results.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from functools import partial

from got_loaders.options import ReadOptions
from got_loaders.pages import CrashCounter, PageSource, open_document, select_pages
from got_loaders.pipeline.context import JobContext
from got_loaders.pipeline.corrections import JobCorrections
from got_loaders.pipeline.detached import (
    AnsweredPage,
    DetachedPage,
    DetachedResult,
    failed_page,
)
from got_loaders.pipeline.finishing import final_results, kept_results, uncorrected_errors
from got_loaders.pipeline.pending import Done, Failed, PendingPage, PendingResult, Waiting
from got_loaders.pipeline.planner import RequestPlanner
from got_loaders.pipeline.producer import file_info
from got_loaders.pipeline.retries import Retries
from got_loaders.results import PageResult
from got_loaders.sources import Source
from got_loaders.types import Engine, OcrRequest, OcrResult

__all__ = [
    "AnsweredPage",
    "DetachedPage",
    "answer",
    "count_pages",
    "failed_page",
    "file_info",
    "finish",
    "plan_pages",
]

_log = logging.getLogger(__name__)


def count_pages(source: Source, options: ReadOptions) -> tuple[int, list[int]]:
    """How many pages a file has, and the numbers that ``options`` select. Blocks.

    Raises :class:`SourceError` or :class:`PageError` where it can't be opened or they don't exist.
    """
    with closing(_opened(source, options, CrashCounter())) as document:
        total = document.total
    numbers = select_pages(options.pages, total, source=source.name, max_pages=options.max_pages)
    return total, list(numbers)


def plan_pages(
    source: Source, numbers: Sequence[int], options: ReadOptions, *, max_side: int | None = None
) -> Iterator[DetachedPage]:
    """Render these pages of a file, in order; ``source`` is a local file, or bytes. Blocks.

    A page that fails is given with its error. Raises :class:`SourceError` where the file can't be
    opened. ``max_side`` is that of the engine which will be asked.
    """
    recorder = _Recorder()
    reopen = partial(_opened, source, options, CrashCounter())
    job = JobContext(options, lambda: recorder, lambda: False, max_side)
    with closing(reopen()) as document:
        info = file_info(source, total=document.total)
        for page in RequestPlanner(job, document, reopen, info).pages(numbers):
            yield _detached(page, source)


def answer(
    page: DetachedPage,
    engine: Engine,
    options: ReadOptions,
    *,
    local: Callable[[Source], Source],
    stopped: Callable[[], bool] = lambda: False,
) -> Callable[[], AnsweredPage]:
    """Ask the engine about a page; what is returned waits for its answers, and may ask again.

    Blocks while the engine's queue is full. ``local`` gives the file of a source on this machine,
    for a second attempt. What concerns all pages (:class:`EngineDeadError`, …) is raised, by this
    or by what it returns.
    """
    max_side = getattr(engine, "max_side", None)
    job = JobContext(options, lambda: engine, stopped, max_side)
    source, crash_counter = page.source, CrashCounter()  # what waits keeps no page, nor its pixels

    def reopen() -> PageSource:
        return _opened(local(source), options, crash_counter)

    pending = PendingPage(
        results=tuple(_submitted(result, engine) for result in page.results),
        pages=page.pages,
        retry=Retries(job, reopen).retry,
    )
    return partial(_await_answers, pending)


def finish(
    page: AnsweredPage, options: ReadOptions, corrections: JobCorrections
) -> tuple[PageResult, ...]:
    """The results of an answered page, as a read gives them; none where ``on_error`` skips it.

    ``on_error="raise"`` raises the first error.
    """
    pending = PendingPage(
        results=tuple(
            PendingResult(result=result, state=Done() if error is None else Failed(error))
            for result, error in page.results
        ),
        pages=page.pages,
    )
    corrections.load()
    results = final_results(pending, options, corrections)
    errors = uncorrected_errors(pending, results)
    if errors and options.on_error == "raise":
        raise errors[0]
    if options.on_error == "skip":
        for error in errors:
            _log.warning("left out: %s", error)
    return kept_results(results, errors, options)


class _Recorder:
    """An engine that answers nothing, and keeps what it was asked."""

    fingerprint = ""

    def submit(self, request: OcrRequest) -> Future[OcrResult]:
        """A future that carries the request."""
        return _Asked(request)

    def close(self) -> None:
        """There is nothing to free."""


class _Asked(Future[OcrResult]):
    def __init__(self, request: OcrRequest) -> None:
        super().__init__()
        self.request = request


def _detached(page: PendingPage, source: Source) -> DetachedPage:
    results = []
    for pending in page.results:
        request = pending.state.future if isinstance(pending.state, Waiting) else None
        assert request is None or isinstance(request, _Asked), "the recorder was asked"
        results.append(
            DetachedResult(
                pending.result,
                pending.error,
                None if request is None else request.request,
                pending.fallbacks,
            )
        )
    return DetachedPage(source, page.pages, tuple(results))


def _submitted(detached: DetachedResult, engine: Engine) -> PendingResult:
    state = Done() if detached.error is None else Failed(detached.error)
    pending = PendingResult(result=detached.result, state=state, fallbacks=detached.fallbacks)
    return pending if detached.request is None else pending.submitted(engine, detached.request)


def _await_answers(page: PendingPage) -> AnsweredPage:
    try:
        page = page.resolved()
        while page.can_retry:
            assert page.retry is not None, "a page that can be retried says how"
            page = page.retry(page).resolved()
    except BaseException:
        page.cancel()
        raise
    return AnsweredPage(page.pages, tuple((each.result, each.error) for each in page.results))


def _opened(source: Source, options: ReadOptions, crash_counter: CrashCounter) -> PageSource:
    return open_document(
        source, password=options.password, limits=options.limits, crash_counter=crash_counter
    )
