"""Second attempts at the results of a page: in tiles, or with the document's own text."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache

from got_loaders.errors import PageError, SourceError
from got_loaders.pages import PageSource
from got_loaders.pipeline.context import JobContext
from got_loaders.pipeline.fallbacks import Fallback, RetryInTiles, UseTextLayer
from got_loaders.pipeline.open_page import OpenPage
from got_loaders.pipeline.pending import PendingPage, PendingResult
from got_loaders.pipeline.rendering import RenderPlan, render
from got_loaders.pipeline.text_layers import select_parts, text_layer_result

__all__ = ["Retries"]

_log = logging.getLogger(__name__)

_OpenPages = Callable[[int], OpenPage]


@dataclass(frozen=True, slots=True)
class Retries:
    """Carries out the fallbacks of one document's results; ``reopen`` opens it again for that."""

    job: JobContext
    reopen: Callable[[], PageSource]

    def retry(self, page: PendingPage) -> PendingPage:
        """Start a second attempt for each result of a resolved page that can have one; blocks.

        None is begun once the job is stopped; what was begun is cancelled if another one raises.
        """
        try:
            document = self.reopen()
        except SourceError as error:
            _log.warning("no second attempt: %s", error)
            return replace(page, results=tuple(replace(r, fallbacks=()) for r in page.results))
        results = list(page.results)
        with closing(document):
            pages = cache(lambda number: OpenPage(document, number, self.job.options.dpi))
            try:
                for index, pending in enumerate(results):
                    if not self.job.stopped():
                        results[index] = self._retry(pending, pages)
            except BaseException:
                replace(page, results=tuple(results)).cancel()
                raise
        return replace(page, results=tuple(results))

    def _retry(self, pending: PendingResult, pages: _OpenPages) -> PendingResult:
        """This result with a second attempt under way, or over, by the first fallback to apply."""
        applying = [f for f in pending.fallbacks if f.applies_to(pending.result)]
        if not applying:
            return pending
        left = pending.fallbacks[pending.fallbacks.index(applying[0]) + 1 :]
        pending = replace(pending, fallbacks=left)
        try:
            return self._attempt(applying[0], pending, pages)
        except (PageError, SourceError) as error:
            _log.warning("no second attempt: %s", error)
            return pending

    def _attempt(
        self, fallback: Fallback, pending: PendingResult, pages: _OpenPages
    ) -> PendingResult:
        if isinstance(fallback, RetryInTiles):
            return self._in_tiles(fallback.plan, pending, pages)
        return self._with_own_text(fallback, pending, pages)

    def _in_tiles(
        self, plan: RenderPlan, pending: PendingResult, pages: _OpenPages
    ) -> PendingResult:
        first = pending.result
        image = render(pages(first.info.number or 0), plan)
        pending = replace(pending, result=replace(first, ocr=None, retried=True))
        return self.job.submit([image], pending, first_attempt=first)

    def _with_own_text(
        self, fallback: UseTextLayer, pending: PendingResult, pages: _OpenPages
    ) -> PendingResult:
        layers = [pages(number).text_layer for number in fallback.numbers]
        parts = select_parts(layers, fallback.region, self.job.options)
        if not parts or not all(layer.good for layer in layers):
            return pending
        info = pending.result.info.warned(*(text for layer in layers for text in layer.warnings))
        if any(part.unread for layer in layers for part in layer.parts):
            info = info.warned("a picture on it was not read")
        return PendingResult(result=text_layer_result(replace(pending.result, info=info), parts))
