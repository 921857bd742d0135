"""A report as it looks in Chromium, where that is installed; and correcting a page in it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from docs.drawing.browser import find_chromium, screenshot
from docs.drawing.pages import write_columns
from got_loaders import read, write_report

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))

from sample_pages import write_scan

__all__ = ["pictures"]

_CORRECTED = "# Annual Report\n\nThe river was high in May  \nand the old bridge is closed."


def pictures() -> dict[str, bytes]:
    """Name → content; empty without a browser."""
    chromium = find_chromium("report.png", "correcting.png")
    if chromium is None:
        return {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scans = [write_columns(folder / "columns.pdf"), write_scan(folder / "annual.pdf")]
        results = read(scans, model="tiny", regions="auto", on_error="keep")
        report = write_report(results, folder / "report.html", title="Two scans", order="page")
        results = read(scans[1], model="tiny", pages="1")
        one = write_report(results, folder / "one.html", title="A scan", order="page")
        return {
            "report.png": screenshot(chromium, report, (1180, 760), _point_at_region),
            "correcting.png": screenshot(chromium, one, (1180, 560), _correct),
        }


def _point_at_region(page: Page) -> None:
    page.wait_for_selector("html[data-ready]")
    page.hover("#p1b2")


def _correct(page: Page) -> None:
    page.wait_for_selector("html[data-ready]")
    page.get_by_role("button", name="Correct").first.click()
    page.locator("textarea").first.fill(_CORRECTED)
