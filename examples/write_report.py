"""Reads pages and writes a report to look at: each beside its reading, doubtful ones first.

Makes a scan of its own and reads it with the embedded model; on the second page the answer is cut
off, so that there is something to find. Needs no download; writes the scan and report.html into
FOLDER, if it is given:

    python examples/write_report.py [FOLDER]
"""

from __future__ import annotations

from pathlib import Path

from sample_pages import write_scan
from showing import in_folder

from got_loaders import read, write_report


def report(folder: Path) -> None:
    """Work in ``folder``."""
    scan = write_scan(folder / "scan.pdf")
    results = [
        *read(scan, model="tiny", pages="1"),
        *read(scan, model="tiny", pages="2", max_new_tokens=5),
    ]
    written = write_report(results, folder / "report.html", title="Scans of this week")
    for result in results:
        print(result)  # a line: the place, what became of it, how the text begins
    print(f"open {written.name}: {written.stat().st_size // 1000} kB, pages and pictures")


if __name__ == "__main__":
    in_folder(report)
