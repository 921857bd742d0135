"""What is tried where reading failed or went wrong: tiles, or the page's own text.

Nothing of a page is kept for it: the document is opened again when it comes to that.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from got_loaders.errors import PageError, SourceError
from got_loaders.options import ReadOptions
from got_loaders.pages import PageSource, TextLayer, TextPart
from got_loaders.pipeline.pending import Part
from got_loaders.pipeline.rendering import picture, request, show, show_region
from got_loaders.types import Box, Engine, OcrResult, PageInfo, PageResult, Region

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["InTiles", "OwnText", "ReopenedDesk", "own_text"]

_log = logging.getLogger(__name__)


class ReopenedDesk:
    """A document that is opened when the first rescue asks, with what several of them share."""

    def __init__(self, reopen: Callable[[], PageSource], options: ReadOptions) -> None:
        self._reopen = reopen
        self._options = options
        self._document: PageSource | None = None
        self._pictures: dict[int, Image] = {}
        self._layers: dict[int, TextLayer] = {}

    def document(self) -> PageSource:
        """The open document; :class:`SourceError` where it can't be opened any more."""
        if self._document is None:
            self._document = self._reopen()
        return self._document

    def picture(self, number: int) -> Image:
        """The whole page, rendered once."""
        if number not in self._pictures:
            self._pictures[number] = picture(self.document(), number, self._options)
        return self._pictures[number]

    def layer(self, number: int) -> TextLayer:
        """The page's own text, asked for once."""
        if number not in self._layers:
            self._layers[number] = self.document().text_layer(number)
        return self._layers[number]

    def close(self) -> None:
        """Let go of the document and the pictures."""
        self._pictures.clear()
        if self._document is not None:
            self._document.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class InTiles:
    """Asks the model once more, which now sees the page, or the region, in two tiles or more."""

    engine: Callable[[], Engine]
    options: ReadOptions
    region: Region | None = None

    def helps(self, part: Part) -> bool:
        """Where the model went in circles."""
        ocr = part.result.ocr
        return ocr is not None and ocr.finish_reason == "repetition"

    def apply(self, part: Part, desk: ReopenedDesk) -> Part:
        """The part, asked again."""
        least = max(2, self.options.min_patches)
        options = replace(
            self.options, crop_to_patches=True, min_patches=least, region_prompt="crop"
        )
        number = part.result.info.number or 0
        try:
            document = desk.document()
            info = document.info(number)
            if self.region is None:
                view = show(document, number, info, options)
            else:
                view = show_region(document, info, desk.picture(number), self.region, options)
        except (PageError, SourceError) as error:
            _log.warning("can't ask again: %s", error)
            return part
        asked = replace(part, result=replace(part.result, ocr=None, retried=True))
        asked = replace(asked, before=part.result)
        return asked.submitted(lambda: self.engine().submit(request([view], options)))


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnText:
    """Takes the own text of the pages that were asked about instead, where all of it is good."""

    options: ReadOptions
    numbers: Sequence[int]
    region: Region | None = None

    def helps(self, part: Part) -> bool:
        """Where reading failed, went in circles or was cut off."""
        if part.error is not None:
            return True
        ocr = part.result.ocr
        return ocr is not None and ocr.finish_reason != "stop"

    def apply(self, part: Part, desk: ReopenedDesk) -> Part:
        """The part with the document's text, if there is any for it."""
        try:
            layers = [desk.layer(number) for number in self.numbers]
        except (PageError, SourceError) as error:
            _log.warning("no text of its own: %s", error)
            return part
        parts = [own for layer in layers for own in layer.parts if self._wants(own)]
        if not parts or not all(layer.good for layer in layers):
            return part
        return Part(result=own_text(part.result.info, parts, part.result))

    def _wants(self, part: TextPart) -> bool:
        """Whether it has text, and most of it stands in the region."""
        options = self.options
        dropped = options.effective_regions is not None and part.region.type in options.drop
        if dropped or not part.text:
            return False
        return self.region is None or _share(part.region.box, self.region.box) > 0.5


def own_text(
    info: PageInfo, parts: Sequence[TextPart], result: PageResult | None = None
) -> PageResult:
    """The result of pages, or of a region, whose text is the document's own."""
    text = "\n\n".join(part.text for part in parts if part.text)
    base = result or PageResult(info=info)
    return replace(base, ocr=OcrResult(text=text), origin="text_layer", retried=False, error=None)


def _share(inner: Box, outer: Box) -> float:
    """How much of one box lies in another."""
    across = min(inner.x1, outer.x1) - max(inner.x0, outer.x0)
    down = min(inner.y1, outer.y1) - max(inner.y0, outer.y0)
    return max(across, 0) * max(down, 0) / (inner.width * inner.height)
