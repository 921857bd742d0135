"""What a report shows: pages, their readings, and what is doubtful about them.

Frozen values between where they come from (results, or the records of a kept file) and the HTML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from got_loaders.results.corrections import Corrected
from got_loaders.types import Box, Origin, Unit

__all__ = [
    "FLAGS",
    "Flag",
    "Form",
    "Picture",
    "Reading",
    "ReportOrder",
    "ReportPage",
]

# fmt: off
Flag = Literal[
    "failed", "looped", "cut", "disagrees", "low_confidence", "warning", "blank",
    "corrected", "own_text", "retried",
]
# fmt: on
FLAGS: tuple[Flag, ...] = get_args(Flag)
"""Most doubtful first; the last three cast no doubt."""

ReportOrder = Literal["doubtful", "page"]
"""Pages with a doubt first, the worst before the others; or as they stand in their files."""

Form = Literal["markdown", "html", "latex", "text", "raw"]
"""The outputs of a read: each may be a tab."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A page's picture, encoded; sizes in pixels."""

    data: bytes
    media_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read of a page, or of one region of it.

    ``box`` is in page units, None where it is all of the page. ``index`` counts a page's regions
    from 0. ``shown`` is a fragment of HTML that is safe as it stands: the reading typeset.
    ``texts`` are the texts as far as they are known, by their form. ``key`` is what a correction of
    it is kept by; None where it can't be corrected. ``note`` says in a few words what is not known.
    """

    shown: str
    texts: Mapping[Form, str]
    origin: Origin
    key: Corrected | None = None
    index: int | None = None
    type: str = ""
    box: Box | None = None
    flags: tuple[Flag, ...] = ()
    confidence: float | None = None
    agreement: float | None = None
    only_in_reading: tuple[str, ...] = ()
    model: str = ""
    error: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPage:
    """A page, or several that were read in one request, and its readings in order.

    ``number`` counts from 0, None for a file that could not be opened, or was read as one text.
    ``width`` and ``height`` are in ``unit``, 0 where they are not known. ``pictures`` are those of
    its pages; none where the document is not there any more, which ``no_picture`` then says.
    ``page_flags`` are those of the page as a whole, whichever reading they are of. ``facts`` are
    further things to know of it: what they are called, and what they are.
    """

    source: str
    name: str
    readings: tuple[Reading, ...]
    number: int | None = None
    last_number: int | None = None
    label: str = ""
    total: int | None = None
    width: float = 0.0
    height: float = 0.0
    unit: Unit = "pt"
    title: str = ""
    warnings: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    thumbnail: Picture | None = None
    no_picture: str = ""
    page_flags: tuple[Flag, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def flags(self) -> tuple[Flag, ...]:
        """The page's own and those of all readings, most doubtful first."""
        found = {flag for reading in self.readings for flag in reading.flags} | {*self.page_flags}
        return tuple(flag for flag in FLAGS if flag in found)
