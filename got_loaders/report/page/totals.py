"""What the head of a report says of all its pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from got_loaders.report.values import Flag

__all__ = ["ReportPart", "ReportTotals"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTotals:
    """Counts over a report. ``flags`` are pages by flag; ``doubtful`` those with a doubtful one.

    ``facts`` are shown as they are: the model, when it was read, by which version.
    """

    pages: int
    documents: int
    readings: int = 0
    doubtful: int = 0
    flags: Mapping[Flag, int] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPart:
    """One of the files that a report is split into; ``href`` is relative to the others."""

    label: str
    href: str
    current: bool = False
