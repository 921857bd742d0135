"""Indexing again adds nothing; a changed page replaces one page; a removed file goes.

With LangChain's ``index`` and LlamaIndex's ingestion pipeline, and a real vector store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

pytest.importorskip("qdrant_client")

from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.indexing import InMemoryRecordManager, aindex, index
from langchain_qdrant import QdrantVectorStore
from llama_index.core import MockEmbedding
from llama_index.core.ingestion import DocstoreStrategy, IngestionPipeline
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.readers.base import ReaderConfig
from llama_index.core.schema import MetadataMode
from llama_index.core.storage.docstore import SimpleDocumentStore
from llama_index.core.vector_stores import VectorStoreQuery
from llama_index.vector_stores.qdrant import QdrantVectorStore as LlamaQdrant
from qdrant_client import QdrantClient
from qdrant_client.models import Distance, VectorParams

from got_loaders import GotOcrLoader, GotOcrReader, locate, read
from tests.integrations.contracts.making import scan, widths

pytestmark = pytest.mark.filterwarnings(
    "ignore:Payload indexes have no effect:UserWarning",
    "ignore:Using SHA-1:UserWarning",  # LangChain's only encoder that makes UUIDs
)

WORDS = [f"word {number}" for number in range(20)]
CHANGED = [*WORDS[:7], "another", *WORDS[8:]]
MAY, JUNE = "D:20260501120000Z", "D:20260601120000Z"


def in_memory() -> QdrantVectorStore:
    """An empty store."""
    client = QdrantClient(":memory:")
    client.create_collection("pages", VectorParams(size=4, distance=Distance.COSINE))
    return QdrantVectorStore(client, "pages", DeterministicFakeEmbedding(size=4))


class Indexed:
    """A folder, indexed by LangChain again and again."""

    def __init__(
        self, folder: Path, cleanup: Literal["full", "incremental"], **options: Any
    ) -> None:
        self.engine = widths()
        self.store = in_memory()
        self.options = options
        self.folder = folder
        self.cleanup: Any = cleanup
        self.records = InMemoryRecordManager("scans")
        self.records.create_schema()

    def run(self, *, later: bool = False) -> dict[str, int]:
        """What one more run did."""
        loader = GotOcrLoader(self.folder, engine=self.engine, **self.options)
        how: Any = {"cleanup": self.cleanup, "source_id_key": "source", "key_encoder": "sha1"}
        if later:
            done = asyncio.run(aindex(loader, self.records, self.store, **how))
        else:
            done = index(loader, self.records, self.store, **how)
        return {key.removeprefix("num_"): value for key, value in done.items()}  # type: ignore[misc]  # counts

    @property
    def vectors(self) -> int:
        """How many the store holds."""
        return self.store.client.count("pages").count


def counts(added: int, skipped: int, deleted: int) -> dict[str, int]:
    """What a run is expected to have done."""
    return {"added": added, "updated": 0, "skipped": skipped, "deleted": deleted}


@pytest.mark.parametrize("mode", ["page", "single", "region"])
@pytest.mark.parametrize("later", [False, True], ids=["sync", "async"])
def test_langchain_indexing_again_adds_nothing(tmp_path: Path, mode: Any, later: bool) -> None:
    """Nothing is updated or deleted, and with ``cache=`` no page is read."""
    folder = tmp_path / "scans"
    folder.mkdir()
    scan(folder / "a.pdf", *WORDS[:5])
    indexed = Indexed(folder, "full", mode=mode, cache=tmp_path / "kept")
    first = indexed.run(later=later)
    read, vectors = len(indexed.engine.requests), indexed.vectors
    assert first == counts(vectors, 0, 0)
    assert indexed.run(later=later) == counts(0, vectors, 0)
    assert (len(indexed.engine.requests), indexed.vectors) == (read, vectors)


@pytest.mark.parametrize("cleanup", ["full", "incremental"])
def test_langchain_replaces_the_changed_page_alone(
    tmp_path: Path, cleanup: Literal["full", "incremental"]
) -> None:
    """One page of twenty was changed, and the file was saved anew, with another date in it."""
    scan(tmp_path / "a.pdf", *WORDS, moddate=MAY)
    scan(tmp_path / "b.pdf", *WORDS[:3])
    indexed = Indexed(tmp_path, cleanup)
    assert indexed.run() == counts(23, 0, 0)
    scan(tmp_path / "a.pdf", *CHANGED, moddate=JUNE)
    assert indexed.run() == counts(1, 22, 1)
    assert indexed.vectors == 23


def test_langchain_replaces_the_corrected_page_alone(tmp_path: Path) -> None:
    """And again where the correction is taken back; without it nothing is done."""
    path = scan(tmp_path / "a.pdf", *WORDS[:5])
    indexed = Indexed(tmp_path, "incremental")
    indexed.run()
    (wrong,) = read(path, engine=widths(), pages="3")
    indexed.options["corrections"] = [wrong.correction("# Right")]
    assert indexed.run() == counts(1, 4, 1)
    assert indexed.run() == counts(0, 5, 0)
    (found, *_) = indexed.store.similarity_search("# Right", k=1)
    assert (found.page_content, found.metadata["page"]) == ("# Right", 2)
    assert [(place.page, place.page_last) for place in locate(found)] == [(2, None)]
    del indexed.options["corrections"]
    assert indexed.run() == counts(1, 4, 1)


def test_langchain_reads_only_the_changed_page(tmp_path: Path) -> None:
    """With ``cache=`` the model sees one page of twenty."""
    folder = tmp_path / "scans"
    folder.mkdir()
    scan(folder / "a.pdf", *WORDS)
    indexed = Indexed(folder, "full", cache=tmp_path / "kept")
    indexed.run()
    scan(folder / "a.pdf", *CHANGED, moddate=JUNE)
    indexed.run()
    assert len(indexed.engine.requests) == 21


def test_langchain_forgets_what_is_gone(tmp_path: Path) -> None:
    """A removed file's pages, with ``cleanup="full"``; the pages that a file lost."""
    scan(tmp_path / "a.pdf", *WORDS[:4])
    scan(tmp_path / "b.pdf", *WORDS[:2])
    indexed = Indexed(tmp_path, "full", omit_metadata=("moddate", "total_pages"))
    assert indexed.run() == counts(6, 0, 0)
    (tmp_path / "b.pdf").unlink()
    assert indexed.run() == counts(0, 4, 2)
    scan(tmp_path / "a.pdf", *WORDS[:3])
    assert indexed.run() == counts(0, 3, 1)
    assert indexed.vectors == 3


def test_a_page_that_is_added_at_the_end_is_one_page(tmp_path: Path) -> None:
    """Where ``total_pages``, which stands in each page's metadata, is left out."""
    scan(tmp_path / "a.pdf", *WORDS[:4])
    indexed = Indexed(tmp_path, "full", omit_metadata=("moddate", "total_pages"))
    indexed.run()
    scan(tmp_path / "a.pdf", *WORDS[:5])
    assert indexed.run() == counts(1, 4, 0)


def test_metadata_comes_back_from_the_store_as_it_went_in(tmp_path: Path) -> None:
    """Without a filter for complex values, for there are none."""
    loader = GotOcrLoader(scan(tmp_path / "a.pdf", "one"), engine=widths(), mode="region")
    (document,) = loader.load()
    store = in_memory()
    store.add_documents([document])
    (found,) = store.similarity_search("one", k=1)
    internal = {"_id", "_collection_name"}
    assert {k: v for k, v in found.metadata.items() if k not in internal} == document.metadata
    assert found.page_content == document.page_content


class Ingested:
    """A folder, ingested by a LlamaIndex pipeline again and again."""

    def __init__(
        self, folder: Path, strategy: DocstoreStrategy, *, split: bool = True, **options: Any
    ) -> None:
        self.engine = widths()
        self.folder = folder
        self.options = options
        self.client = QdrantClient(":memory:")
        splitter = [SentenceSplitter(chunk_size=256, chunk_overlap=0)] if split else []
        self.pipeline = IngestionPipeline(
            transformations=[*splitter, MockEmbedding(embed_dim=4)],
            docstore=SimpleDocumentStore(),
            docstore_strategy=strategy,
            vector_store=LlamaQdrant("pages", client=self.client),
        )

    def run(self) -> list[str]:
        """The ids of the Documents that one more run replaced or added."""
        reader = GotOcrReader(engine=self.engine, **self.options)
        nodes = self.pipeline.run(documents=reader.load_data(self.folder))
        return [node.ref_doc_id or node.node_id for node in nodes]

    def vectors(self) -> Iterator[dict[str, Any]]:
        """What the store holds."""
        points, _ = self.client.scroll("pages", limit=1000)
        yield from (point.payload or {} for point in points)


UPSERTS, UPSERTS_AND_DELETE = DocstoreStrategy.UPSERTS, DocstoreStrategy.UPSERTS_AND_DELETE
BOTH = pytest.mark.parametrize("strategy", [UPSERTS, UPSERTS_AND_DELETE])


@BOTH
@pytest.mark.parametrize(("mode", "split"), [("page", True), ("single", True), ("region", False)])
def test_llama_index_ingesting_again_adds_nothing(
    tmp_path: Path, strategy: DocstoreStrategy, mode: Any, split: bool
) -> None:
    """No node, the same vectors, and with ``cache=`` no page is read."""
    folder = tmp_path / "scans"
    folder.mkdir()
    scan(folder / "a.pdf", *WORDS[:5])
    ingested = Ingested(folder, strategy, split=split, mode=mode, cache=tmp_path / "kept")
    assert ingested.run()
    read, vectors = len(ingested.engine.requests), len(list(ingested.vectors()))
    assert ingested.run() == []
    assert (len(ingested.engine.requests), len(list(ingested.vectors()))) == (read, vectors)


@pytest.mark.parametrize(
    ("strategy", "split"),
    [(UPSERTS, False), (UPSERTS_AND_DELETE, False), (UPSERTS_AND_DELETE, True)],
)
def test_llama_index_replaces_the_changed_page_alone(
    tmp_path: Path, strategy: DocstoreStrategy, split: bool
) -> None:
    """Under the id that it had; the other nineteen stay, though the file was saved anew."""
    path = scan(tmp_path / "a.pdf", *WORDS, moddate=MAY)
    ingested = Ingested(tmp_path, strategy, split=split)
    ids = ingested.run()
    assert len(set(ids)) == 20
    scan(path, *CHANGED, moddate=JUNE)
    assert ingested.run() == [ids[7]]
    assert len(list(ingested.vectors())) == 20
    texts = {payload["page"]: payload["_node_content"] for payload in ingested.vectors()}
    assert len(texts) == 20


def test_llama_index_replaces_the_corrected_page_alone(tmp_path: Path) -> None:
    """Under the id that it had."""
    path = scan(tmp_path / "a.pdf", *WORDS[:5])
    ingested = Ingested(tmp_path, UPSERTS_AND_DELETE, split=False)
    ids = ingested.run()
    (wrong,) = read(path, engine=widths(), pages="3")
    ingested.options["corrections"] = [wrong.correction("# Right")]
    assert ingested.run() == [ids[2]]
    assert ingested.run() == []
    assert len(list(ingested.vectors())) == 5


def test_llama_index_forgets_a_removed_file(tmp_path: Path) -> None:
    """Its pages leave docstore and vector store."""
    scan(tmp_path / "a.pdf", *WORDS[:4])
    scan(tmp_path / "b.pdf", *WORDS[:2])
    ingested = Ingested(tmp_path, UPSERTS_AND_DELETE)
    assert len(ingested.run()) == 6
    (tmp_path / "b.pdf").unlink()
    assert ingested.run() == []
    assert {payload["file_name"] for payload in ingested.vectors()} == {"a.pdf"}
    assert len(list(ingested.vectors())) == 4


@pytest.mark.parametrize("split", [True, False], ids=["split", "whole"])
def test_blank_pages_come_back_from_a_llama_index_store(tmp_path: Path, split: bool) -> None:
    """A query that finds a Document without text gives it like any other."""
    scan(tmp_path / "a.pdf", "one", "", "three")
    ingested = Ingested(tmp_path, UPSERTS, split=split)
    ingested.run()
    store = ingested.pipeline.vector_store
    assert isinstance(store, LlamaQdrant)
    query = VectorStoreQuery(query_embedding=[0.5] * 4, similarity_top_k=9)
    found = store.query(query).nodes or []
    assert {node.metadata["page"]: bool(node.get_content()) for node in found} == {
        0: True,
        1: False,
        2: True,
    }


def test_a_pipeline_s_own_reader_works_twice(tmp_path: Path) -> None:
    """As ``readers=``: the second run finds nothing to do."""
    path = scan(tmp_path / "a.pdf", *WORDS[:3])
    reader = ReaderConfig(reader=GotOcrReader(engine=widths()), reader_args=[str(path)])
    pipeline = IngestionPipeline(
        readers=[reader],
        transformations=[SentenceSplitter(), MockEmbedding(embed_dim=4)],
        docstore=SimpleDocumentStore(),
        vector_store=LlamaQdrant("pages", client=QdrantClient(":memory:")),
    )
    assert [len(pipeline.run()) for _ in range(2)] == [3, 0]


def test_metadata_survives_the_store_and_a_small_splitter(tmp_path: Path) -> None:
    """It comes back as it went in, and leaves a chunk of 256 tokens its room."""
    scan(tmp_path / "a.pdf", "one", moddate=MAY)
    ingested = Ingested(tmp_path, UPSERTS, mode="region", omit_metadata=())
    ingested.run()
    (payload,) = ingested.vectors()
    (document,) = GotOcrReader(engine=widths(), mode="region", omit_metadata=()).load_data(tmp_path)
    assert {key: payload[key] for key in document.metadata} == document.metadata
    embedded = document.get_content(metadata_mode=MetadataMode.EMBED)
    assert embedded.count("\n") <= document.text.count("\n") + 2


def test_changed_metadata_is_seen(tmp_path: Path) -> None:
    """A test that can fail: with ``omit_metadata=()`` a save touches every page."""
    path = scan(tmp_path / "a.pdf", *WORDS[:4], moddate=MAY)
    indexed = Indexed(tmp_path, "full", omit_metadata=())
    indexed.run()
    scan(path, *WORDS[:4], moddate=JUNE)
    assert indexed.run() == counts(4, 0, 4)
    assert isinstance(GotOcrLoader(path, engine=widths()).load()[0], Document)
