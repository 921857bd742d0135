"""The pages of one open document → pending pages: what is asked of the engine about each, and how.

A page is asked about as a whole, together with the next ones, or region by region; or not at all,
where it is blank or its own text will do. Pixels leave with the requests; second attempts, by
another plan, are made by ``retries``.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from got_loaders.errors import EngineError, GotLoadersError, PageError, SourceError, printable
from got_loaders.pages import PageSource
from got_loaders.pipeline.context import JobContext
from got_loaders.pipeline.fallbacks import Fallback, RetryInTiles, UseTextLayer
from got_loaders.pipeline.open_page import OpenPage
from got_loaders.pipeline.pending import PendingPage, PendingResult
from got_loaders.pipeline.region_requests import RegionRequests
from got_loaders.pipeline.rendering import PromptImage, RenderPlan, render
from got_loaders.pipeline.retries import Retries
from got_loaders.pipeline.text_layers import mixed_parts, text_layer_results
from got_loaders.results import PageResult
from got_loaders.types import PageInfo, Region, describe_page

__all__ = ["RequestPlanner"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RequestPlanner:
    """Plans and submits the pages of one document.

    ``reopen`` opens it once more, for second attempts after it was closed. ``default_info`` is what
    is known of a page that can't even be measured.
    """

    job: JobContext
    document: PageSource
    reopen: Callable[[], PageSource]
    default_info: PageInfo

    def pages(self, numbers: Sequence[int]) -> Iterator[PendingPage]:
        """These pages, in order; neighbours that go into one request are one pending page.

        With several pages in a request, each page is known to be read as a whole, or not, before
        one of them is rendered: so a page that stays alone is rendered as such.
        """
        limit = self.job.options.multi_page or 1
        plan = RenderPlan.from_options(self.job.options, self.job.max_side)
        remaining = iter(numbers)
        ahead: deque[OpenPage | PendingPage] = deque()
        while True:
            while len(ahead) < limit and (not ahead or isinstance(ahead[-1], OpenPage)):
                number = next(remaining, None)
                if number is None:
                    break
                ahead.append(self._inspect(number))
            if not ahead:
                return
            group = _consecutive(ahead)
            if group:
                yield from self._read_whole(group, plan, ahead)
            else:
                pending = ahead.popleft()
                assert isinstance(pending, PendingPage), "what is no open page is pending"
                yield pending

    def _inspect(self, number: int) -> OpenPage | PendingPage:
        """A page that is to be read as a whole; or what becomes of it otherwise."""
        options, page = self.job.options, OpenPage(self.document, number, self.job.options.dpi)
        info = replace(self.default_info, number=number)
        try:
            info = page.info
            if options.text_layer == "auto" and self._has_good_text(page):
                parts = mixed_parts(page.text_layer, options)
                if parts is not None:
                    return self._pending_page(self._regions.of_parts(page, parts))
                results = text_layer_results(page.info, page.text_layer, options)
                return PendingPage(results=tuple(PendingResult(result=r) for r in results))
            pending = self._regions.of_page(page)
            if pending is not None:
                return self._pending_page(pending)
        except Exception as error:  # noqa: BLE001  # one page, not the archive
            return self._failed(info.warned(*page.damage), error)
        # Where layout was asked for figures alone, and found none, its picture is let go.
        return page if options.figures == "drop" else OpenPage(self.document, number, options.dpi)

    @property
    def _regions(self) -> RegionRequests:
        return RegionRequests(self.job, self._first_attempt)

    def _has_good_text(self, page: OpenPage) -> bool:
        try:
            layer = page.text_layer
        except (PageError, SourceError) as error:
            _log.warning("reading it instead: %s", error)
            return False
        if not layer.good:
            place = describe_page(printable(self.default_info.source), page.number)
            _log.info("%s: its own text is not used: %s", place, layer.reason)
        return layer.good

    def _read_whole(
        self, group: Sequence[OpenPage], plan: RenderPlan, ahead: deque[OpenPage | PendingPage]
    ) -> Iterator[PendingPage]:
        """The first pages ``ahead`` in one request; one that can't be rendered ends the group."""
        shared = plan.grouped if len(group) > 1 else plan
        images: list[PromptImage] = []
        failed: PendingPage | None = None
        for page in group:
            ahead.popleft()
            try:
                images.append(render(page, shared))
            except Exception as error:  # noqa: BLE001  # one page, not the archive
                failed = self._failed(page.info, error)
                break
        if failed is not None and len(images) == 1 and plan.tiling(group[0].shape).crop:
            try:  # its neighbour can't be rendered: alone it is shown in tiles
                images = [render(group[0], plan)]
            except (PageError, SourceError) as error:
                yield self._failed(group[0].info, error)
                images = []
        if images:
            yield self._whole_pages(images, plan if len(images) == 1 else shared)
        if failed is not None:
            yield failed

    def _whole_pages(self, images: Sequence[PromptImage], plan: RenderPlan) -> PendingPage:
        first, last = images[0], images[-1]
        info = replace(first.info, last_number=last.info.number if len(images) > 1 else None)
        info = info.warned(*(text for image in images for text in image.info.warnings))
        region = None if first.box is None else Region(box=first.box)
        pending = self._first_attempt(images, plan, PageResult(info=info, region=region))
        return self._pending_page([pending], pages=len(images))

    def _first_attempt(
        self, images: Sequence[PromptImage], plan: RenderPlan, result: PageResult
    ) -> PendingResult:
        inked = [image for image in images if not (self.job.options.skip_blank and image.is_blank)]
        if not inked:
            return PendingResult(result=replace(result, origin="blank"))
        fallbacks = self._text_layer_fallback(
            [image.info.number or 0 for image in images], plan.region
        )
        if plan.gains_from_tiles(images[0].tiling):
            fallbacks = (RetryInTiles(plan.in_tiles), *fallbacks)
        return self.job.submit(inked, PendingResult(result=result, fallbacks=fallbacks))

    def _text_layer_fallback(
        self, numbers: Sequence[int], region: Region | None = None
    ) -> tuple[Fallback, ...]:
        use = self.job.options.text_layer == "fallback"
        return (UseTextLayer(tuple(numbers), region),) if use else ()

    def _failed(self, info: PageInfo, error: Exception) -> PendingPage:
        """A page that can't be shown; raises what concerns all pages."""
        fallbacks = self._text_layer_fallback([info.number or 0])
        result = PageResult(info=info)
        if isinstance(error, PageError | SourceError):
            return self._pending_page([PendingResult.failed(result, error, fallbacks)])
        if isinstance(error, GotLoadersError) and not isinstance(error, EngineError):
            raise error
        if not isinstance(error, EngineError):  # else it is of a layout model
            place = describe_page(info.source, info.number)
            _log.error("%s: a mistake of got_loaders", place, exc_info=error)
        return self._pending_page([PendingResult.from_engine_error(result, error, fallbacks)])

    def _pending_page(self, results: Sequence[PendingResult], *, pages: int = 1) -> PendingPage:
        return PendingPage(
            results=tuple(results), pages=pages, retry=Retries(self.job, self.reopen).retry
        )


def _consecutive(ahead: Sequence[OpenPage | PendingPage]) -> list[OpenPage]:
    """The pages at the front that follow one another: a request names its first and last alone."""
    group: list[OpenPage] = []
    for page in ahead:
        if isinstance(page, PendingPage) or (group and page.number != group[-1].number + 1):
            break
        group.append(page)
    return group
