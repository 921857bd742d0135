"""A page is put right by a person, once: every later read, and the index, has what they wrote.

Makes a scan, reads it with the embedded model into an index, writes a report to look at and a
correction as the report would export it, and indexes again: that page is replaced, and no other.
Then the page itself changes: the correction is left out, and the log says so. Needs no download;
writes all of it into FOLDER, if it is given:

    python examples/correct_a_page.py [FOLDER]
"""

from __future__ import annotations

import logging
from pathlib import Path

from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.indexing import InMemoryRecordManager, index
from langchain_core.vectorstores import InMemoryVectorStore
from sample_pages import REPORT, write_scan
from showing import in_folder

from got_loaders import GotOcrLoader, read, save_corrections, write_report


def correct(folder: Path) -> None:
    """Work in ``folder``."""
    scan = write_scan(folder / "report.pdf")
    store = InMemoryVectorStore(DeterministicFakeEmbedding(size=8))  # put your own here
    records = InMemoryRecordManager("scans")
    records.create_schema()

    def run(loader: GotOcrLoader) -> None:
        done = index(
            loader,
            records,
            store,
            cleanup="incremental",
            source_id_key="source",
            key_encoder="sha256",
        )
        print(done)

    cache = folder / "kept"  # so that no page is read twice
    run(GotOcrLoader(scan, model="tiny", cache=cache))

    results = list(read(scan, model="tiny", cache=cache))
    write_report(results, folder / "report.html")  # edit there, and export; or in code:
    right = results[0].markdown.replace("555-0142", "555-0199 (written beside it by hand)")
    save_corrections(folder / "corrections.jsonl", [results[0].correction(right)])

    loader = GotOcrLoader(scan, model="tiny", cache=cache, corrections=folder / "corrections.jsonl")
    run(loader)
    first = loader.load()[0]
    print(first.metadata["ocr_origin"], "-", first.page_content.splitlines()[-1])

    write_scan(scan, (REPORT[1], *REPORT[1:]))  # another first page
    first = loader.load()[0]
    print(first.metadata["ocr_origin"], "-", first.metadata["page_warnings"])


if __name__ == "__main__":
    logging.basicConfig(format="%(levelname)s %(message)s")
    in_folder(correct)
