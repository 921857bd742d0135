"""A page of the report: its picture beside its reading."""

from __future__ import annotations

from collections.abc import Callable

from got_loaders.markup import escape_html
from got_loaders.report.page.data_url import data_url
from got_loaders.report.page.doubt_rank import doubt_rank
from got_loaders.report.page.picture import is_outlined, picture_side
from got_loaders.report.page.reading import reading_section
from got_loaders.report.page.words import FORM_NAMES, FORMS, flag_list, page_title
from got_loaders.report.values import Picture, ReportPage

__all__ = ["render_page"]

_LINE = 55
"""Characters that a line of the reading holds on a screen of usual width."""


def render_page(
    page: ReportPage, number: int, *, picture_url: Callable[[Picture], str] = data_url
) -> str:
    """The page as an article; ``number`` is its own in the report, from 1, in order of reading.

    ``picture_url`` is asked for the address of each picture: by default it is inside.
    """
    flags = page.flags
    return (
        f'<article class="page" id="p{number}" data-number="{number}"'
        f' data-doubt="{doubt_rank(page)}" data-flags="{" ".join(flags)}"'
        f' aria-labelledby="p{number}-name" tabindex="-1"'
        f' style="--shape:{_shape(page):.4f};--rows:{_rows(page)}">'
        f'<header class="page-head">{_title(page, number)}{flag_list(flags)}'
        f"{_forms(page, number)}</header>{_warnings(page)}"
        f'<div class="sides">{picture_side(page, number, picture_url)}'
        f'<div class="readings">{_readings(page, number)}{_facts(page)}</div></div></article>\n'
    )


def _shape(page: ReportPage) -> float:
    """The height of its pictures for a width of 1."""
    heights = [picture.height / picture.width for picture in page.pictures if picture.width]
    return min(max(sum(heights), 0.2), 20.0) if heights else 0.4


def _rows(page: ReportPage) -> int:
    """About how many lines its readings fill: the height of what is not drawn yet."""
    rows = 0.0
    for reading in page.readings:
        text = reading.texts.get("text") or reading.texts.get("markdown") or ""
        rows += 1.5 + text.count("\n") * 0.7 + len(text) / _LINE
    return round(rows)


def _title(page: ReportPage, number: int) -> str:
    which = page_title(page)
    title = f'<span class="document-title" dir="auto">{escape_html(page.title)}</span>'
    return (
        f'<h2 id="p{number}-name"><bdi>{escape_html(page.name)}</bdi>'
        f"{f' <span>{escape_html(which)}</span>' if which else ''}</h2>"
        f"{title if page.title else ''}"
    )


def _forms(page: ReportPage, number: int) -> str:
    """The choice of a form, by radio buttons, so that it works without the script as well."""
    there = {form for reading in page.readings for form in reading.texts}
    choices = [("shown", "Reading"), *((f, FORM_NAMES[f]) for f in FORMS if f in there)]
    if len(choices) < 2:
        return ""
    radios = "".join(
        f'<label><input type="radio" name="p{number}-form" value="{value}"'
        f"{' checked' if value == 'shown' else ''}><span>{name}</span></label>"
        for value, name in choices
    )
    return (
        f'<fieldset class="forms"><legend class="unseen">Show this page as</legend>{radios}'
        "</fieldset>"
    )


def _warnings(page: ReportPage) -> str:
    items = "".join(f'<li dir="auto">{escape_html(text)}</li>' for text in page.warnings)
    return f'<ul class="warnings" aria-label="Warnings">{items}</ul>' if items else ""


def _readings(page: ReportPage, number: int) -> str:
    alone, outlined = len(page.readings) == 1, is_outlined(page)
    return "".join(
        reading_section(page, n, number, alone=alone, outlined=outlined)
        for n in range(len(page.readings))
    )


def _facts(page: ReportPage) -> str:
    """What else is known, folded."""
    facts = {"file": page.source, **page.facts} if page.source != page.name else page.facts
    if not facts:
        return ""
    rows = "".join(
        f"<div><dt>{escape_html(name)}</dt><dd><bdi>{escape_html(value)}</bdi></dd></div>"
        for name, value in facts.items()
    )
    return f'<details class="facts"><summary>Details</summary><dl>{rows}</dl></details>'
