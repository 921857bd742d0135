"""LangChain: load a scan, look at its Documents, index them, and index them again."""

from __future__ import annotations

import tempfile
from pathlib import Path

from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.indexing import InMemoryRecordManager, index
from langchain_core.vectorstores import InMemoryVectorStore
from sample_pages import write_scan

from got_loaders import GotOcrLoader


def main() -> None:
    """Read three pages; the second time nothing has changed, so nothing is embedded again."""
    with tempfile.TemporaryDirectory() as folder:
        loader = GotOcrLoader(write_scan(Path(folder, "report.pdf")), model="tiny")
        for document in loader.lazy_load():
            print(f"--- page {document.metadata['page_label']}: {document.id}")
            print(document.page_content)

        store = InMemoryVectorStore(DeterministicFakeEmbedding(size=8))  # put your own here
        records = InMemoryRecordManager("scans")
        records.create_schema()
        for _ in range(2):
            print(index(loader, records, store, source_id_key="source", key_encoder="sha256"))


if __name__ == "__main__":
    main()
