"""LlamaIndex: read every scan of a folder, cut the Documents into nodes, and do it again."""

from __future__ import annotations

import tempfile
from pathlib import Path

from llama_index.core import SimpleDirectoryReader
from llama_index.core.ingestion import DocstoreStrategy, IngestionPipeline
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.schema import MetadataMode
from llama_index.core.storage.docstore import SimpleDocumentStore
from sample_pages import write_image, write_scan

from got_loaders import GotOcrReader


def main() -> None:
    """Read two files; the second run finds their pages in the docstore and makes no nodes."""
    reader = GotOcrReader(model="tiny")
    pipeline = IngestionPipeline(
        transformations=[SentenceSplitter(chunk_size=128, chunk_overlap=0)],
        docstore=SimpleDocumentStore(),
        docstore_strategy=DocstoreStrategy.DUPLICATES_ONLY,
    )
    with tempfile.TemporaryDirectory() as folder:
        write_scan(Path(folder, "report.pdf"))
        write_image(Path(folder, "notice.png"))
        files = SimpleDirectoryReader(folder, file_extractor={".pdf": reader, ".png": reader})
        for _ in range(2):
            nodes = pipeline.run(documents=files.load_data())
            print(len(nodes), "new nodes")
            for node in nodes:
                print("---\n" + node.get_content(MetadataMode.LLM))


if __name__ == "__main__":
    main()
