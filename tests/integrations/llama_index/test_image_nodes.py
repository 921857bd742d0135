"""Figures that are kept are images of their own in LlamaIndex, where that is asked for."""

from __future__ import annotations

import asyncio
import base64
import io
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("llama_index.core")

from llama_index.core.embeddings import MockEmbedding
from llama_index.core.ingestion import DocstoreStrategy, IngestionPipeline
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.schema import (
    BaseNode,
    Document,
    ImageDocument,
    ImageNode,
    NodeRelationship,
    TextNode,
)
from llama_index.core.storage.docstore import SimpleDocumentStore
from llama_index.core.vector_stores import SimpleVectorStore
from PIL import Image

from got_loaders import GotOcrReader, GotOcrTransform, locate
from got_loaders.errors import OptionError
from got_loaders.testing import FakeEngine
from tests.figure_page import FIGURE, figure_page


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with a figure and its caption, as a file."""
    file = tmp_path_factory.mktemp("sheet") / "sheet.png"
    figure_page().save(file)
    return file


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def reader(engine: FakeEngine | None = None, **options: Any) -> GotOcrReader:
    """One that keeps figures and gives their images."""
    options = {"figures": "keep", "drop": ("figure",), "image_nodes": True, **options}
    return GotOcrReader(engine=engine or FakeEngine("words"), **options)


def picture_of(document: Document) -> Image.Image:
    """The picture that an image holds, by path or as data."""
    assert isinstance(document, ImageDocument)
    if document.image_path:
        return Image.open(document.image_path)
    assert document.image is not None
    return Image.open(io.BytesIO(base64.b64decode(document.image)))


@pytest.mark.parametrize("figures", ["keep", "inline"])
def test_an_image_follows_the_document_that_it_is_of(sheet: Path, figures: str) -> None:
    """With its caption as text, and what leads back to the page; by sync and async alike."""
    text, image = reader(figures=figures).load_data(sheet, extra_info={"shelf": "A"})
    assert not isinstance(text, ImageDocument)
    assert isinstance(image, ImageDocument)
    assert image.text == "words"
    assert image.metadata["page"] == 0
    assert image.metadata["shelf"] == "A"
    assert image.image_mimetype == "image/png"
    parent = image.relationships[NodeRelationship.PARENT]
    assert getattr(parent, "node_id", None) == text.id_
    with picture_of(image) as picture:
        assert min(picture.size) > 100
    assert ("figure_files" in image.metadata) == (figures == "keep")
    again = asyncio.run(reader(figures=figures).aload_data(sheet, extra_info={"shelf": "A"}))
    assert again == [text, image]
    assert [d.id_ for d in reader(image_nodes=False).load_data(sheet)] == [text.id_]


def test_an_index_takes_a_page_and_its_figures_up_once(sheet: Path) -> None:
    """What is read again unchanged is neither split nor embedded again; what changed is."""
    pipeline = IngestionPipeline(
        transformations=[SentenceSplitter(), MockEmbedding(embed_dim=4)],
        docstore=SimpleDocumentStore(),
        vector_store=SimpleVectorStore(),
        docstore_strategy=DocstoreStrategy.UPSERTS,
    )
    first = pipeline.run(documents=reader().load_data(sheet))
    assert [isinstance(node, ImageNode) for node in first].count(True) == 1
    assert pipeline.run(documents=reader().load_data(sheet)) == []
    changed = pipeline.run(documents=reader(FakeEngine("other")).load_data(sheet))
    assert {type(node) for node in changed} == {TextNode, ImageNode}


def test_a_transform_gives_image_nodes_behind_the_text(sheet: Path) -> None:
    """They have the same SOURCE as the text node, which is their PARENT; ids are stable."""
    transform = GotOcrTransform(engine=FakeEngine("words"), figures="keep", image_nodes=True)
    node = ImageNode(image_path=str(sheet), id_="scan", metadata={"shelf": "A"})
    text, image = transform([node])
    assert isinstance(image, ImageNode)
    assert image.source_node == text.source_node
    assert image.parent_node is not None
    assert image.parent_node.node_id == text.node_id
    assert image.metadata["shelf"] == "A"
    assert Path(str(image.image_path)).is_file()
    again: list[BaseNode] = asyncio.run(transform.acall([node]))
    assert [each.node_id for each in again] == [text.node_id, image.node_id]
    (alone,) = GotOcrTransform(engine=FakeEngine("words"), figures="keep")([node])
    assert alone.node_id == text.node_id


@pytest.mark.parametrize("mode", ["page", "single", "region"])
def test_an_image_says_where_it_stood(sheet: Path, mode: str) -> None:
    """Its metadata tell page and box, and ``locate`` finds them by it; so with a transform's."""
    (image,) = (d for d in reader(mode=mode).load_data(sheet) if isinstance(d, ImageDocument))
    (place,) = locate(image)
    assert (place.source, place.page, place.region_type) == (str(sheet), 0, "figure")
    assert place.box is not None
    assert place.box.overlap(FIGURE) > 0.9
    options: dict[str, Any] = {"figures": "keep", "mode": mode, "image_nodes": True}
    transform = GotOcrTransform(engine=FakeEngine("words"), **options)
    nodes = transform([ImageNode(image_path=str(sheet), id_="scan")])
    (found,) = (node for node in nodes if isinstance(node, ImageNode))
    assert [each.box for each in locate(found)] == [place.box]


def test_a_reader_that_was_written_down_still_gives_images(sheet: Path) -> None:
    """``image_nodes`` is a field of it, and shown."""
    made = GotOcrReader(model="tiny", figures="inline", image_nodes=True)
    again = GotOcrReader.from_dict(made.to_dict())
    assert again.image_nodes
    assert "image_nodes=True" in repr(again)
    with pytest.raises(OptionError, match="image_nodes=True needs figures='keep'"):
        GotOcrReader(model="tiny", image_nodes=True)
