"""Reads pages without a framework: prints their Markdown, and draws where it stood.

Makes a scan of its own and reads it region by region with the embedded model. Needs no download;
writes the scan and a picture of each page, with a frame around each region, into FOLDER, if it is
given:

    python examples/look_at_pages.py [FOLDER]
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from sample_pages import write_scan
from showing import in_folder

from got_loaders import draw_location, read


def look(folder: Path) -> None:
    """Work in ``folder``."""
    scan = write_scan(folder / "report.pdf")
    results = read(scan, model="tiny", regions="auto")
    for number, page in groupby(results, key=lambda result: result.info.number or 0):
        regions = list(page)
        for result in regions:
            print(result)  # a line: the place, what became of it, how the text begins
        print("\n\n".join(result.markdown for result in regions))
        picture = draw_location(regions)  # of one of them alone: regions[0].draw()
        picture.save(folder / f"page{number + 1}.png")
        print(f"drawn: {picture.width} x {picture.height} pixels\n")


if __name__ == "__main__":
    in_folder(look)
