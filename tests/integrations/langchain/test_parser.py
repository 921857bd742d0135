"""Blobs → Documents: bytes, paths and URLs, whatever a Blob says that it is."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from langchain_core.documents.base import Blob

from got_loaders import GotOcrParser
from got_loaders.errors import OptionError, SourceRefusedError, UnsupportedSourceError
from got_loaders.testing import FakeEngine
from tests.fakes import picture
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


def npy(array: Any, **save: Any) -> bytes:
    """What PDF loaders hand to their ``images_parser``."""
    buffer = io.BytesIO()
    np.save(buffer, array, **save)
    return buffer.getvalue()


PIXELS = np.asarray(picture())
GREY = np.asarray(picture().convert("L"))


@pytest.mark.parametrize(
    ("array", "mode"),
    [
        (PIXELS, "RGB"),
        (GREY, "RGB"),
        (GREY[..., None], "RGB"),
        (np.dstack([GREY, np.full_like(GREY, 255)]), "RGB"),
        (np.dstack([PIXELS, np.full_like(GREY, 255)]), "RGB"),
        (np.asfortranarray(PIXELS), "RGB"),
        (GREY.astype(np.uint16) * 257, "RGB"),
        (GREY > 127, "RGB"),
        (PIXELS / 255, "RGB"),
    ],
    ids=["rgb", "grey", "grey 3-d", "grey alpha", "rgba", "fortran", "16-bit", "bilevel", "floats"],
)
def test_pictures_as_arrays_are_read(array: Any, mode: str) -> None:
    """Whatever their channels and order; the model sees the same picture."""
    engine = FakeEngine("read")
    blob = Blob.from_data(npy(array), mime_type="application/x-npy")
    assert next(GotOcrParser(engine=engine).lazy_parse(blob)).page_content == "read"
    (shown,) = engine.requests[0].images
    assert shown.mode == mode
    if array.ndim == 3 and array.shape[2] >= 3:
        assert np.array_equal(np.asarray(shown), PIXELS)
    else:
        assert np.asarray(shown)[20, 20, 0] == 0
        assert np.asarray(shown)[70, 50, 0] == 255


@pytest.mark.parametrize(
    "data",
    [
        npy(np.zeros((4, 4, 7), np.uint8)),
        npy(np.full((4, 4), 7.0)),
        npy(np.zeros((4,), np.uint8)),
        npy(np.zeros((0, 4), np.uint8)),
        npy(np.array([{"a": 1}], dtype=object), allow_pickle=True),
        npy(PIXELS)[:-1],
        npy(PIXELS).replace(b"(80, 60, 3)", b"(80000, 60000, 3)", 1),
        b"\x93NUMPY",
        b"\x93NUMPY\x09\x00",
        npy(PIXELS)[:40],
    ],
    ids=["channels", "floats", "flat", "empty", "pickle", "short", "bomb", "stub", "new", "cut"],
)
def test_other_arrays_are_refused(data: bytes) -> None:
    """By name, before anything is allocated or unpickled."""
    blob = Blob.from_data(data, path="page 3, image 2")
    with pytest.raises(UnsupportedSourceError, match=r"^page 3, image 2: not a picture"):
        GotOcrParser(engine=FakeEngine()).parse(blob)


def test_a_png_without_a_media_type_is_read() -> None:
    """As other PDF loaders hand it over."""
    blob = Blob.from_data(making.image(picture(), "PNG"))
    assert next(GotOcrParser(engine=FakeEngine("read")).lazy_parse(blob)).page_content == "read"
