"""Real, awkward documents give Documents or an error that says which file and page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

from got_loaders import EngineConfig, GotOcrLoader, LocalEngine
from got_loaders.errors import PageError, SourceError
from got_loaders.testing import FakeEngine
from tests.pages.making import CORPUS

FILES = sorted(p for p in CORPUS.glob("*") if p.suffix != ".md") if CORPUS.is_dir() else []
READ_BY_TINY = (
    "arabic-rotated.pdf",
    "cmyk-image.pdf",
    "filing-rotated-90.pdf",
    "grayscale-image.pdf",
    "image-ccittfax.pdf",
    "images-only.pdf",
    "maths-page.pdf",
    "multi-frame.tif",
    "qr-bill.jpg",
    "scan-rotated-270.pdf",
    "skinny-page.pdf",
    "text.webp",
)
LONGEST = "two-columns.pdf"
"""Takes as long as all others."""

needs_corpus = pytest.mark.skipif(
    not FILES, reason="the corpus of awkward documents is not beside the repository"
)


REGION_FILES = [
    pytest.param(path, marks=pytest.mark.slow if path.name == LONGEST else ()) for path in FILES
]


@needs_corpus
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_gives_documents_or_a_clear_error(path: Path) -> None:
    """Each page becomes a Document, or the file an error that names it."""
    engine = FakeEngine("read")
    loader = GotOcrLoader(path, engine=engine, on_error="keep")
    documents = loader.load()
    if "password" in path.name:
        assert [str(path) in document.metadata["error"] for document in documents] == [True]
        documents = GotOcrLoader(path, engine=engine, password="openpassword").load()
    assert documents
    for number, document in enumerate(documents):
        assert document.metadata["page"] == number
        assert document.metadata["total_pages"] == len(documents)
        assert document.metadata["ocr_origin"] in ("ocr", "blank")
        assert document.page_content == ("read" if document.metadata["ocr_origin"] == "ocr" else "")


@needs_corpus
@pytest.mark.parametrize("path", REGION_FILES, ids=lambda path: path.name)
@pytest.mark.parametrize("text_layer", ["ignore", "auto"])
def test_every_file_is_read_region_by_region(
    path: Path, text_layer: Literal["ignore", "auto"]
) -> None:
    """Within the limit, on the page, in order, with one Document or more for every page."""
    loader = GotOcrLoader(
        path,
        engine=FakeEngine("read"),
        mode="region",
        max_regions=40,
        text_layer=text_layer,
        password="openpassword",
    )
    pages: dict[int, list[dict[str, Any]]] = {}
    for document in loader.lazy_load():
        assert "error" not in document.metadata
        pages.setdefault(document.metadata["page"], []).append(document.metadata)
    assert list(pages) == list(range(len(pages)))
    for regions in pages.values():
        if regions[0]["ocr_origin"] == "ocr":
            assert [region["region_index"] for region in regions] == list(range(len(regions)))
            assert len(regions) <= 40
        for region in regions:
            if "x0" in region:
                assert 0 <= region["x0"] < region["x1"] <= region["page_width"] + 0.01
                assert 0 <= region["y0"] < region["y1"] <= region["page_height"] + 0.01


@pytest.fixture(scope="module")
def tiny() -> Iterator[LocalEngine]:
    with LocalEngine(EngineConfig(model="tiny", device="cpu")) as engine:
        yield engine


@needs_corpus
@pytest.mark.parametrize("name", READ_BY_TINY)
def test_a_real_model_gets_through_what_it_cannot_read(name: str, tiny: LocalEngine) -> None:
    """Pages far from what the model knows give some reading, cut at the limit, and no error."""
    loader = GotOcrLoader(CORPUS / name, engine=tiny, max_new_tokens=64, pages=slice(0, 2))
    for document in loader.load():
        assert document.metadata["ocr_finish_reason"] in ("stop", "length")
        assert 0 < document.metadata["ocr_confidence"] <= 1


@needs_corpus
def test_what_the_files_are_known_for() -> None:
    """Blank pages are blank, rotation is applied, labels and frames are found."""

    def load(name: str) -> list[dict[str, object]]:
        loader = GotOcrLoader(CORPUS / name, engine=FakeEngine())
        return [document.metadata for document in loader.load()]

    assert {page["ocr_origin"] for page in load("blank.pdf")} == {"blank"}
    upright, turned = load("scan.pdf")[0], load("scan-rotated-90.pdf")[0]
    assert (upright["page_width"], upright["page_height"]) == (
        turned["page_height"],
        turned["page_width"],
    )
    assert len(load("multi-frame.tif")) > 1
    labels = [page["page_label"] for page in load("two-columns.pdf")]
    assert labels == [str(number) for number in range(45, 59)]


@needs_corpus
def test_passwords_that_are_missing_or_wrong() -> None:
    """An encrypted file asks for its password, and says when it is the wrong one."""
    path = CORPUS / "password-openpassword.pdf"
    with pytest.raises(SourceError, match=r"password-openpassword\.pdf.*password"):
        GotOcrLoader(path, engine=FakeEngine()).load()
    with pytest.raises(SourceError, match=r"password-openpassword\.pdf.*does not open") as caught:
        GotOcrLoader(path, engine=FakeEngine(), password="guess").load()
    assert "guess" not in str(caught.value)


@needs_corpus
def test_a_page_that_is_not_there() -> None:
    """The error names the file, the page and how many pages there are."""
    with pytest.raises(PageError, match=r"four-pages\.pdf.*9.*4 pages"):
        GotOcrLoader(CORPUS / "four-pages.pdf", engine=FakeEngine(), pages="9").load()
