"""Blobs → Documents: bytes, paths and URLs, whatever a Blob says that it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from langchain_core.documents.base import Blob

from got_loaders import GotOcrParser
from got_loaders.errors import OptionError, SourceRefusedError, UnsupportedSourceError
from got_loaders.testing import FakeEngine
from tests.pages import making


@pytest.fixture
def parser() -> GotOcrParser:
    """Reads a heading."""
    return GotOcrParser(engine=FakeEngine("\\title{T}"))


def test_a_blob_s_bytes_are_read(parser: GotOcrParser) -> None:
    """Its media type is not believed; its metadata is kept and wins."""
    blob = Blob.from_data(
        making.pdf("one", "two"),
        mime_type="text/plain",
        path="https://host/a.pdf",
        metadata={"source": "mine", "customer": 7},
    )
    documents = parser.parse(blob)
    assert [document.metadata["page"] for document in documents] == [0, 1]
    assert {document.metadata["source"] for document in documents} == {"mine"}
    assert {document.metadata["customer"] for document in documents} == {7}
    assert documents[0].page_content == "# T"


def test_bytes_without_a_name_are_named_by_their_content(parser: GotOcrParser) -> None:
    """The same bytes have the same source in every run."""
    (document,) = parser.parse(Blob.from_data(making.pdf("one")))
    assert document.metadata["source"].startswith("sha256:")


def test_a_blob_s_path_is_read(parser: GotOcrParser, tmp_path: Path) -> None:
    """As the loader would."""
    (tmp_path / "a.bin").write_bytes(making.pdf("one"))
    (document,) = parser.parse(Blob.from_path(tmp_path / "a.bin"))
    assert document.metadata["source"] == str(tmp_path / "a.bin")


def test_a_blob_s_url_is_fetched_by_the_same_rules(parser: GotOcrParser) -> None:
    """What is not public is refused."""
    with pytest.raises(SourceRefusedError, match="not a public one"):
        parser.parse(Blob(path="http://127.0.0.1:1/a.pdf"))


def test_texts_are_no_sources(parser: GotOcrParser) -> None:
    """Of whatever kind."""
    with pytest.raises(UnsupportedSourceError, match="a Blob of text"):
        parser.parse(Blob.from_data("text"))


def test_wrong_options_are_refused_at_once() -> None:
    """Not at the first Blob."""
    with pytest.raises(OptionError, match="output"):
        GotOcrParser(output="docx")  # type: ignore[arg-type]  # wrong
    with pytest.raises(OptionError, match="exclude"):
        GotOcrParser(model="tiny", engine=FakeEngine())
