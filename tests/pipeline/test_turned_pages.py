"""Pages that are turned and cropped, read in all the ways in which boxes are told and taken."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.documents import Document

from got_loaders import GotOcrLoader
from got_loaders.testing import FakeEngine
from tests.pages.test_page_boxes import words

CROPS = {
    "0": "[0 -80 612 792]",
    "90": "[0 -80 612 792]",
    "180": "[100 150 900 900]",
    "270": "[0 0 0 0]",
}


def loaded(rotate: str, **options: Any) -> list[Document]:
    """The Documents of three lines of words."""
    data = words(Rotate=rotate, CropBox=CROPS[rotate])
    return GotOcrLoader(data, engine=FakeEngine("READ"), **options).load()


@pytest.mark.parametrize("rotate", CROPS)
def test_each_region_is_read(rotate: str) -> None:
    """Found by its text, and cut out of the picture where it stands."""
    (page,) = loaded(rotate, regions="auto")
    assert page.page_content == "READ\n\nREAD\n\nREAD"


@pytest.mark.parametrize("rotate", CROPS)
def test_a_box_that_was_told_is_not_blank_when_it_is_asked_for(rotate: str) -> None:
    """Be it told of a region or of the page's own text."""
    for text_layer in ("ignore", "auto"):
        regions = loaded(rotate, mode="region", text_layer=text_layer)
        assert len(regions) == 3
        for region in regions:
            box = tuple(region.metadata[side] for side in ("x0", "y0", "x1", "y1"))
            (again,) = loaded(rotate, box=box)
            assert again.metadata["ocr_origin"] == "ocr"
