"""Pages beside their readings, in one HTML file that opens without a network."""

from __future__ import annotations

from got_loaders.report.write import write_report, write_report_of_records

__all__ = ["write_report", "write_report_of_records"]
