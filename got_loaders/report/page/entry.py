"""A page in the report's list."""

from __future__ import annotations

from collections.abc import Callable

from got_loaders.markup import escape_html
from got_loaders.report.page.data_url import data_url
from got_loaders.report.page.doubt_rank import doubt_rank
from got_loaders.report.page.words import FLAG_NAMES, page_title
from got_loaders.report.values import Picture, ReportPage

__all__ = ["render_entry"]


def render_entry(
    page: ReportPage,
    number: int,
    *,
    file: str = "",
    picture_url: Callable[[Picture], str] = data_url,
) -> str:
    """A link to the page; ``number`` is its own in the report, from 1, in the order of reading.

    ``file`` is the relative address of the file that holds the page, where that is another one.
    """
    flags = page.flags
    words = ", ".join(FLAG_NAMES[flag] for flag in flags)
    marks = "".join(f'<i class="mark {flag}"></i>' for flag in flags)
    title, of, rest = (page_title(page) or "whole file").partition(" of ")
    more = f'<span class="rest">{escape_html(of + rest)}</span>'
    return (
        f'<li class="entry" data-number="{number}" data-doubt="{doubt_rank(page)}"'
        f' data-flags="{" ".join(flags)}"><a href="{escape_html(file)}#p{number}">'
        f"{_thumbnail(page, picture_url)}"
        f'<span class="what"><b>{title[0].upper()}{escape_html(title[1:])}{more}</b>'
        f'<bdi class="file">{escape_html(page.name)}</bdi>'
        f'<span class="says">{marks}{words}</span></span></a></li>\n'
    )


def _thumbnail(page: ReportPage, picture_url: Callable[[Picture], str]) -> str:
    """Its little picture, or an empty sheet."""
    picture = page.thumbnail
    if picture is None:
        return '<span class="thumbnail none"></span>'
    wide = " wide" if picture.width > picture.height * 0.74 else ""  # as the style has its frame
    size = f'width="{picture.width}" height="{picture.height}"'
    return (
        f'<span class="thumbnail{wide}"><img alt="" {size}'
        f' loading="lazy" decoding="async" src="{escape_html(picture_url(picture))}"></span>'
    )
