"""What the pipeline hands over as a draft: the page's own words, or an earlier reading."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from got_loaders import Box, GotOcrLoader, OcrResult, PageResult, ReadOptions, read
from got_loaders.pages import PageWord, PageWords, TextLayer
from got_loaders.pipeline.reader import ReadJob
from got_loaders.testing import FakeEngine
from tests.fakes import FakeDocument, opener
from tests.pages import making


def words(*lines: str) -> PageWords:
    """A line every hundred points from the top, its words from left to right."""
    return PageWords(
        tuple(
            PageWord(text, Box(50 + 90 * n, 100 * row, 130 + 90 * n, 100 * row + 20), row, 0)
            for row, line in enumerate(lines)
            for n, text in enumerate(line.split())
        )
    )


OWN = {0: words("first page", "of two"), 1: words("second page"), 3: words("the last")}


def drafts(
    engine: FakeEngine | None = None, document: FakeDocument | None = None, **options: Any
) -> list[object]:
    """Those of the requests that reading the document makes."""
    engine = engine or FakeEngine()
    document = document or FakeDocument(4, own_words=OWN)
    job = ReadJob(document.name, None, engine, ReadOptions(**options), opener=opener(document))
    list(job.results())
    return [request.draft for request in engine.requests]


def test_a_pages_own_words_are_its_draft() -> None:
    """Line by line, a blank line between blocks; a page that has none has no draft."""
    first = "first page\n\nof two"
    assert drafts() == [first, "second page", None, "the last"]
    assert drafts(draft=False) == [False] * 4


def test_pages_that_are_read_as_one_are_drafted_as_one() -> None:
    """In their order; one that has no words, or is blank, adds none."""
    joined = "first page\n\nof two\n\nsecond page"
    assert drafts(multi_page=2) == [joined, "the last"]
    blank = FakeDocument(4, own_words=OWN, blank=[0])
    assert drafts(document=blank, multi_page=4) == ["second page\n\nthe last"]


def test_a_part_of_a_page_has_the_words_that_stand_in_it() -> None:
    """Of a box, and of regions, however they are shown; a frame may be anywhere on the page."""
    box, first_line = (0, 90, 120, 130), (0, 0, 500, 30)
    assert drafts(box=box, pages="1") == ["of"]
    both: dict[str, Any] = {"pages": "1,2", "skip_blank": False}
    for how in ("crop", "box"):
        got = drafts(regions=[box, first_line], region_prompt=how, **both)
        assert got == ["of", "first page", None, "second page"]
    assert drafts(color="red", pages="1") == ["first page\n\nof two"]
    assert drafts(crop_to_patches=True, pages="2") == ["second page"]


def test_words_are_a_draft_where_the_text_layer_is_not_good_enough() -> None:
    """A page whose own text is used is not asked about; one where it is not has it as a hint."""
    good = TextLayer(good=True)
    bad = TextLayer(good=False, reason="letters are missing")
    document = FakeDocument(2, own_words=OWN, layers={0: good, 1: bad})
    assert drafts(document=document, text_layer="auto") == ["second page"]


def test_words_are_not_asked_for_where_nothing_is_read() -> None:
    """A page with a good text layer of its own is left alone."""

    class Silent(FakeDocument):
        def words(self, number: int) -> PageWords:
            raise AssertionError(number)

    document = Silent(1, layers={0: TextLayer(good=True)})
    assert drafts(document=document, text_layer="auto") == []


@pytest.mark.parametrize(("own", "second"), [({}, "la la"), (OWN, "first page\n\nof two")])
def test_a_second_attempt_has_a_draft(own: dict[int, PageWords], second: str) -> None:
    """The page's own words, or what the first attempt wrote before it went in circles."""

    def answer(request: Any) -> OcrResult:
        done = request.crop_to_patches
        return OcrResult(text="la la", finish_reason="stop" if done else "repetition")

    document = FakeDocument(1, own_words=own)
    assert drafts(FakeEngine(answer), document)[1:] == [second]
    assert drafts(FakeEngine(answer), document, draft=False) == [False, False]


def test_regions_of_a_pdf_have_their_own_words(tmp_path: Path) -> None:
    """Boxes in metadata, regions and words have one origin, also on a page that is turned."""
    path = tmp_path / "turned.pdf"
    with making.pymupdf.open() as document:
        page = document.new_page(width=400, height=300)
        page.insert_text((30, 60), "upper words", fontsize=20)
        page.insert_text((30, 250), "lower words", fontsize=20)
        page.set_rotation(90)
        document.save(path)
    engine = FakeEngine()
    regions = [(0, 0, 150, 400), (150, 0, 300, 400)]
    assert len(list(read(path, engine=engine, regions=regions))) == 2
    assert [request.draft for request in engine.requests] == ["lower words", "upper words"]


LARGE = "Invoices are paid in May.\nHarbour fees follow."
WRONG = {
    "another page's": "The minutes of the third meeting\nwere read and signed.",
    "invented": "Invoices are paid in June.\nHarbour fees were waived.",
}


LAYERS_OWN: tuple[Any, ...] = ("ocr_agreement", "ocr_only_in_reading")
"""The metadata that says how far a layer is what is read."""


def pdf_that_says(text: str) -> bytes:
    """A page that shows ``LARGE``, and hides this text in its layer instead of it."""
    with making.pymupdf.open() as shown:
        page = shown.new_page(width=595, height=842)
        page.insert_text((60, 120), LARGE.split("\n"), fontsize=34)
        pixmap = page.get_pixmap(dpi=150)
    with making.pymupdf.open() as document:
        page = document.new_page(width=595, height=842)
        page.insert_image(page.rect, pixmap=pixmap)
        page.insert_text((60, 120), text.split("\n"), fontsize=34, render_mode=3)
        data: bytes = document.tobytes()
    return data


def test_a_wrong_draft_never_reaches_the_text(tmp_path: Path) -> None:
    """Whatever a page's layer says, its Documents are those of a reading without drafts."""

    path = tmp_path / "page.pdf"

    def documents(text: str, **options: Any) -> list[Any]:
        path.write_bytes(pdf_that_says(text))
        loader = GotOcrLoader(path, model="tiny", omit_metadata=LAYERS_OWN, **options)
        return [(each.page_content, each.metadata, each.id) for each in loader.load()]

    ((plain, metadata, _),) = without = documents(LARGE, draft=False)
    assert "are paid in" in plain
    assert metadata["ocr_origin"] == "ocr"
    for name, text in WRONG.items():
        assert documents(text) == without, name


def test_a_result_is_the_same_with_any_draft() -> None:
    """Nothing of a request's draft is in the result of the page."""
    one, other = (
        list(ReadJob("doc.pdf", None, FakeEngine(), ReadOptions(), opener=opener(d)).results())
        for d in (FakeDocument(1, own_words=OWN), FakeDocument(1))
    )
    assert one == other
    assert isinstance(one[0], PageResult)
