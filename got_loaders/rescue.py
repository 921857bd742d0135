"""What is tried where reading failed or went wrong: tiles, or the page's own text.

Nothing of a page is kept for it: the document is opened again when it comes to that.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from got_loaders.errors import EngineError, PageError, SourceError
from got_loaders.options import ReadOptions
from got_loaders.pages import TextPart
from got_loaders.slots import Part
from got_loaders.types import Engine, OcrResult, PageInfo, PageResult, Region
from got_loaders.views import Document, picture, request, show, show_region

__all__ = ["InTiles", "OwnText", "own_text"]

_log = logging.getLogger(__name__)

Open = Callable[[], Document]


@dataclass(frozen=True, slots=True, kw_only=True)
class InTiles:
    """Asks the model once more, which now sees the page, or the region, in tiles."""

    open: Open
    engine: Callable[[], Engine]
    options: ReadOptions
    region: Region | None = None

    def helps(self, part: Part) -> bool:
        """Where the model went in circles."""
        ocr = part.result.ocr
        return ocr is not None and ocr.finish_reason == "repetition"

    def apply(self, part: Part) -> Part:
        """The part, asked again."""
        options = replace(self.options, crop_to_patches=True, region_prompt="crop")
        number = part.result.info.number or 0
        try:
            with closing(self.open()) as document:
                info = document.info(number)
                if self.region is None:
                    view = show(document, number, info, options)
                else:
                    page = picture(document, number, options)
                    view = show_region(document, info, page, self.region, options)
            future = self.engine().submit(request([view], options))
        except (PageError, SourceError, EngineError) as error:
            _log.warning("can't ask again: %s", error)
            return part
        asked = replace(part.result, ocr=None, retried=True)
        return replace(part, result=asked, future=future, before=part.result)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnText:
    """Takes the page's own text instead, where it is good."""

    open: Open
    numbers: Sequence[int]
    region: Region | None = None

    def helps(self, part: Part) -> bool:
        """Where reading failed, went in circles or was cut off."""
        if part.error is not None:
            return True
        ocr = part.result.ocr
        return ocr is not None and ocr.finish_reason != "stop"

    def apply(self, part: Part) -> Part:
        """The part with the document's text, if there is any for it."""
        try:
            with closing(self.open()) as document:
                layers = [document.text_layer(number) for number in self.numbers]
        except (PageError, SourceError) as error:
            _log.warning("no text of its own: %s", error)
            return part
        parts = [p for layer in layers if layer.good for p in layer.parts if self._holds(p)]
        if not parts:
            return part
        return Part(result=own_text(part.result.info, parts, part.result))

    def _holds(self, part: TextPart) -> bool:
        """Whether it has text and stands in the region: its middle does."""
        if self.region is None or not part.text:
            return bool(part.text)
        box, own = self.region.box, part.region.box
        x, y = (own.x0 + own.x1) / 2, (own.y0 + own.y1) / 2
        return box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1


def own_text(
    info: PageInfo, parts: Sequence[TextPart], result: PageResult | None = None
) -> PageResult:
    """The result of pages, or of a region, whose text is the document's own."""
    text = "\n\n".join(part.text for part in parts if part.text)
    base = result or PageResult(info=info)
    return replace(base, ocr=OcrResult(text=text), origin="text_layer", retried=False, error=None)
