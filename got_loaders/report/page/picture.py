"""The picture of a page, its regions outlined."""

from __future__ import annotations

from collections.abc import Callable

from got_loaders.markup import escape_html
from got_loaders.report.page.words import page_title
from got_loaders.report.values import Picture, Reading, ReportPage
from got_loaders.types import REGION_TYPES, Box

__all__ = ["is_outlined", "picture_side"]

_LEAST = 0.008
"""Of the page's side: what an outline measures at least; some four pixels."""


def picture_side(page: ReportPage, number: int, picture_url: Callable[[Picture], str]) -> str:
    """The left half of a page: its pictures, or why there is none."""
    if not page.pictures:
        reason = escape_html(page.no_picture or "There is no picture of it.")
        return f'<div class="picture none"><p>{reason}</p></div>'
    boxes = _boxes(page, number) if is_outlined(page) else ""
    sheets = "".join(_sheet(page, n, picture_url, boxes) for n in range(len(page.pictures)))
    return f'<div class="picture">{sheets}</div>'


def is_outlined(page: ReportPage) -> bool:
    """Whether its regions can be shown in its picture."""
    return len(page.pictures) == 1 and page.width > 0 and page.height > 0


def _sheet(page: ReportPage, index: int, url: Callable[[Picture], str], boxes: str) -> str:
    picture = page.pictures[index]
    several = f", picture {index + 1}" if len(page.pictures) > 1 else ""
    words = escape_html(f"Picture of {page_title(page) or 'the file'} of {page.name}{several}")
    image = (
        f'<img alt="{words}" width="{picture.width}" height="{picture.height}"'
        f' loading="lazy" decoding="async" src="{escape_html(url(picture))}">'
    )
    return f'<div class="sheet">{image}{boxes}</div>'


def _boxes(page: ReportPage, number: int) -> str:
    """An outline for each region that has a place, linked to its text; in page units."""
    places = [(n, _on_page(r.box, page)) for n, r in enumerate(page.readings) if r.box]
    if not places:
        return ""
    around = {n: sum(_holds(other, box) for _, other in places) for n, box in places}
    places.sort(key=lambda place: around[place[0]])  # what is inside others lies above them
    links = [_box(page.readings[n], box, n, number) for n, box in places]
    view = f"0 0 {page.width:g} {page.height:g}"
    return (
        f'<svg class="boxes" viewBox="{view}" preserveAspectRatio="none" role="group"'
        f' aria-label="Regions of the page">{"".join(links)}</svg>'
    )


def _on_page(box: Box, page: ReportPage) -> Box:
    """The part of it that lies on the page, and at least large enough to be seen and hit."""
    x0, x1 = _span(box.x0, box.x1, page.width)
    y0, y1 = _span(box.y0, box.y1, page.height)
    return Box(x0, y0, x1, y1)


def _span(start: float, end: float, length: float) -> tuple[float, float]:
    least = _LEAST * length
    start = min(max(start, 0.0), length)
    end = max(min(end, length), start)
    if end - start < least:
        start = min(max((start + end - least) / 2, 0.0), length - least)
        end = start + least
    return start, end


def _holds(outer: Box, inner: Box) -> bool:
    """Whether it reaches as far to all sides, and is not the same."""
    edges = (outer.x0 <= inner.x0, outer.y0 <= inner.y0, outer.x1 >= inner.x1, outer.y1 >= inner.y1)
    return all(edges) and outer != inner


def _box(reading: Reading, box: Box, index: int, number: int) -> str:
    size = f'width="{box.x1 - box.x0:g}" height="{box.y1 - box.y0:g}"'
    kind = reading.type if reading.type in REGION_TYPES else ""  # records may say anything
    css = f' class="{kind}"' if kind else ""
    name = escape_html(reading.type or "text")
    return (
        f'<a id="p{number}b{index}" href="#p{number}r{index}"{css}'
        f' aria-label="Region {index + 1}, {name}: to its text">'
        f'<rect x="{box.x0:g}" y="{box.y0:g}" {size}/></a>'
    )
