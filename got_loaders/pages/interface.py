"""The protocol of an open document, whoever opens it."""

from __future__ import annotations

from typing import Protocol

from got_loaders.pages.render_size import PageShape
from got_loaders.pages.text_layer import TextLayer
from got_loaders.types import Page, PageInfo, Region

__all__ = ["PageSource"]


class PageSource(Protocol):
    """An open document; see :class:`got_loaders.pages.PageDocument`.

    It may have a method more, ``words(number)``: the :class:`~got_loaders.pages.PageWords` that its
    file names, for those who look for a hint; they do without where that is missing or fails.
    """

    total: int

    def info(self, number: int) -> PageInfo:
        """Where the page comes from and how large it is."""

    def shape(self, number: int) -> PageShape:
        """Its size in pixels at the nominal 200 dpi."""

    def page(self, number: int, *, width: int, height: int, dpi: float | None = None) -> Page:
        """The page, rendered for a model that sees so many pixels."""

    def regions(self, number: int) -> tuple[Region, ...] | None:
        """What the document itself tells of the page's layout, in reading order and page units."""

    def text_layer(self, number: int) -> TextLayer:
        """The page's own text, and whether it is good."""

    def close(self) -> None:
        """Let go of the file."""
