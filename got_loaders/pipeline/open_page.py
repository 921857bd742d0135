"""A page of an open document, each thing of which is asked for once."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING

from got_loaders._lazy import cached_property
from got_loaders.pages import PageSource, PageWords, TextLayer
from got_loaders.types import PageInfo

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["OpenPage"]

_log = logging.getLogger(__name__)

_MAX_PIXELS = 16_000_000


class OpenPage:
    """A page of an open document: asks for each thing once, and holds it. Any call may block.

    ``damage`` is what could not be drawn of it, known once it was rendered; from then on ``info``
    warns of it. What the document raises (:class:`PageError`, :class:`SourceError`) is raised.
    """

    def __init__(self, document: PageSource, number: int, dpi: float | None = None) -> None:
        self.document = document
        self.number = number
        self.damage: tuple[str, ...] = ()
        self._dpi = dpi

    @cached_property
    def info(self) -> PageInfo:
        """Where it comes from and how large it is."""
        return self.document.info(self.number)

    @cached_property
    def shape(self) -> tuple[float, float]:
        """Its width and height in pixels at the nominal 200 dpi."""
        shape = self.document.shape(self.number)
        return shape.width, shape.height

    @cached_property
    def text_layer(self) -> TextLayer:
        """Its own text, and whether it is good."""
        return self.document.text_layer(self.number)

    @cached_property
    def own_words(self) -> PageWords:
        """The words that its file names, for a hint: none where that fails, whatever fails."""
        words = getattr(self.document, "words", None)
        try:
            return PageWords() if words is None else words(self.number)
        except Exception as error:  # noqa: BLE001  # a hint is not worth the page
            _log.debug("reading it without a hint: %s", error)
            return PageWords()

    @cached_property
    def picture(self) -> Image:
        """All of it, sharp enough to cut regions out of it.

        At 200 dpi, or those of the options; a page of more than 16 million pixels has fewer.
        """
        width, height = (max(1, round(side / self.reduction)) for side in self.shape)
        return self.rendered(width, height)

    @property
    def reduction(self) -> float:
        """How many of its pixels at 200 dpi are one of the picture's; an image is not reduced."""
        width, height = self.shape
        return 1.0 if self.info.unit == "px" else max(1, math.sqrt(width * height / _MAX_PIXELS))

    def rendered(self, width: int, height: int) -> Image:
        """It, for a model that sees so many pixels; not held."""
        page = self.document.page(self.number, width=width, height=height, dpi=self._dpi)
        self.damage = tuple(dict.fromkeys((*self.damage, *page.damage)))
        self.info = self.info.warned(*page.info.warnings)
        return page.image
