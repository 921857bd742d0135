"""Pictures on a page whose own text is good: their words are not lost."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from got_loaders import read
from got_loaders.results import PageResult
from got_loaders.testing import FakeEngine
from got_loaders.types import OcrResult
from tests.pages.making import pymupdf

PROSE = "The quick brown fox jumps over the lazy dog near the river bank. " * 12


def picture(words: str = "Total 985 USD", size: tuple[int, int] = (1000, 600)) -> bytes:
    """A PNG of these words."""
    image = Image.new("RGB", size, "white")
    place = (60, size[1] // 3)
    ImageDraw.Draw(image).text(place, words, fill="black", font=ImageFont.load_default(90))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def results(
    draw: Callable[[Any], object], answer: str | OcrResult = "READ", **how: Any
) -> list[PageResult]:
    """What is read of a page of prose with something below it; ``how`` may say otherwise."""
    with pymupdf.open() as document:
        page = document.new_page(width=612, height=792)
        page.insert_textbox((50, 40, 560, 300), PROSE, fontsize=12)
        draw(page)
        data = document.tobytes()
    return list(read(data, engine=FakeEngine(answer), **{"text_layer": "auto", **how}))


def texts(found: list[PageResult]) -> list[str]:
    """Their texts, the first word of long ones."""
    return [r.ocr.text if len(r.ocr.text) < 50 else r.ocr.text[:9] for r in found if r.ocr]


@pytest.mark.parametrize("how", [{}, {"regions": "auto"}], ids=["page", "regions"])
@pytest.mark.parametrize("share", [0.012, 0.2, 0.35, 0.45])
def test_a_picture_is_read_where_it_stands(share: float, how: dict[str, Any]) -> None:
    """Whatever part of the page it fills; the rest is the page's own text, in order."""
    height = (612 * 792 * share * 0.6) ** 0.5

    def draw(page: Any) -> None:
        page.insert_image((4, 310, 4 + height / 0.6, 310 + height), stream=picture())
        page.insert_text((60, 770), "The last line.", fontsize=11)

    found = results(draw, **how)
    assert texts(found) == ["The quick", "READ", "The last line."]
    assert [result.origin for result in found] == ["text_layer", "ocr", "text_layer"]
    assert found[1].region is not None
    assert found[1].region.type == "figure"
    assert found[1].region.box == pytest.approx((4, 310, 4 + height / 0.6, 310 + height), abs=1)


PICTURES: dict[str, tuple[Callable[[Any], object], int]] = {
    "three": (
        lambda page: [
            page.insert_image((50 + 170 * n, 320, 200 + 170 * n, 400), stream=picture())
            for n in range(3)
        ],
        3,
    ),
    "one in strips": (
        lambda page: [
            page.insert_image(
                (50, 320 + 20 * n, 550, 340 + 20 * n),
                stream=picture(size=(1000, 40)),
                keep_proportion=False,
            )
            for n in range(10)
        ],
        1,
    ),
    "an icon": (lambda page: page.insert_image((50, 320, 90, 345), stream=picture()), 0),
    "without ink": (lambda page: page.insert_image((50, 320, 550, 620), stream=picture("")), 0),
    "behind text": (
        lambda page: (
            page.insert_image((50, 320, 550, 620), stream=picture("")),
            page.insert_textbox((60, 330, 540, 600), PROSE, fontsize=12),
        ),
        0,
    ),
    "under words that nobody sees": (
        lambda page: (
            page.insert_image((50, 320, 550, 620), stream=picture()),
            page.insert_text((100, 450), "Total 985 USD", fontsize=40, render_mode=3),
        ),
        1,
    ),
}


@pytest.mark.parametrize("name", PICTURES)
def test_which_pictures_are_read(name: str) -> None:
    """Those of a hundredth of the page and more that have ink and none of the page's words."""
    draw, count = PICTURES[name]
    assert texts(results(draw)).count("READ") == count


def test_a_picture_that_is_not_read_is_named() -> None:
    """Where the page's own text takes the place of a reading that failed; and none is dropped."""

    def draw(page: Any) -> None:
        page.insert_image((50, 320, 550, 620), stream=picture())

    cut_off = OcrResult(text="on and on", finish_reason="repetition")
    (page,) = results(draw, cut_off, text_layer="fallback")
    assert page.origin == "text_layer"
    assert page.info.warnings == ("a picture on it was not read",)
    (page,) = results(draw, drop=("figure",), regions="auto")
    assert texts([page]) == ["The quick"]
