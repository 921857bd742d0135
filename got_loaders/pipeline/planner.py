"""The pages of one open document → slots: each is shown to the engine in the way the options say.

A page is asked about as a whole, together with the next ones, or region by region; or not at all,
where it is blank or its own text will do. Pixels leave with the requests.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from got_loaders.errors import EngineError, GotLoadersError, PageError, SourceError
from got_loaders.layout.blank import is_blank
from got_loaders.options import ReadOptions
from got_loaders.pages import PageSource, TextLayer
from got_loaders.pipeline.fallbacks import InTiles, OwnText, ReopenedDesk, own_text
from got_loaders.pipeline.pending import Part, Rescue, Slot
from got_loaders.pipeline.regions import boxes_of, found_regions
from got_loaders.pipeline.rendering import View, on_page, picture, request, show, show_region
from got_loaders.types import Engine, PageInfo, PageResult, Region

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["PageFeed"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFeed:
    """Makes the slots of one document.

    ``reopen`` opens it once more, for what is tried after it was closed. ``blank_info`` is what is
    known of a page that can't even be measured. Nothing more is asked once it is ``stopped``.
    """

    options: ReadOptions
    engine: Callable[[], Engine]
    document: PageSource
    reopen: Callable[[], PageSource]
    blank_info: PageInfo
    stopped: Callable[[], bool]

    def slots(self, numbers: Sequence[int]) -> Iterator[Slot]:
        """The slots of these pages, in order; neighbours that go into one request are one slot."""
        group: list[View] = []
        for number in numbers:
            shown = self._shown(number)
            fits = isinstance(shown, View) and (not group or _follows(shown, group[-1]))
            if group and not fits:
                yield self._together(group)
                group = []
            if isinstance(shown, Slot):
                yield shown
                continue
            group.append(shown)
            if len(group) == (self.options.multi_page or 1):
                yield self._together(group)
                group = []
        if group:
            yield self._together(group)

    def _shown(self, number: int) -> View | Slot:
        """A page that is read as a whole; or its slot, where it is not or can't be shown."""
        options, info = self.options, replace(self.blank_info, number=number)
        try:
            info = self.document.info(number)
            layer = self._layer(number) if options.text_layer == "auto" else None
            if layer is not None and layer.good:
                return _own_text(info, layer, options)
            if options.effective_regions == "auto" or boxes_of(number, options) is not None:
                return self._by_region(info, number)
            return show(self.document, number, info, options)
        except (PageError, SourceError) as error:
            return self._slot([Part.failed(PageResult(info=info), error, self._last([number]))])
        except EngineError as error:  # of a layout model
            return self._slot([Part.refused(PageResult(info=info), error, self._last([number]))])
        except GotLoadersError:
            raise
        except Exception as error:  # noqa: BLE001  # one page, not the archive
            _log.exception("%s, page %d: a mistake of got_loaders", info.source, number + 1)
            return self._slot([Part.refused(PageResult(info=info), error, self._last([number]))])

    def _layer(self, number: int) -> TextLayer | None:
        try:
            return self.document.text_layer(number)
        except (PageError, SourceError) as error:
            _log.warning("reading it instead: %s", error)
            return None

    def _by_region(self, info: PageInfo, number: int) -> Slot:
        options = self.options
        nothing = Part(result=PageResult(info=info, origin="blank"))
        page = picture(self.document, number, options)
        if options.skip_blank and is_blank(_reduced(page)):
            return self._slot([nothing])
        boxes = boxes_of(number, options)
        if boxes is None:
            regions = found_regions(self.document, info, page, options)
        else:
            regions = [Region(box=box) for box in boxes]
        parts: list[Part] = []
        try:
            for index, region in enumerate(regions):
                if not self.stopped():
                    parts.append(self._part(info, page, index, region))
        except BaseException:
            self._slot(parts).cancel()
            raise
        return self._slot(parts or [nothing])

    def _part(self, info: PageInfo, page: Image, index: int, region: Region) -> Part:
        result = PageResult(info=info, region=region, region_index=index)
        try:
            region = replace(region, box=on_page(region.box, info))
            view = show_region(self.document, info, page, region, self.options)
        except PageError as error:
            return Part.failed(result, error)
        result = replace(result, region=region)
        tiles = not view.crop.crop
        return self._ask([view], result, self._rescues([info.number or 0], region, tiles=tiles))

    def _together(self, views: Sequence[View]) -> Slot:
        """Pages that go into one request."""
        first = views[0]
        if len(views) == 1 and self.options.multi_page:
            return self._left_alone(first.info)
        return self._asked(views)

    def _left_alone(self, info: PageInfo) -> Slot:
        """A page that found no neighbour: it is shown once more, for alone it may have tiles."""
        alone = replace(self.options, multi_page=False)
        try:
            return self._asked([show(self.document, info.number or 0, info, alone)])
        except (PageError, SourceError) as error:
            last = self._last([info.number or 0])
            return self._slot([Part.failed(PageResult(info=info), error, last)])

    def _asked(self, views: Sequence[View]) -> Slot:
        first = views[0]
        last = views[-1].info.number if len(views) > 1 else None
        region = None if first.region is None else Region(box=first.region)
        result = PageResult(info=replace(first.info, last_number=last), region=region)
        tiles = len(views) == 1 and not first.crop.crop and region is None
        tiles = tiles and self.options.color is None
        rescues = self._rescues([view.info.number or 0 for view in views], tiles=tiles)
        return self._slot([self._ask(views, result, rescues)], pages=len(views))

    def _ask(self, views: Sequence[View], result: PageResult, rescues: tuple[Rescue, ...]) -> Part:
        inked = [view for view in views if not (self.options.skip_blank and view.blank)]
        if not inked:
            return Part(result=replace(result, origin="blank"))
        engine = self.engine()
        part = Part(result=result, rescues=rescues)
        return part.submitted(lambda: engine.submit(request(inked, self.options)))

    def _rescues(
        self, numbers: Sequence[int], region: Region | None = None, *, tiles: bool
    ) -> tuple[Rescue, ...]:
        """What may be tried later; ``tiles`` says whether seeing it in tiles would be new."""
        options, last = self.options, self._last(numbers, region)
        if not tiles or options.crop_to_patches != "auto" or options.max_patches == 1:
            return last
        alone = replace(options, multi_page=False)
        return InTiles(engine=self.engine, options=alone, region=region), *last

    def _last(self, numbers: Sequence[int], region: Region | None = None) -> tuple[Rescue, ...]:
        """What needs no model."""
        if self.options.text_layer != "fallback":
            return ()
        return (OwnText(options=self.options, numbers=tuple(numbers), region=region),)

    def _slot(self, parts: Sequence[Part], *, pages: int = 1) -> Slot:
        desk = partial(ReopenedDesk, self.reopen, self.options)
        return Slot(parts=tuple(parts), pages=pages, desk=desk)


def _follows(view: View, before: View) -> bool:
    """Whether it shows the next page: a request says only where its pages begin and end."""
    return (view.info.number or 0) == (before.info.number or 0) + 1


def _own_text(info: PageInfo, layer: TextLayer, options: ReadOptions) -> Slot:
    """A page whose own text is good: region by region where these are wanted."""
    if options.effective_regions is None:
        return Slot(parts=(Part(result=own_text(info, layer.parts)),))
    parts = [part for part in layer.parts if part.region.type not in options.drop]
    results = [
        replace(own_text(info, [part]), region=part.region, region_index=index)
        for index, part in enumerate(parts)
    ]
    nothing = PageResult(info=info, origin="blank")
    return Slot(parts=tuple(Part(result=result) for result in results or [nothing]))


def _reduced(page: Image) -> Image:
    """The page in about the size in which the model would see it whole."""
    excess = min(page.size) // 1024
    return page.reduce(excess) if excess > 1 else page
