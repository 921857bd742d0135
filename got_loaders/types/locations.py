"""Where a piece of a Document's text stood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from got_loaders.types.boxes import Box
from got_loaders.types.pages import describe_page

if TYPE_CHECKING:
    from got_loaders.types.pages import PageInfo

__all__ = ["Located", "Location"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place that a piece of text was read from.

    ``page`` counts from 0 (``page_last`` is set where several pages were read as one), ``box`` is
    in page units (points of a PDF page, pixels of an image, origin top left); None: all of the
    page. ``start`` and ``end`` are the characters of the whole Document that came from there; where
    it came from this place alone, those of the chunk that was asked about.
    """

    source: str
    page: int | None
    page_last: int | None = None
    box: Box | None = None
    region_index: int | None = None
    region_type: str | None = None
    start: int = 0
    end: int = 0

    def __str__(self) -> str:
        """ "scan.pdf, page 2, region 3 (table), Box(56.69, 80.1, 300, 120)": as people count."""
        place = describe_page(self.source, self.page, self.page_last, self.region_index)
        kind = "" if self.region_type is None else f" ({self.region_type})"
        return f"{place}{kind}" if self.box is None else f"{place}{kind}, {self.box}"


@runtime_checkable
class Located(Protocol):
    """What was read from one place, and knows the page: a ``PageResult`` is."""

    @property
    def info(self) -> PageInfo:
        """The page."""

    @property
    def location(self) -> Location:
        """The place."""
