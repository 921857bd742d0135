"""The pages of one open document → slots: each is shown to the engine in the way the options say.

A page is asked about as a whole, together with the next ones, or region by region; or not at all,
where it is blank or its own text will do. Pixels leave with the requests.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from got_loaders.blank import is_blank
from got_loaders.errors import EngineError, PageError, SourceError
from got_loaders.options import ReadOptions
from got_loaders.pages import TextLayer
from got_loaders.regions import boxes_of, found_regions
from got_loaders.rescue import InTiles, OwnText, own_text
from got_loaders.slots import Part, Rescue, Slot
from got_loaders.types import Engine, PageInfo, PageResult, Region
from got_loaders.views import Document, View, on_page, picture, request, show, show_region

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["PageFeed"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFeed:
    """Makes the slots of one document.

    ``reopen`` opens it once more, for what is tried after it was closed. ``blank_info`` is what is
    known of a page that can't even be measured.
    """

    options: ReadOptions
    engine: Callable[[], Engine]
    document: Document
    reopen: Callable[[], Document]
    blank_info: PageInfo

    def slots(self, numbers: Sequence[int]) -> Iterator[Slot]:
        """The slots of these pages, in order; those that go into one request are one slot."""
        group: list[int] = []
        for number in numbers:
            alone = self._alone(number)
            if alone is None:
                group.append(number)
            if group and (alone is not None or len(group) == (self.options.multi_page or 1)):
                yield from self._group(group)
                group = []
            if alone is not None:
                yield alone
        if group:
            yield from self._group(group)

    def _alone(self, number: int) -> Slot | None:
        """The slot of a page that is not read as a whole; None where it is."""
        options = self.options
        by_region = options.wanted_regions == "auto" or boxes_of(number, options) is not None
        if not by_region and options.text_layer != "auto":
            return None
        info = replace(self.blank_info, number=number)
        try:
            info = self.document.info(number)
            layer = self._layer(number) if options.text_layer == "auto" else None
            if layer is not None and layer.good:
                return _own_text(info, layer, options)
            return self._by_region(info, number) if by_region else None
        except (PageError, SourceError) as error:
            return Slot.failed(info, error, self._rescues([number], tiles=False))
        except EngineError as error:  # of the layout model
            rescues = self._rescues([number], tiles=False)
            return Slot(parts=(Part.refused(PageResult(info=info), error, rescues),))

    def _layer(self, number: int) -> TextLayer | None:
        try:
            return self.document.text_layer(number)
        except PageError as error:
            _log.warning("reading it instead: %s", error)
            return None

    def _by_region(self, info: PageInfo, number: int) -> Slot:
        options = self.options
        page = picture(self.document, number, options)
        if options.skip_blank and is_blank(_reduced(page)):
            return Slot(parts=(Part(result=PageResult(info=info, origin="blank")),))
        boxes = boxes_of(number, options)
        if boxes is None:
            regions = found_regions(self.document, info, page, options)
        else:
            regions = [Region(box=box) for box in boxes]
        parts = [self._part(info, page, index, region) for index, region in enumerate(regions)]
        nothing = Part(result=PageResult(info=info, origin="blank"))
        return Slot(parts=tuple(parts) or (nothing,))

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

    def _group(self, numbers: Sequence[int]) -> list[Slot]:
        """Pages that go into one request: one slot, and one for each page that can't be shown."""
        options = self.options
        alone = options if len(numbers) > 1 else replace(options, multi_page=False)
        views: list[View] = []
        slots: list[Slot] = []
        place = 0  # of the request among the slots: where its first page stands
        for number in numbers:
            info = replace(self.blank_info, number=number)
            try:
                info = self.document.info(number)
                views.append(show(self.document, number, info, alone))
            except (PageError, SourceError) as error:
                slots.append(Slot.failed(info, error, self._rescues([number], tiles=False)))
                place += not views
        if views and not (any(slot.lost for slot in slots) and options.on_error == "raise"):
            slots.insert(place, self._together(views))
        return slots

    def _together(self, views: Sequence[View]) -> Slot:
        first = views[0]
        last = views[-1].info.number if len(views) > 1 else None
        region = None if first.region is None else Region(box=first.region)
        result = PageResult(info=replace(first.info, last_number=last), region=region)
        tiles = len(views) == 1 and not first.crop.crop and region is None
        tiles = tiles and self.options.color is None
        rescues = self._rescues([view.info.number or 0 for view in views], tiles=tiles)
        return Slot(parts=(self._ask(views, result, rescues),), pages=len(views))

    def _ask(self, views: Sequence[View], result: PageResult, rescues: tuple[Rescue, ...]) -> Part:
        inked = [view for view in views if not (self.options.skip_blank and view.blank)]
        if not inked:
            return Part(result=replace(result, origin="blank"))
        engine = self.engine()
        try:
            future = engine.submit(request(inked, self.options))
        except EngineError as error:
            return Part.refused(result, error, rescues)
        return Part(result=result, future=future, rescues=rescues)

    def _rescues(
        self, numbers: Sequence[int], region: Region | None = None, *, tiles: bool
    ) -> tuple[Rescue, ...]:
        """What may be tried later; ``tiles`` says whether seeing it in tiles would be new."""
        options, rescues = self.options, list[Rescue]()
        if tiles and options.max_patches > 1:
            alone = replace(options, multi_page=False)
            rescues.append(
                InTiles(open=self.reopen, engine=self.engine, options=alone, region=region)
            )
        if options.text_layer == "fallback":
            rescues.append(OwnText(open=self.reopen, numbers=tuple(numbers), region=region))
        return tuple(rescues)


def _own_text(info: PageInfo, layer: TextLayer, options: ReadOptions) -> Slot:
    """A page whose own text is good: region by region where these are wanted."""
    if options.wanted_regions is None:
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
