"""The HTML of a report: pure functions, values to text, that are written one after another.

``document_head``, then an entry of the list for each page, ``document_middle``, the pages, and
``document_tail``. All that was read is escaped here, but for ``Reading.shown``, which is safe as it
stands. Knows nothing of files, results or documents.
"""

from __future__ import annotations

from got_loaders.report.page.article import render_page
from got_loaders.report.page.data_url import data_url
from got_loaders.report.page.document import (
    document_head,
    document_middle,
    document_tail,
    is_report,
)
from got_loaders.report.page.doubt_rank import doubt_rank
from got_loaders.report.page.entry import render_entry
from got_loaders.report.page.totals import ReportPart, ReportTotals

__all__ = [
    "ReportPart",
    "ReportTotals",
    "data_url",
    "document_head",
    "document_middle",
    "document_tail",
    "doubt_rank",
    "is_report",
    "render_entry",
    "render_page",
]
