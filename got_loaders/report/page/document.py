"""What stands before, between and after the pages of a report."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Literal

from got_loaders.markup import escape_html
from got_loaders.report.page.controls import controls, filters, summary
from got_loaders.report.page.totals import ReportPart, ReportTotals

__all__ = ["document_head", "document_middle", "document_tail", "is_report"]

_SCRIPTS = ("pages.js", "search.js", "corrections.js", "report.js")
"""In ``assets/``; the last starts what the others define."""

_GENERATOR = '<meta name="generator" content="got-loaders report">'
"""By which a file is known again as one that may be replaced."""


def document_head(
    title: str,
    totals: ReportTotals,
    *,
    order: Literal["doubtful", "page"] = "doubtful",
    parts: Sequence[ReportPart] = (),
    pictures_beside: bool = False,
    is_index: bool = False,
) -> str:
    """All up to the first entry of the list, with the style and the script inside.

    ``order`` is the one in which entries and pages are written. ``parts`` are the files that the
    report is split into. ``pictures_beside``: pictures are files beside it, not inside.
    ``is_index``: it lists the pages of other files, and has none.
    """
    kind = ' class="index"' if is_index else ""
    style, script = _style(), _script()
    name = escape_html(title)
    return (
        f'<!doctype html>\n<html lang="en"{kind}><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(pictures_beside)}">\n'
        f"{_GENERATOR}\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="referrer" content="no-referrer"><link rel="icon" href="data:,">\n'
        f"<title>{name}</title>\n<style>{style}</style>\n<script>{script}</script></head>\n"
        '<body><a class="skip" href="#pages">To the pages</a>\n'
        f'<header class="top"><h1 dir="auto">{name}</h1>{summary(totals, parts)}</header>\n'
        f'{controls(order)}<div class="columns"><nav class="side" aria-label="Pages">'
        f'{filters(totals)}<div class="list"><ol id="list">\n'
    )


def is_report(beginning: bytes) -> bool:
    """Whether a file that begins so was written by :func:`document_head`."""
    return _GENERATOR.encode() in beginning


def document_middle() -> str:
    """What stands between the list's last entry and the first page."""
    return '</ol></div></nav><main id="pages" tabindex="-1">'


def document_tail() -> str:
    """The end of the file."""
    return "</main></div></body></html>\n"


def _policy(pictures_beside: bool) -> str:
    """Nothing but what is inside: the one style, the one script, pictures as data.

    Attributes may style, for MathML needs it; nothing that was read is ever put into one.
    """
    pictures = "data: blob: 'self' file:" if pictures_beside else "data: blob:"
    return (
        f"default-src 'none'; img-src {pictures}; style-src-elem '{_digest(_style())}'; "
        f"style-src-attr 'unsafe-inline'; script-src '{_digest(_script())}'; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def _style() -> str:
    return _asset("report.css")


@cache
def _script() -> str:
    """All scripts as one, which leaves no name behind."""
    return f'(() => {{\n"use strict";\n{"".join(map(_asset, _SCRIPTS))}}})();\n'


def _asset(name: str) -> str:
    return (resources.files("got_loaders.report") / "assets" / name).read_text(encoding="utf-8")


def _digest(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
