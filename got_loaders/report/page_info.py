"""What is known of a page before anything is said of its readings."""

from __future__ import annotations

import os

from got_loaders._characters import clean_text
from got_loaders.errors import printable
from got_loaders.report.values import ReportPage
from got_loaders.types import DOCUMENT_KEYS, PageInfo

__all__ = ["page_of"]


def page_of(info: PageInfo) -> ReportPage:
    """The page, still without readings."""
    return ReportPage(
        source=printable(info.source),
        name=_name(info),
        readings=(),
        number=info.number,
        last_number=info.last_number,
        label=info.label,
        total=info.total,
        width=info.width,
        height=info.height,
        unit=info.unit,
        title=clean_text(info.document.get("title") or ""),
        facts=_facts(info),
    )


def _name(info: PageInfo) -> str:
    """What the file is called."""
    source = info.source.rstrip("/\\")
    return printable(info.file_name or os.path.basename(source) or info.source)  # noqa: PTH119


def _facts(info: PageInfo) -> dict[str, str]:
    """What the document tells of itself, and the size of its page."""
    facts: dict[str, str] = {}
    if info.width and info.height:
        facts["size"] = f"{info.width:g} × {info.height:g} {info.unit}"
    told = {key: clean_text(info.document.get(key) or "") for key in DOCUMENT_KEYS}
    return facts | {key: text for key, text in told.items() if text}
