"""Blank means blank in pieces of pages, too: boxes, strips, words and single letters."""

from __future__ import annotations

import random

import pytest
from PIL import Image, ImageDraw, ImageOps

from got_loaders.layout.blank import is_blank
from got_loaders.types import Box
from tests.layout.blank.blank_pages import Dirt, blank_page, draw
from tests.layout.blank.pieces import (
    BLACK,
    DPIS,
    FONTS,
    TEXTS,
    WHITE,
    Color,
    corpus_boxes,
    crops,
    empty_boxes,
    graph_paper,
    text_boxes,
    with_text,
)
from tests.pages.making import CORPUS

GREY: Color = (0.6, 0.6, 0.6)
LINES: dict[str, Color] = {
    "black": BLACK,
    "grey": GREY,
    "pale": (0.8, 0.8, 0.8),
    "blue": (0.5, 0.6, 0.95),
    "orange": (1.0, 0.7, 0.4),
}


def test_a_box_round_a_word_or_a_line_is_not_blank() -> None:
    """Whatever the paper, the ink and the size of type are; light on dark, too."""
    assert not [name for name, page, box in text_boxes(98) if is_blank(page, box)]


@pytest.mark.slow
def test_of_thousands_of_such_boxes_none_is_blank() -> None:
    """On pages made here and on real ones."""
    made = [(name, is_blank(page, box)) for name, page, box in text_boxes(1200)]
    real = [(name, is_blank(page, box)) for name, page, box in corpus_boxes(CORPUS, 24)]
    assert len(made) == 1200
    assert not real or len(made) + len(real) > 2000
    assert not [name for name, blank in made + real if blank]


@pytest.mark.parametrize("invert", [False, True])
def test_a_small_picture_of_a_letter_or_a_word_is_not_blank(invert: bool) -> None:
    """Text of 12 points that fills its picture, dark on light and light on dark."""
    pieces = crops(TEXTS[1:8], ("helv", "tibo"), (72, 150, 300))
    assert not [
        name for name, image in pieces if is_blank(ImageOps.invert(image) if invert else image)
    ]


@pytest.mark.slow
def test_of_many_small_pictures_none_is_blank() -> None:
    """Twelve texts in five fonts at 72 to 300 dpi."""
    pieces = list(crops(TEXTS, FONTS, DPIS))
    assert len(pieces) == 720
    assert not [name for name, image in pieces if is_blank(image)]
    assert not [name for name, image in pieces if is_blank(ImageOps.invert(image))]


@pytest.mark.parametrize("ink", [GREY, (0.75, 0.75, 0.75), (0.9, 0.5, 0.5)])
@pytest.mark.parametrize("size", [(60, 12), (14, 12), (200, 16)])
def test_pale_text_in_a_strip_is_not_blank(size: tuple[int, int], ink: Color) -> None:
    """As high as its letters."""
    strip = Image.new("RGB", size, "white")
    color = tuple(round(255 * share) for share in ink)
    ImageDraw.Draw(strip).text((1, -2), "mum sees it and so do we all", fill=color, font_size=13)
    assert not is_blank(strip)


@pytest.mark.parametrize("size", [(12, 10), (90, 22), (400, 30), (140, 140)])
@pytest.mark.parametrize("seed", range(4))
def test_a_small_picture_of_paper_is_blank(size: tuple[int, int], seed: int) -> None:
    """With a scanner's noise and uneven light, on paper of any colour."""
    dirt = Dirt(paper=(245, 235, 60 * seed), noise=2 * seed, shade=30, quality=50 + 10 * seed)
    assert is_blank(draw(dirt, None, random.Random(seed), size))


@pytest.mark.parametrize("seed", [1, 4, 8, 13])
def test_a_box_on_an_empty_page_is_blank(seed: int) -> None:
    """Whatever a scanner added to that page; most boxes even where a border is in them."""
    page = blank_page(seed)
    boxes = list(empty_boxes(page, 20, seed))
    assert sum(is_blank(page, box) for box in boxes) >= 18


def test_a_box_beside_text_is_blank() -> None:
    """What stands outside it does not count."""
    page = Image.new("L", (1024, 1449), 250)
    pen = ImageDraw.Draw(page)
    for y in range(100, 1300, 30):
        pen.text(
            (100, y), "the river was high in May and the old bridge is closed", 20, font_size=20
        )
    assert is_blank(page, Box(750, 100, 1000, 1300))
    assert is_blank(page, Box(100.4, 20.2, 400, 95))
    assert not is_blank(page, Box(100, 100, 1000, 125))
    assert not is_blank(page, Box(100, 20, 1000, 125))


@pytest.mark.parametrize(
    "box", [Box(-5, -5, 20, 20), Box(1000, 1400, 1025, 1450), Box(3, 3, 3.1, 3.1)]
)
def test_boxes_at_the_edge_and_of_parts_of_a_pixel_are_judged(box: Box) -> None:
    """By the pixels that they touch."""
    page = Image.new("L", (1024, 1449), 250)
    assert is_blank(page, box)
    assert is_blank(page, box) is is_blank(page.convert("RGB"), box)


@pytest.mark.parametrize("color", LINES)
@pytest.mark.parametrize("step", [6, 7, 8])
@pytest.mark.parametrize("width", [0.5, 1.0])
def test_text_on_graph_paper_is_ink(step: float, width: float, color: str) -> None:
    """Lines in both directions, a line of text of 12 points on them."""
    sheet = graph_paper(step, width, LINES[color])
    assert not is_blank(with_text(sheet, "the river was high", BLACK))
    assert not is_blank(with_text(sheet, "the river was high", GREY))


@pytest.mark.parametrize("step", [2.83, 4, 10, 14.2])
def test_text_on_other_ruled_paper_is_ink(step: float) -> None:
    """Millimetres, dots, lines in one direction, dark paper."""
    blue = LINES["blue"]
    for sheet in (
        graph_paper(step, 0.4, LINES["orange"]),
        graph_paper(step, 1.0, GREY, dots=True),
        graph_paper(step, 1.0, blue, down=False),
    ):
        assert not is_blank(with_text(sheet, "high in May", BLACK))
    dark = ImageOps.invert(graph_paper(step, 1.0, GREY))
    assert not is_blank(with_text(dark, "high in May", WHITE))


def test_a_letter_that_is_round_is_no_hole_in_a_small_picture() -> None:
    """Holes are punched in pages."""
    image = Image.new("L", (120, 120), 255)
    ImageDraw.Draw(image).ellipse((4, 50, 11, 57), fill=0)
    assert not is_blank(image)
