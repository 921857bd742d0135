"""How soon a report can be looked at in Chromium, and how it scrolls.

    python -m benchmarks.report_in_browser [FILE] [--pages 300] [--runs 3]

Opens a report in headless Chromium (chromium, chromium-browser or google-chrome) with no network;
without FILE, one of so many pages of print, which it writes first. Prints for each run the seconds
until something is painted, until all controls work, for a jump to the middle, for turning the order
round, for a search that finds a word on each page, and what moved meanwhile (layout shift: 0).
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.report import write_pdf
from got_loaders import OcrRequest, read, write_report
from got_loaders.testing import FakeEngine

SENTENCE = "The river was high in May, and the old bridge stayed closed until June. "
WATCH = """window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });"""
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0].startTime / 1000"
DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def main(argv: Sequence[str] | None = None) -> int:
    """Print the numbers; 2 if there is no browser."""
    options = _parser().parse_args(argv)
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = next(filter(None, map(shutil.which, names)), None)
    if chromium is None:
        print(f"none of {', '.join(names)} is installed", file=sys.stderr)
        return 2
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        report = options.file or write_sample(folder, options.pages)
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        print(f"Chromium {browser.version}, {report.stat().st_size / 1e6:.1f} MB")
        for _ in range(options.runs):
            print(look(browser, report.resolve()), flush=True)
        browser.close()
    return 0


def write_sample(folder: Path, pages: int) -> Path:
    """A report of pages of print, each of some 3,000 characters."""
    texts = [f"\\section*{{Page {n + 1}}}\n\n" + 8 * f"{5 * SENTENCE}\n\n" for n in range(pages)]
    write_pdf(folder / "print.pdf", texts)
    replies = iter(texts)

    def reply(_: OcrRequest) -> str:
        engine.requests.clear()  # and their pictures
        return next(replies)

    engine = FakeEngine(reply)
    results = read(folder / "print.pdf", engine=engine, draft=False)
    return write_report(results, folder / "report.html")


def look(browser: Browser, report: Path) -> str:
    """One line of numbers."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, offline=True)
    page.add_init_script(WATCH)
    start = time.perf_counter()
    page.goto(report.as_uri())
    page.wait_for_selector("html[data-ready]")
    ready = time.perf_counter() - start
    painted: float = page.evaluate(PAINTED)
    jump = _seconds(page, "scrollTo(0, document.body.scrollHeight / 2)")
    order = _seconds(page, "document.querySelector('[name=order]:not(:checked)').click()")
    start = time.perf_counter()
    page.fill("#search", "the")
    page.wait_for_selector("#hits:not(:empty)")
    search = time.perf_counter() - start
    shift: float = page.evaluate("window.shift")
    page.close()
    return (
        f"painted {painted:.2f}  ready {ready:.2f}  jump {jump:.2f}  order {order:.2f}"
        f"  search {search:.2f}  shift {shift:.4f}"
    )


def _seconds(page: Page, action: str) -> float:
    start = time.perf_counter()
    page.evaluate(action)
    page.evaluate(DRAWN)
    return time.perf_counter() - start


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.report_in_browser",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, nargs="?", help="a report; default: one is written")
    parser.add_argument("--pages", type=int, default=300, help="of the one that is written")
    parser.add_argument("--runs", type=int, default=3)
    return parser


if __name__ == "__main__":
    sys.exit(main())
