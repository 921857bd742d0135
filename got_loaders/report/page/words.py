"""What the report calls things, and HTML of a few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from got_loaders.markup import escape_html
from got_loaders.report.values import Flag, Form, ReportPage

__all__ = ["EXPLANATIONS", "FLAG_NAMES", "FORMS", "FORM_NAMES", "flag_list", "page_title"]

FLAG_NAMES: Mapping[Flag, str] = {
    "failed": "failed",
    "looped": "looped",
    "cut": "cut off",
    "disagrees": "disagrees",
    "low_confidence": "unsure",
    "warning": "warning",
    "blank": "blank",
    "corrected": "corrected",
    "own_text": "own text",
    "retried": "read again",
}
EXPLANATIONS: Mapping[Flag, str] = {
    "failed": "It could not be read; the page says why.",
    "looped": "The model went in circles: what stood below is missing.",
    "cut": "The model ran out of tokens: the end is missing.",
    "disagrees": "The words that the file brings along say something else.",
    "low_confidence": "The model was less sure of its words than on most pages.",
    "warning": "Something of the page was not there to be read.",
    "blank": "There is nothing on it, or nothing that was wanted.",
    "corrected": "Somebody has corrected it.",
    "own_text": "The text is the file’s own, not read by the model.",
    "retried": "The first reading went in circles; this is the second.",
}
FORMS: tuple[Form, ...] = get_args(Form)
FORM_NAMES: Mapping[Form, str] = {
    "markdown": "Markdown",
    "html": "HTML",
    "latex": "LaTeX",
    "text": "Text",
    "raw": "As written",
}


def page_title(page: ReportPage) -> str:
    """Which page it is, in words: ``page 3 of 12``; empty where it is all of a file."""
    if page.number is None:
        return ""
    last = page.number if page.last_number is None else page.last_number
    many = last > page.number
    words = f"pages {page.number + 1}–{last + 1}" if many else f"page {page.number + 1}"
    total = f" of {page.total}" if page.total else ""
    label = f" ({page.label})" if page.label and page.label != str(page.number + 1) else ""
    return words + total + label


def flag_list(flags: tuple[Flag, ...]) -> str:
    """Flags as a list, each explained to whoever points at it; empty without any."""
    if not flags:
        return ""
    items = "".join(
        f'<li class="flag {flag}" title="{escape_html(EXPLANATIONS[flag])}">{FLAG_NAMES[flag]}</li>'
        for flag in flags
    )
    return f'<ul class="flags" aria-label="Flags">{items}</ul>'
