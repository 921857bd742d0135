"""What a page draws twice is there once; what is there twice stays."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pages.drawing import Draw, text_width, written

WORDS = "TOTAL DUE 60, full ill... illness will || had had"


def repeated(shifts: list[tuple[float, float]], size: float) -> Draw:
    """The same line once for each shift."""

    def draw(page: Any) -> None:
        for x, y in shifts:
            page.insert_text((60 + x, 500 + y), WORDS, fontsize=size)

    return draw


@pytest.mark.parametrize("size", [6, 14, 22])
@pytest.mark.parametrize(
    "shifts",
    [
        [(0, 0), (0, 0)],
        [(0, 0), (0.18, 0)],
        [(0, 0), (0.3, 0)],
        [(0, 0), (1, 0)],
        [(0, 0), (0, 0.5)],
        [(0, 0), (-0.4, 0.4)],
        [(0.3 * n, 0) for n in range(4)],
        [(0, 0), (0.3, 0), (0, 0.3), (0.3, 0.3)],
    ],
)
def test_fake_bold_is_one_line(shifts: list[tuple[float, float]], size: float) -> None:
    """Drawn again at the same place or a little beside it, as often as one likes."""
    assert written(repeated(shifts, size)) == [WORDS]


@pytest.mark.parametrize("size", [6, 14, 22])
def test_a_shadow_of_several_steps_is_one_line(size: float) -> None:
    """Each a little further than the one before, the last one far from the first."""
    assert written(repeated([(0.12 * size * n, 0) for n in range(3)], size)) == [WORDS]


def test_a_word_drawn_twice_within_a_line_is_one_word() -> None:
    """What stands before and after it stays where it is."""

    def draw(page: Any) -> None:
        x = 60 + text_width("Pay ", 14)
        page.insert_text((60, 500), "Pay ", fontsize=14)
        page.insert_text((x, 500), "now", fontsize=14)
        page.insert_text((x + 0.5, 500), "now", fontsize=14)
        page.insert_text((x + text_width("now", 14), 500), " please", fontsize=14)

    assert " ".join(written(draw)) == "Pay now please"


@pytest.mark.parametrize("shift", [0.0, 0.3, 1.0, 2.0])
def test_letters_that_are_each_drawn_twice_are_one_word(shift: float) -> None:
    """``Testing``, not ``Test i ng``."""

    def draw(page: Any) -> None:
        x = 60.0
        for letter in "Testing letters still":
            for each in (0.0, shift):
                page.insert_text((x + each, 500), letter, fontsize=14)
            x += text_width(letter, 14)

    assert written(draw) == ["Testing letters still"]


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_turned_text_drawn_twice_is_there_once(angle: int) -> None:
    """Whichever way it runs."""

    def draw(page: Any) -> None:
        for shift in (0, 0.4):
            page.insert_text((300 + shift, 400), "Ill will, hello", fontsize=12, rotate=angle)

    assert written(draw) == ["Ill will, hello"]


def test_a_page_drawn_twice_is_there_once_however_it_is_divided() -> None:
    """The second time in other pieces."""

    def draw(page: Any) -> None:
        for n, text in enumerate(("Invoice total of May", "had had, very very", "a  b  a  b")):
            y, x = 200 + 20 * n, 60.3
            page.insert_text((60, y), text, fontsize=12)
            for piece in (text[:3], text[3:9], text[9:]):
                page.insert_text((x, y), piece, fontsize=12)
                x += text_width(piece, 12)

    assert written(draw) == ["Invoice total of May", "had had, very very", "a b a b"]


def test_what_stands_twice_on_a_page_stays() -> None:
    """Words, lines, cells and signs that are equal but not in the same place."""
    texts = ["had had", "had had", "12.50    12.50    12.50", "......  ||||  llll  ////  ----"]

    def draw(page: Any) -> None:
        for n, text in enumerate(texts):
            page.insert_text((60, 200 + 7 * n), text, fontsize=6)

    assert written(draw) == [" ".join(text.split()) for text in texts]
