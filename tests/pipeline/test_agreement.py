"""What a result has of the page's own words, however the page is read."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from got_loaders import Box, GotOcrLoader, OcrRequest, OcrResult, PageResult, ReadOptions, read
from got_loaders.pipeline.reader import ReadJob
from got_loaders.testing import FakeEngine
from got_loaders.types import Region
from tests.fakes import FakeDocument, opener
from tests.pages import making
from tests.pipeline.test_drafts import words

OWN = {0: words("first page", "of two"), 1: words("second page")}
INVENTED = "and thirty more words that nobody ever wrote on it"


def results(document: FakeDocument, engine: FakeEngine, **options: Any) -> list[PageResult]:
    """What reading it gives."""
    job = ReadJob(document.name, None, engine, ReadOptions(**options), opener=opener(document))
    return list(job.results())


def scores(found: Sequence[PageResult]) -> list[float | None]:
    """How far each agrees."""
    return [None if (a := each.agreement) is None else round(a.score, 2) for each in found]


@pytest.mark.parametrize("draft", ["auto", False])
def test_a_page_is_compared_with_its_own_words(draft: object) -> None:
    """Also where they are no draft; a page that has none is compared with nothing."""
    engine = FakeEngine("first page of two")
    found = results(FakeDocument(3, own_words=OWN), engine, draft=draft)
    assert scores(found) == [1.0, 0.25, None]
    assert [each.own_text for each in found] == ["first page\n\nof two", "second page", None]


def test_several_pages_in_one_request_are_compared_with_all_their_words() -> None:
    """In their order."""
    engine = FakeEngine("first page of two second page")
    assert scores(results(FakeDocument(2, own_words=OWN), engine, multi_page=2)) == [1.0]


def test_a_part_of_a_page_is_compared_with_the_words_in_it() -> None:
    """A box or a region; where no word stands in it, or nobody knows its place, with none."""
    boxes = [(0, 0, 595, 50), (0, 60, 595, 200), (0, 300, 595, 400)]
    document = FakeDocument(1, own_words=OWN)
    engine = FakeEngine("first page")
    assert scores(results(document, engine, regions=boxes, skip_blank=False)) == [1.0, 0.0, None]
    assert scores(results(document, engine, box=boxes[0], skip_blank=False)) == [1.0]
    assert scores(results(document, engine, color="red", skip_blank=False)) == [None]
    found = FakeDocument(1, own_words=OWN, regions=(Region(box=Box(*boxes[0])),))
    assert scores(results(found, engine, regions="auto", skip_blank=False)) == [1.0]


def test_a_second_attempt_is_compared_like_the_first() -> None:
    """Whichever of both is kept."""
    for answer in ("first page of two", ""):
        engine = FakeEngine(partial(looped, answer))
        (found,) = results(FakeDocument(1, own_words=OWN), engine)
        assert found.retried
        assert scores([found]) == [1.0 if answer else 0.5]


def looped(text: str, request: OcrRequest) -> OcrResult:
    """The whole page went in circles; in tiles it is read so."""
    if request.crop_to_patches:
        return OcrResult(text=text)
    return OcrResult(text="first page", finish_reason="repetition")


def test_an_invented_paragraph_of_a_pdf_is_found(tmp_path: Path) -> None:
    """In results and Documents, from the cache as well, and the same without blocking."""
    path = tmp_path / "page.pdf"
    path.write_bytes(making.pdf("Paid in May"))
    (own,) = (r.own_text for r in read(path, engine=FakeEngine()))
    assert own == "Paid in May"
    engine = FakeEngine(f"\\section*{{{own}}}\n\n{INVENTED}")
    (result,) = read(path, engine=engine)
    assert result.agreement is not None
    (span,) = result.agreement.only_in_reading
    assert result.text[span.start : span.end] == span.text == INVENTED
    loader = GotOcrLoader(path, engine=engine, cache=tmp_path / "cache")
    documents = [loader.load() for _ in range(2)]
    documents.append(asyncio.run(loader.aload()))
    documents.append(GotOcrLoader(path, engine=engine, draft=False).load())
    assert len(engine.requests) == 3
    for (document,) in documents:
        assert document.metadata["ocr_agreement"] == 0.23
        assert document.metadata["ocr_only_in_reading"] == INVENTED
    (own_text,) = GotOcrLoader(path, engine=engine, text_layer="auto").load()
    assert "ocr_agreement" not in own_text.metadata
