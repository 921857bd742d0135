"""The order of doubt: which page to look at first."""

from __future__ import annotations

from got_loaders.report.values import FLAGS, ReportPage

__all__ = ["DOUBTFUL", "doubt_rank"]

DOUBTFUL = FLAGS[: FLAGS.index("corrected")]
"""The flags that cast doubt, the heaviest first."""


def doubt_rank(page: ReportPage) -> float:
    """A number that is lower the more doubtful a page is; a page without remark has the highest.

    First its heaviest flag, then the lowest agreement or confidence of its readings.
    """
    flags = page.flags
    heaviest = next((n for n, flag in enumerate(DOUBTFUL) if flag in flags), len(DOUBTFUL))
    numbers = [n for r in page.readings for n in (r.agreement, r.confidence) if n is not None]
    return round(heaviest + min(max(min(numbers, default=1.0), 0.0), 1.0) * 0.999, 4)
