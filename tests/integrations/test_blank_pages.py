"""Blank pages in both frameworks: kept, left out, and never a chunk of nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("llama_index.core")

from llama_index.core import MockEmbedding
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.schema import Document, MediaResource

from got_loaders import GotOcrLoader, GotOcrReader, GotOcrToolkit, GotOcrTransform
from got_loaders.testing import FakeEngine
from tests.integrations.contracts.making import scan


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A PDF of three pages, of which the second is blank."""
    return scan(tmp_path / "a.pdf", "one", "", "three")


async def test_documents_of_blank_pages_can_be_left_out(path: Path) -> None:
    """The others keep their ids and metadata; nothing empty is embedded."""
    engine = FakeEngine("x")
    loader, reader = GotOcrLoader(path, engine=engine), GotOcrReader(engine=engine)
    all_three = loader.load()
    assert [document.page_content for document in all_three] == ["x", "", "x"]
    assert len(reader.load_data(path)) == 3
    kept = GotOcrLoader(path, engine=engine, drop_blank=True)
    assert kept.load() == await kept.aload() == [all_three[0], all_three[2]]
    dropping = GotOcrReader(engine=engine, drop_blank=True)
    documents = await dropping.aload_data(path)
    assert [document.id_ for document in documents] == [all_three[0].id, all_three[2].id]
    chunks = [SentenceSplitter(chunk_size=99, chunk_overlap=0), MockEmbedding(embed_dim=2)]
    nodes = IngestionPipeline(transformations=chunks).run(documents=documents)
    assert all(node.get_content().strip() for node in nodes)


async def test_a_transform_makes_no_nodes_of_nothing(path: Path) -> None:
    """Its nodes are embedded as they are; who wants them all says so."""
    image, engine = Document(image_resource=MediaResource(path=path), id_="i"), FakeEngine("x")
    transform = GotOcrTransform(engine=engine)
    nodes = transform([image])
    assert [node.metadata["page"] for node in nodes] == [0, 2]
    assert [node.id_ for node in await transform.acall([image])] == [node.id_ for node in nodes]
    kept = GotOcrTransform(engine=engine, drop_blank=False)([image])
    assert [node.metadata["page"] for node in kept] == [0, 1, 2]
    assert [kept[0].id_, kept[2].id_] == [node.id_ for node in nodes]


def test_agents_are_told_of_blank_pages_all_the_same(path: Path) -> None:
    """What they asked for is never missing without a word."""
    toolkit = GotOcrToolkit(root=path.parent, engine=FakeEngine("x"), drop_blank=True)
    _, describe, _, read = toolkit.get_tools()
    assert "blank" in describe.invoke({"source": "a.pdf"})
    assert "page 2" in str(read.invoke({"source": "a.pdf"})).lower()
