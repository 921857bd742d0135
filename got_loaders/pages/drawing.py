"""Pages as pictures, with frames around the places that texts were read from.

Of a page that was read nobody keeps the pixels. So its document is opened and rendered once more,
in a worker process as for reading.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from got_loaders.errors import OptionError, PageError, shown
from got_loaders.options import ReadOptions
from got_loaders.options.checks import check_dpi
from got_loaders.pages.document import PageDocument
from got_loaders.pages.page_view import page_view
from got_loaders.pages.reopening import check_unchanged, reopen
from got_loaders.sources.temp_files import TempFiles
from got_loaders.types import (
    Box,
    Located,
    Location,
    PageInfo,
    check_positive_int,
    checked_box,
    describe_page,
)

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["draw_location"]

MAX_PAGES = 16
"""Pages in one picture; more beside each other show nothing."""

_EXPECTED = "expected a PageResult or a Location, as locate(chunk) gives them"

_GAP = 12
"""Pixels between two pages."""


def draw_location(
    location: Location | Located | Iterable[Location | Located],
    *,
    color: str = "red",
    width: int = 3,
    dpi: float | None = None,
    source: object = None,
    password: str | None = None,
    options: ReadOptions | None = None,
) -> Image:
    """A picture (Pillow's) of the page where a text stood, with a frame around its box.

    ``location`` is what ``locate`` tells of a chunk, a ``PageResult``, or several of these; those
    on several pages make one picture, with the pages side by side, 16 at most. What was read from
    all of a page has no frame. ``color`` is a name, or ``"#rrggbb"``; ``width`` is the frame's, in
    pixels, around the box. ``dpi`` is that of a PDF page; None: some 1400 pixels along its longer
    side, which is also the most of an image; with ``dpi`` an image has its own size.

    The document is opened again, by the name that it was read by: blocks, and raises
    :class:`SourceError` where it is not there any more, or is known to be another, and
    :class:`PageError` where the page can't be rendered, or the box lies outside of it. ``source``
    says where the document is now, or holds its bytes, which are never kept; ``password`` opens it.
    Of ``options``, those that it was read with, the password, ``root`` and the other limits count.
    """
    options = ReadOptions() if options is None else ReadOptions.of(options, {})
    check_dpi("dpi", dpi)
    check_positive_int("width", width)
    pen = _Pen(_rgb(color), width, dpi)
    pages: dict[tuple[str, int], list[_Mark]] = {}
    for mark in _marks(location):
        pages.setdefault((mark.source, mark.number), []).append(mark)
        if len(pages) > MAX_PAGES:
            raise OptionError(f"the locations are on more than {MAX_PAGES} pages: draw fewer")
    if source is not None and len({name for name, _ in pages}) > 1:
        raise OptionError("source= stands for one document, and the locations are of several")
    pictures = []
    documents: dict[str, PageDocument] = {}
    with ExitStack() as opened:
        downloads = opened.enter_context(closing(TempFiles(options.download_policy, _never)))
        for (name, number), group in pages.items():
            if name not in documents:
                documents[name] = reopen(
                    name,
                    group[0].info,
                    given=source,
                    password=password,
                    options=options,
                    temp_files=downloads,
                )
                opened.enter_context(closing(documents[name]))
            pictures.append(_draw_page(documents[name], number, group, pen))
    return pictures[0] if len(pictures) == 1 else _side_by_side(pictures)


@dataclass(frozen=True, slots=True)
class _Pen:
    """How frames are drawn, and how large pages."""

    color: tuple[int, ...]
    width: int
    dpi: float | None


@dataclass(frozen=True, slots=True)
class _Mark:
    """A part of one page; ``info`` is what was known of it when it was read."""

    source: str
    number: int
    box: Box | None
    info: PageInfo | None


def _marks(location: object) -> Iterator[_Mark]:
    places = [location] if isinstance(location, Location | Located) else location
    if not isinstance(places, Iterable) or isinstance(places, str | bytes):
        raise OptionError(f"location={shown(location)}: {_EXPECTED}")
    count = 0
    for place in places:
        count += 1
        if not isinstance(place, Location | Located):
            raise OptionError(f"location={shown(place)}: {_EXPECTED}")
        where = place if isinstance(place, Location) else place.location
        info = None if isinstance(place, Location) else place.info
        if where.page is None:
            text = f"{where.source}: no page to draw: the document could not be opened"
            raise PageError(text, source=where.source)
        box = None if where.box is None else checked_box(where.box)
        last = max(where.page, where.page_last or 0)
        for number in range(where.page, last + 1):
            yield _Mark(where.source, number, box, info)
    if not count:
        raise OptionError("there is no location to draw")


def _rgb(color: object) -> tuple[int, ...]:
    from PIL import ImageColor

    try:
        return ImageColor.getrgb(color)[:3]
    except (ValueError, TypeError, AttributeError):
        raise OptionError(
            f'color={shown(color)}: expected a name such as "red", or "#rrggbb"'
        ) from None


def _draw_page(document: PageDocument, number: int, marks: Sequence[_Mark], pen: _Pen) -> Image:
    from PIL import ImageDraw

    for mark in marks:
        check_unchanged(document, number, mark.info)
    info = document.info(number)
    picture = page_view(document, number, dpi=pen.dpi)
    draw = ImageDraw.Draw(picture)
    for mark in marks:
        if mark.box is not None:
            box = _on_page(mark.box, info).scaled(
                picture.width / info.width, picture.height / info.height
            )
            width = min(pen.width, max(picture.size))  # Pillow takes its square in time
            draw.rectangle(_frame(box, picture, width), outline=pen.color, width=width)
    return picture


def _on_page(box: Box, info: PageInfo) -> Box:
    clipped = box.clipped(info.width, info.height)
    if clipped is None:
        place = describe_page(info.source, info.number)
        size = f"{info.width:g} x {info.height:g} {info.unit}"
        raise PageError(
            f"{place}: {box} lies outside the page, which is {size}: the document is another "
            "than the one that was read",
            source=info.source,
            page=info.number,
        )
    return clipped


def _frame(box: Box, picture: Image, width: int) -> tuple[int, int, int, int]:
    """The outer edge of a frame that leaves the box free, as far as the picture reaches."""
    return (
        max(math.floor(box.x0) - width, 0),
        max(math.floor(box.y0) - width, 0),
        min(math.ceil(box.x1) - 1 + width, picture.width - 1),
        min(math.ceil(box.y1) - 1 + width, picture.height - 1),
    )


def _never() -> bool:
    """No download is given up."""
    return False


def _side_by_side(pictures: Sequence[Image]) -> Image:
    from PIL import Image

    size = sum(p.width + _GAP for p in pictures) - _GAP, max(p.height for p in pictures)
    sheet = Image.new("RGB", size, "gray")
    left = 0
    for picture in pictures:
        sheet.paste(picture, (left, 0))
        left += picture.width + _GAP
    return sheet
