"""What goes wrong while a page is rendered stands in its metadata, whatever becomes of the page."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from got_loaders import PageResult, ReadOptions
from got_loaders.documents import Record, abuild, build
from got_loaders.errors import PageError
from got_loaders.pages import TextLayer, TextPart
from got_loaders.pipeline.reader import ReadJob
from got_loaders.testing import FakeEngine
from got_loaders.types import Box, Region
from tests.fakes import A4, FakeDocument, opener

LOST = "a picture on it can't be decoded: not a JPEG"
SHELL = "the PDF is a portfolio"
PART = TextPart(region=Region(box=Box(0, 0, 595, 842)), text="own")


def job(document: FakeDocument, **options: Any) -> ReadJob:
    """A pass over it."""
    engine = FakeEngine("READ")
    return ReadJob(document.name, None, engine, ReadOptions(**options), opener=opener(document))


def built(document: FakeDocument, **options: Any) -> list[Record]:
    """Its records."""
    return list(build(job(document, **options)))


def results(document: FakeDocument, **options: Any) -> list[PageResult]:
    """Its results."""
    return list(job(document, **options).results())


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"regions": "auto"},
        {"mode": "region"},
        {"box": (0, 0, 300, 400)},
        {"text_layer": "auto"},
        {"crop_to_patches": True},
        {"skip_blank": False},
    ],
)
def test_a_damaged_page_is_read_and_says_so(options: Any) -> None:
    """The page after it, which is whole, has no such key; a remark on the file is on every page."""
    document = FakeDocument(2, damage={0: (LOST,)})
    first, second = built(document, **options)
    assert first.text == "READ"
    assert first.metadata["page_warnings"] == LOST
    assert "page_warnings" not in second.metadata
    document.warnings = (SHELL,)
    first, second = built(document, **options)
    assert first.metadata["page_warnings"] == f"{SHELL}; {LOST}"
    assert second.metadata["page_warnings"] == SHELL


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"regions": "auto"},
        {"mode": "region"},
        {"regions": [(0, 0, 300, 400)]},
        {"box": (0, 0, 300, 400)},
        {"multi_page": 3},
        {"skip_blank": False},
        {"text_layer": "auto"},
    ],
)
def test_an_empty_page_that_is_damaged_has_failed(options: Any) -> None:
    """It is not blank: nobody knows what is on it. Its neighbours are read."""
    document = FakeDocument(3, blank=[1], damage={1: (LOST,)})
    found = results(document, on_error="keep", **options)
    assert [result.origin for result in found] == ["ocr", "failed", "ocr"]
    assert found[1].error == f"doc.pdf, page 2: {LOST}"
    assert found[1].info.warnings == (LOST,)
    assert len(results(document, on_error="skip", **options)) == 2
    with pytest.raises(PageError, match=r"page 2: a picture on it can't be decoded"):
        results(document, **options)


def test_an_empty_part_of_a_damaged_page_has_failed() -> None:
    """What the box should show may be just what could not be drawn."""
    document = FakeDocument(1, damage={0: (LOST,)})
    boxes = [(0, 0, 300, 400), (400, 600, 500, 800)]
    found = results(document, on_error="keep", regions=boxes)
    assert [result.origin for result in found] == ["ocr", "failed"]


def test_a_blank_page_keeps_what_is_said_of_its_file() -> None:
    """A remark that is no damage makes no error of it."""
    document = FakeDocument(1, blank=[0], warnings=(SHELL,))
    for options in ({}, {"regions": "auto"}, {"multi_page": 2}):
        (record,) = built(document, **options)
        assert record.metadata["ocr_origin"] == "blank"
        assert record.metadata["page_warnings"] == SHELL


def test_several_pages_have_each_warning_once() -> None:
    """In a Document of a file, and of pages that are read as one."""
    other = "another picture on it can't be decoded"
    document = FakeDocument(3, damage={0: (LOST,), 1: (LOST, other)}, warnings=(SHELL,))
    for options in ({"mode": "single"}, {"multi_page": 3}, {"mode": "single", "regions": "auto"}):
        (record,) = built(document, **options)
        assert record.metadata["page_warnings"] == f"{SHELL}; {LOST}; {other}"


def test_each_region_has_its_page_s_warnings() -> None:
    """Nobody knows which of them the damage has touched."""
    found = tuple(Region(box=Box(0, y, 595, y + 300)) for y in (0, 100))
    records = built(FakeDocument(1, regions=found, damage={0: (LOST,)}), mode="region")
    assert [record.metadata["page_warnings"] for record in records] == [LOST, LOST]


def test_a_page_s_own_text_says_what_it_lacks() -> None:
    """Where it is used; a page that is read instead lacks nothing of that."""
    lacks = "a picture on it was not read"
    good = TextLayer(good=True, parts=(PART,), warnings=(lacks,))
    bad = replace(good, good=False, reason="garbled")
    document = FakeDocument(2, layers={0: good, 1: bad}, warnings=(SHELL,))
    first, second = built(document, text_layer="auto")
    assert first.text == "own"
    assert first.metadata["page_warnings"] == f"{SHELL}; {lacks}"
    assert second.metadata["page_warnings"] == SHELL


def test_own_text_in_the_place_of_a_reading_keeps_the_warnings() -> None:
    """A page that could not be drawn, of which the text was taken, says both."""
    good = TextLayer(good=True, parts=(PART,), warnings=("half a text",))
    document = FakeDocument(1, layers={0: good}, blank=[0], damage={0: (LOST,)})
    (record,) = built(document, text_layer="fallback")
    assert record.metadata["ocr_origin"] == "text_layer"
    assert record.metadata["page_warnings"] == f"{LOST}; half a text"


def test_asynchronous_reads_say_the_same() -> None:
    """Of the same pages."""

    async def read() -> list[Record]:
        return [record async for record in abuild(job(FakeDocument(1, damage={0: (LOST,)})))]

    assert asyncio.run(read()) == built(FakeDocument(1, damage={0: (LOST,)}))


def test_warnings_can_be_left_out_and_do_not_grow() -> None:
    """``omit_metadata`` knows them; hundreds of them are cut."""
    document = FakeDocument(1, damage={0: (LOST,)}, warnings=tuple(map(str, range(1000))))
    assert "page_warnings" not in built(document, omit_metadata=["page_warnings"])[0].metadata
    text = built(document)[0].metadata["page_warnings"]
    assert isinstance(text, str)
    assert len(text) <= 801


@pytest.mark.parametrize(
    ("size", "options", "told"),
    [
        (A4, {}, False),
        (A4, {"regions": "auto"}, False),
        (A4, {"box": (0, 0, 100, 100)}, False),
        ((2384, 3370), {}, False),  # A0: twelve tiles
        ((2384, 3370), {"max_patches": 1}, True),
        ((2384, 3370), {"box": (0, 0, 100, 100)}, True),
        ((2384, 3370), {"multi_page": 2}, True),
        ((9000, 9000), {}, True),
        ((9000, 9000), {"regions": [(0, 0, 8000, 8000)]}, True),
        ((2384, 3370), {"regions": [(0, 0, 400, 500)]}, False),
        ((2384, 3370), {"regions": [(0, 0, 400, 500)], "region_prompt": "box"}, True),
    ],
)
def test_a_page_that_is_seen_coarsely_says_so(size: Any, options: Any, told: bool) -> None:
    """Where one pixel for the model stands for more than four of the page at 200 dpi."""
    records = built(FakeDocument(2, size=size), **options)
    assert all(("times smaller" in r.metadata.get("page_warnings", "")) is told for r in records)  # type: ignore[operator]  # a text
