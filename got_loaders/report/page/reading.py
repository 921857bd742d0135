"""What was read of a page or region: typeset, and in each of its forms."""

from __future__ import annotations

import json
from dataclasses import asdict

from got_loaders.markup import escape_html
from got_loaders.report.page.words import FORMS, flag_list
from got_loaders.report.values import Flag, Form, Reading, ReportPage

__all__ = ["reading_section"]


def reading_section(
    page: ReportPage, index: int, number: int, *, alone: bool, outlined: bool
) -> str:
    """One of the readings of page ``number``.

    ``alone``: it is the page's only one, and needs no name. ``outlined``: the picture shows where.
    """
    reading = page.readings[index]
    common = set.intersection(*({*other.flags} for other in page.readings))
    flags = tuple(flag for flag in reading.flags if flag not in common)  # the page's head has those
    name = f"Region {index + 1}" + (f", {reading.type}" if reading.type else "")
    label = "Reading" if alone else escape_html(name)
    return (
        f'<div class="reading" id="p{number}r{index}" role="group" aria-label="{label}"'
        f"{_key(reading)}>{_head(reading, index, number, alone, outlined, flags)}"
        f'{_remarks(reading)}<div class="shown" dir="auto" lang=""{_tab_stop(reading)}>'
        f"{reading.shown}</div>{_sources(reading)}</div>"
    )


def _key(reading: Reading) -> str:
    """What a correction of it is kept by, for the script."""
    if reading.key is None:
        return ""
    key = asdict(reading.key)
    line = {name: key[name] for name in ("id", "page", "region", "of", "digest", "source")}
    return f' data-key="{escape_html(json.dumps(line, ensure_ascii=True))}"'


def _tab_stop(reading: Reading) -> str:
    """What may be wider than the page is reached by the keyboard, which scrolls it."""
    may_be_wide = "<table" in reading.shown or 'display="block"' in reading.shown
    return ' tabindex="0" role="group" aria-label="Typeset"' if may_be_wide else ""


def _head(
    reading: Reading, index: int, number: int, alone: bool, outlined: bool, flags: tuple[Flag, ...]
) -> str:
    """Its name, which leads back to its place, its flags and measures, and the way to correct."""
    name = f"<b>{index + 1}</b> {escape_html(reading.type or 'text')}"
    link = f'<a class="place" href="#p{number}b{index}">{name}</a>'
    place = (
        link if reading.box and outlined else "" if alone else f'<span class="place">{name}</span>'
    )
    measures = "".join(
        f'<span class="measure">{word} <b>{value:.2f}</b></span>'
        for word, value in (("confidence", reading.confidence), ("agreement", reading.agreement))
        if value is not None
    )
    correct = '<button type="button" class="correct">Correct</button>' if reading.key else ""
    copy = '<button type="button" class="copy">Copy</button>' if reading.texts else ""
    tools = (
        f'<span class="reading-tools needs-script">{copy}{correct}</span>' if copy + correct else ""
    )
    head = f"{place}{flag_list(flags)}{measures}{tools}"
    return f'<div class="reading-head">{head}</div>' if head else ""


def _remarks(reading: Reading) -> str:
    """Why it failed, what is not known of it, and what only the model says."""
    parts = []
    if reading.error:
        parts.append(f'<p class="error" dir="auto">{escape_html(reading.error)}</p>')
    if reading.note:
        parts.append(f'<p class="note" dir="auto">{escape_html(reading.note)}</p>')
    if reading.only_in_reading:
        found = " ".join(f"<q>{escape_html(text)}</q>" for text in reading.only_in_reading)
        parts.append(f'<p class="only" dir="auto">Only in the reading: {found}</p>')
    return "".join(parts)


def _sources(reading: Reading) -> str:
    """Each text once, though several forms may be the same."""
    by_text: dict[str, list[Form]] = {}
    for form in FORMS:
        if form in reading.texts:
            by_text.setdefault(reading.texts[form], []).append(form)
    # The parser drops a line break that stands first in <pre>.
    return "".join(
        f'<pre class="source {" ".join(f"as-{form}" for form in forms)}" dir="auto" lang="">\n'
        f"{escape_html(text)}</pre>"
        for text, forms in by_text.items()
    )
