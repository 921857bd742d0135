"""Text is not taken for a blank page, however it is asked about."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image, ImageDraw

from got_loaders import GotOcrLoader
from got_loaders.testing import FakeEngine
from tests.pages.making import image, pymupdf

LINE = (79, 191, 191, 203)


def underlined() -> bytes:
    """A PDF with one underlined line of 12 points."""
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((80, 200), "1. CALL TO ORDER", fontsize=12)
        page.draw_line((79, 202.4), (191, 202.4), width=0.7)
        data: bytes = document.tobytes()
    return data


def origins(source: bytes, **options: Any) -> list[str]:
    loader = GotOcrLoader(source, engine=FakeEngine("READ"), **options)
    return [document.metadata["ocr_origin"] for document in loader.load()]


@pytest.mark.parametrize(
    "asked",
    [
        {"box": LINE},
        {"box": (79, 191, 100, 203), "mode": "single"},
        {"regions": [LINE]},
        {"regions": [LINE], "mode": "region"},
        {"regions": [LINE], "region_prompt": "box"},
    ],
    ids=str,
)
def test_a_box_round_a_line_is_read(asked: dict[str, Any]) -> None:
    """Though it is as high as its letters."""
    assert origins(underlined(), **asked) == ["ocr"]


@pytest.mark.parametrize("box", [(300, 191, 400, 203), (79, 300, 500, 700), (20, 20, 60, 40)])
def test_a_box_beside_it_is_blank(box: tuple[int, ...]) -> None:
    """What is outside the box does not count."""
    assert origins(underlined(), box=box) == ["blank"]


@pytest.mark.parametrize("size", [(130, 15), (60, 12), (11, 11)])
@pytest.mark.parametrize(("paper", "ink"), [(255, 0), (0, 255), (255, 140)])
def test_a_picture_of_a_line_is_read(size: tuple[int, int], paper: int, ink: int) -> None:
    """As a file of its own, dark on light and light on dark; with regions, too."""
    strip = Image.new("L", size, paper)
    ImageDraw.Draw(strip).text((0, -1), "Hello world and all", fill=ink, font_size=12)
    for how in ({}, {"regions": "auto"}, {"crop_to_patches": True}):
        assert origins(image(strip, "PNG"), **how) == ["ocr"]
    empty = Image.new("L", size, paper)
    assert origins(image(empty, "PNG")) == ["blank"]
