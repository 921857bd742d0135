"""A page that is read part by part → its pending results: regions, or parts of its own text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from got_loaders.errors import PageError
from got_loaders.layout.blank import is_blank
from got_loaders.pages import TextPart
from got_loaders.pipeline.context import JobContext
from got_loaders.pipeline.figures import is_kept, kept_figure
from got_loaders.pipeline.open_page import OpenPage
from got_loaders.pipeline.pending import PendingResult
from got_loaders.pipeline.regions import detect_regions, explicit_boxes
from got_loaders.pipeline.rendering import (
    PromptImage,
    RenderPlan,
    clip_to_page,
    damage_error,
    render,
)
from got_loaders.pipeline.text_layers import text_layer_result
from got_loaders.results import PageResult
from got_loaders.types import Region

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["RegionRequests"]

Submit = Callable[[Sequence[PromptImage], RenderPlan, PageResult], PendingResult]
"""Asks the engine about what is shown by a plan; the result is what is known of it."""


@dataclass(frozen=True, slots=True)
class RegionRequests:
    """Asks about the parts of one document's pages, each by ``submit``, in reading order."""

    job: JobContext
    submit: Submit

    def of_page(self, page: OpenPage) -> list[PendingResult] | None:
        """The results of its regions, or the one of a blank page; None: it is read as a whole.

        Regions are asked for; or a figure, whose picture is kept, is among those that layout finds.
        """
        options = self.job.options
        boxes = explicit_boxes(page.number, options)
        is_asked_for = boxes is not None or options.effective_regions == "auto"
        if not is_asked_for and options.figures == "drop":
            return None
        picture = page.picture
        if (options.skip_blank or page.damage) and is_blank(_reduced(picture)):
            if not is_asked_for:
                return None
            if page.damage:
                raise damage_error(page)
            return [_blank(page)]
        if boxes is not None:
            regions = [Region(box=box) for box in boxes]
        else:
            regions = detect_regions(page, options)
        if not is_asked_for and not any(is_kept(region, options) for region in regions):
            return None
        calls = (partial(self._region, page, index, each) for index, each in enumerate(regions))
        return self._submit_all(calls) or [_blank(page)]

    def of_parts(self, page: OpenPage, parts: Sequence[TextPart]) -> list[PendingResult]:
        """A page's own text, what the model reads on its pictures, and these as figures."""
        calls = (partial(self._part, page, index, part) for index, part in enumerate(parts))
        return self._submit_all(calls)

    def _part(self, page: OpenPage, index: int, part: TextPart) -> PendingResult:
        if part.unread and not self._is_only_kept(part.region):
            return self._region(page, index, part.region)
        figure = kept_figure(page, part.region, self.job.options)
        info = page.info.warned(*page.text_layer.warnings)
        result = PageResult(info=info, region=part.region, region_index=index, figure=figure)
        if part.text and not self._is_only_kept(part.region):
            return PendingResult(result=text_layer_result(result, [part]))
        return PendingResult(result=replace(result, origin="blank"))

    def _region(self, page: OpenPage, index: int, region: Region) -> PendingResult:
        result = PageResult(info=page.info, region=region, region_index=index)
        try:
            region = replace(region, box=clip_to_page(region.box, page.info))
            figure = kept_figure(page, region, self.job.options)
            result = replace(result, info=page.info, region=region, figure=figure)
            if self._is_only_kept(region):
                return PendingResult(result=replace(result, origin="blank"))
            plan = RenderPlan.from_options(self.job.options, self.job.max_side)
            plan = replace(plan, region=region)
            image = render(page, plan)
        except PageError as error:
            return PendingResult.failed(result, error)
        return self.submit([image], plan, replace(result, info=image.info))

    def _is_only_kept(self, region: Region) -> bool:
        """Whether it is a figure whose picture is kept, and that is not read."""
        options = self.job.options
        return is_kept(region, options) and region.type in options.dropped_types

    def _submit_all(self, calls: Iterable[Callable[[], PendingResult]]) -> list[PendingResult]:
        """Their results, unless the job is stopped; cancelled if one of them raises."""
        results: list[PendingResult] = []
        try:
            for call in calls:
                if not self.job.stopped():
                    results.append(call())  # noqa: PERF401  # what was begun is cancelled
        except BaseException:
            for pending in results:
                if pending.future is not None:
                    pending.future.cancel()
            raise
        return results


def _blank(page: OpenPage) -> PendingResult:
    return PendingResult(result=PageResult(info=page.info, origin="blank"))


def _reduced(page: Image) -> Image:
    """The page in about the size in which the model would see it whole."""
    excess = min(page.size) // 1024
    return page.reduce(excess) if excess > 1 else page
