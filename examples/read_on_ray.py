"""Reads a folder on a Ray cluster, here one of two workers on this machine, into Parquet.

A second run finds nothing left to read. On a real cluster the folder is a bucket, ``ray.init()``
finds the cluster, and ``engines`` is its number of GPUs.
"""

from __future__ import annotations

import logging
import sys
import tempfile
from pathlib import Path

import ray
import ray.data
from langchain_core.documents import Document
from sample_pages import NOTICE, REPORT, write_scan

from got_loaders.ray import read_dataset, to_langchain


def main(folder: Path) -> None:
    """Draw two scans, read them, and show the rows as Documents."""
    scans, rows = folder / "scans", folder / "rows"
    scans.mkdir(parents=True, exist_ok=True)
    write_scan(scans / "report.pdf", REPORT)
    write_scan(scans / "notice.pdf", (NOTICE,))
    ray.init("local", num_cpus=2, include_dashboard=False, logging_level=logging.ERROR)
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    ray.data.DataContext.get_current().enable_progress_bars = False
    try:
        for run in ("first", "second"):
            dataset = read_dataset(scans, model="tiny", resume_from=str(rows)).materialize()
            print(f"{run} run: {dataset.count()} pages read")
            if run == "first":
                dataset.write_parquet(str(rows))
    finally:
        ray.shutdown()
    for document in sorted(to_langchain(rows), key=place):
        source, page = place(document)
        print(
            f"{Path(source).name}, page {page + 1}: {' '.join(document.page_content.split()[:3])}"
        )


def place(document: Document) -> tuple[str, int]:
    """Rows come in any order; this one is that of the pages."""
    return document.metadata["source"], document.metadata["page"]


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp()))
