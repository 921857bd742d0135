"""The head of a report that people see: its totals, and what they can do."""

from __future__ import annotations

from collections.abc import Sequence

from got_loaders.markup import escape_html
from got_loaders.report.page.totals import ReportPart, ReportTotals
from got_loaders.report.page.words import EXPLANATIONS, FLAG_NAMES, FORM_NAMES, FORMS
from got_loaders.report.values import FLAGS

__all__ = ["controls", "filters", "summary"]


def summary(totals: ReportTotals, parts: Sequence[ReportPart]) -> str:
    """One line of totals, the table of flags folded below it, and the other parts."""
    line = [_count(totals.pages, "page"), _count(totals.documents, "document")]
    line.append(f"{totals.doubtful} to look at" if totals.doubtful else "none in doubt")
    return f'<p class="totals">{" · ".join(line)}</p>{_table(totals)}{_parts(parts)}'


def _table(totals: ReportTotals) -> str:
    rows = "".join(
        f'<tr><th scope="row"><span class="flag {flag}">{FLAG_NAMES[flag]}</span></th>'
        f"<td>{totals.flags[flag]}</td><td>{escape_html(EXPLANATIONS[flag])}</td></tr>"
        for flag in FLAGS
        if totals.flags.get(flag)
    )
    facts = "".join(
        f"<div><dt>{escape_html(name)}</dt><dd><bdi>{escape_html(value)}</bdi></dd></div>"
        for name, value in totals.facts.items()
    )
    if not rows and not facts:
        return ""
    name = "What the flags say" if rows else "About this report"
    table = (
        '<table class="flag-table"><thead><tr><th scope="col">Flag</th><th scope="col">Pages</th>'
        f'<th scope="col">What it says</th></tr></thead><tbody>{rows}</tbody></table>'
    )
    return (
        f'<details class="overview"><summary>{name}</summary>'
        f"{table if rows else ''}{f'<dl>{facts}</dl>' if facts else ''}</details>"
    )


def _parts(parts: Sequence[ReportPart]) -> str:
    if not parts:
        return ""
    current = ' aria-current="page"'
    links = "".join(
        f'<li><a href="{escape_html(part.href)}"{current if part.current else ""}>'
        f"{escape_html(part.label)}</a></li>"
        for part in parts
    )
    return f'<nav class="parts" aria-label="Parts of the report"><ul>{links}</ul></nav>'


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def controls(order: str) -> str:
    """What stands above the pages and stays there; not to be seen without the script."""
    orders = "".join(
        f'<label><input type="radio" name="order" value="{value}"'
        f"{' checked' if value == order else ''}><span>{name}</span></label>"
        for value, name in (("doubtful", "Doubtful first"), ("page", "In order"))
    )
    forms = "".join(
        f'<option value="{value}">{name}</option>'
        for value, name in (("shown", "Reading"), *((form, FORM_NAMES[form]) for form in FORMS))
    )
    return (
        f'<div class="bar needs-script" role="region" aria-label="Controls">{_SEARCH}'
        f'<fieldset class="segments"><legend class="unseen">Order of the pages</legend>{orders}'
        '</fieldset><label class="all-as"><span class="more">Show as </span>'
        f'<select id="form-of-all" aria-label="Show all pages as">'
        f"{forms}</select></label>{_CORRECTIONS}"
        '<div class="last"><button type="button" id="theme">Theme: auto</button>'
        '<button type="button" id="open-help" aria-keyshortcuts="?">Help</button></div></div>'
        f'<p id="message" role="status"></p>{_HELP}'
    )


def filters(totals: ReportTotals) -> str:
    """A button for each flag that there is, to see its pages alone; empty without any."""
    buttons = "".join(
        f'<button type="button" aria-pressed="false" data-flag="{flag}"'
        f' title="{escape_html(EXPLANATIONS[flag])}"><i class="mark {flag}"></i>'
        f"{FLAG_NAMES[flag]} <b>{totals.flags[flag]}</b></button>"
        for flag in FLAGS
        if totals.flags.get(flag)
    )
    if not buttons:
        return ""
    return (
        '<div class="filters needs-script" role="group" aria-label="Show only pages that are">'
        f"{buttons}</div>"
    )


_SEARCH = (
    '<div class="search" role="search"><input type="search" id="search" placeholder="Search"'
    ' aria-label="Search in the readings" aria-keyshortcuts="/" autocomplete="off"'
    ' spellcheck="false"><output id="hits" for="search"></output>'
    '<button type="button" id="previous-hit" aria-label="Previous match" disabled>↑</button>'
    '<button type="button" id="next-hit" aria-label="Next match" disabled>↓</button></div>'
)
_CORRECTIONS = (
    '<div class="corrections" role="group" aria-label="Corrections">'
    '<button type="button" id="export" disabled>Export<span class="more"> corrections</span>'
    ' <b id="corrected">0</b></button>'
    '<button type="button" id="import">Import</button>'
    '<input type="file" id="import-file" accept=".jsonl,.json,.ndjson" aria-label="Corrections'
    ' to import" hidden></div>'
)
_KEYS = (
    ("j", "n", "next page"),
    ("k", "p", "page before"),
    ("/", "", "search"),
    ("Enter", "Shift Enter", "next match, match before"),
    ("Esc", "", "end the search, close this"),
    ("?", "", "this help"),
)
_HELP = (
    '<dialog id="help" aria-labelledby="help-name"><h2 id="help-name">Help</h2>'
    "<p>Point at a region in the picture to see its text, or at the text to see the region. "
    "A click goes there; the number above a text goes back.</p><table><tbody>"
    + "".join(
        f'<tr><th scope="row"><kbd>{key}</kbd>{f" <kbd>{other}</kbd>" if other else ""}</th>'
        f"<td>{meaning}</td></tr>"
        for key, other, meaning in _KEYS
    )
    + '</tbody></table><p><label><input type="checkbox" id="keys" checked> Single keys do this'
    "</label></p><p>Corrections stay in this browser until you export them. The file goes to "
    "<code>got-loaders read --corrections</code>, which puts them in the place of the readings."
    '</p><p><button type="button" id="close-help">Close</button></p></dialog>'
)
