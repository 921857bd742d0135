"""Flags say what is doubtful about a page, as the docs explain them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from got_loaders import Box, OcrResult, PageInfo, PageResult, Region
from got_loaders.report.from_results import page_of_results, pages_of_results
from got_loaders.report.page import doubt_rank

INFO = PageInfo(source="scans/a.pdf", number=0, total=2, width=200, height=100)
GOOD = PageResult(info=INFO, ocr=OcrResult(text="good", confidence=0.99))
WORDS = " ".join(f"word{number}" for number in range(40))


@pytest.mark.parametrize(
    ("change", "flags"),
    [
        ({}, ()),
        ({"ocr": OcrResult(text="a", finish_reason="length")}, ("cut",)),
        ({"ocr": OcrResult(text="a", finish_reason="repetition"), "retried": True},
         ("looped", "retried")),
        ({"ocr": OcrResult(text="a", confidence=0.5)}, ("low_confidence",)),
        ({"ocr": OcrResult(text="a", confidence=None)}, ()),
        ({"ocr": OcrResult(text=WORDS), "own_text": WORDS}, ()),
        ({"ocr": OcrResult(text=WORDS), "own_text": WORDS[:200]}, ("disagrees",)),
        ({"ocr": None, "origin": "blank"}, ("blank",)),
        ({"ocr": None, "origin": "failed", "error": "broken"}, ("failed",)),
        ({"ocr": OcrResult(text="a", confidence=0.1), "origin": "text_layer"}, ("own_text",)),
        ({"ocr": OcrResult(text="a"), "origin": "corrected"}, ("corrected",)),
        ({"info": INFO.warned("part of it can't be drawn")}, ("warning",)),
    ],
)  # fmt: skip
def test_a_page_has_the_flags_of_its_result(change: dict[str, Any], flags: tuple[str]) -> None:
    """Nothing that casts a doubt is left out, and nothing else is flagged."""
    assert page_of_results([replace(GOOD, **change)]).flags == flags


def test_pages_are_sorted_by_their_worst_flag_and_then_by_their_score() -> None:
    """A page that failed comes before one that is unsure; of two, the less sure one first."""
    unsure = [replace(GOOD, ocr=OcrResult(text="a", confidence=c)) for c in (0.6, 0.2)]
    failed = replace(GOOD, ocr=None, origin="failed", error="broken")
    own = replace(GOOD, origin="text_layer")
    pages = [page_of_results([result]) for result in (GOOD, *unsure, own, failed)]
    numbers = sorted(range(5), key=lambda number: doubt_rank(pages[number]))
    assert numbers == [4, 2, 1, 0, 3]


def test_regions_of_one_page_are_one_page() -> None:
    """Each with its box; a page that was read twice is there twice."""
    boxes = [Region(box=Box(0, y, 10, y + 5), type="table") for y in (0, 10)]
    page = [replace(GOOD, region=box, region_index=n) for n, box in enumerate(boxes)]
    other = replace(GOOD, info=replace(INFO, number=1))
    found = [page for _, page in pages_of_results([*page, *page, other, other])]
    assert [len(page.readings) for page in found] == [2, 2, 1, 1]
    reading = found[0].readings[1]
    assert (reading.index, reading.type, reading.box) == (1, "table", Box(0, 10, 10, 15))
    assert found[0].name == "a.pdf"
    assert found[0].facts["size"] == "200 × 100 pt"
