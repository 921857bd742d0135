"""Time, bytes and memory of a report of many pages.

    python -m benchmarks.report [--pages 300] [--split N]

Writes a PDF of so many pages of print (some 3,000 characters each, all different, with formulas and
a table), answers for the model with their text, and writes a report of the results as they come.
Prints the seconds a page from the tenth on, the file's bytes a page, and how much memory this
process has after 30 pages, 100, 200, … and when the report is put together. Needs Linux' /proc.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pymupdf

from benchmarks._memory import memory_in_use
from got_loaders import OcrRequest, PageResult, read, write_report
from got_loaders.testing import FakeEngine

WORDS = (
    *("river", "year", "bridge", "report", "water", "house", "closed", "under", "between"),
    *("large", "number", "of", "and", "measured", "value", "shows", "that", "in", "a", "which"),
    *("from", "table", "figure", "the", "result", "method", "sample", "small"),
)
PARAGRAPHS, LENGTH = 8, 60
FIRST = 10
"""Pages after which everything is loaded."""
SHOWN = (30, 100, 200, 300, 500, 1000, 2000)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the numbers; 1 if pages are missing."""
    options = _options(argv)
    with tempfile.TemporaryDirectory() as folder:
        path, report = Path(folder) / "print.pdf", Path(folder) / "report"
        pages = list(_texts(options.pages))
        write_pdf(path, pages)
        print(f"{options.pages} pages, {path.stat().st_size / 1e6:.1f} MB of PDF", flush=True)
        replies = iter(pages)

        def reply(_: OcrRequest) -> str:
            engine.requests.clear()  # and their pictures
            return next(replies)

        engine, meter = FakeEngine(reply), Meter()
        results = read(path, engine=engine, draft=False)
        target = report if options.split else report.with_suffix(".html")
        written = write_report(meter.watch(results), target, split=options.split)
        files = [written] if written == target else [p for p in report.rglob("*") if p.is_file()]
        size = sum(file.stat().st_size for file in files)
    seconds = meter.seconds[-1] - meter.seconds[FIRST]
    print(f"{seconds / (len(meter.seconds) - FIRST - 1):.3f} seconds a page")
    print(f"{size / 1e6:.1f} MB, {size / options.pages / 1e3:.0f} kB a page")
    print(f"at the end {memory_in_use('cpu') / 1e6:.0f} MB")
    return 0 if len(meter.seconds) == options.pages else 1


class Meter:
    """When each page came, and how much memory there was then."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def watch(self, results: Iterator[PageResult]) -> Iterator[PageResult]:
        """Pass them on."""
        for result in results:
            self.seconds.append(time.perf_counter())
            if len(self.seconds) in SHOWN:
                print(f"page {len(self.seconds)}: {memory_in_use('cpu') / 1e6:.0f} MB", flush=True)
            yield result


def write_pdf(path: Path, texts: Sequence[str]) -> None:
    """A page for each text, ten points high."""
    with pymupdf.open() as document:  # type: ignore[no-untyped-call]  # it has no types
        for text in texts:
            page = document.new_page()
            page.insert_textbox((50, 50, 545, 800), text, fontsize=10, fontname="tiro")
        document.save(path)


def _texts(pages: int) -> Iterator[str]:
    rng = random.Random(0)
    for number in range(pages):
        parts = [f"\\section*{{Page {number + 1}}}"]
        for _ in range(PARAGRAPHS):
            words = " ".join(rng.choices(WORDS, k=LENGTH))
            parts.append(f"{words} \\(x_{{{number}}}^2 + \\frac{{a}}{{b}}\\).")
        rows = "\\\\".join(f"{rng.choice(WORDS)} & {rng.randrange(1000)}" for _ in range(6))
        parts.append(f"\\begin{{tabular}}{{|l|r|}}\\hline {rows}\\\\ \\hline\\end{{tabular}}")
        yield "\n\n".join(parts)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.report",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--pages", type=int, default=300, help="at least 12")
    parser.add_argument("--split", type=int, default=None, help="pages of a file; in a folder")
    options = parser.parse_args(argv)
    if options.pages < FIRST + 2:
        parser.error(f"--pages {options.pages}: expected {FIRST + 2} or more")
    return options


if __name__ == "__main__":
    sys.exit(main())
