"""Raised and lowered letters stay raised and lowered, however a page sets them."""

from __future__ import annotations

from typing import Any

import pytest

from got_loaders.markup import to_html, to_latex, to_markdown, to_text
from tests.pages.drawing import Draw, html, operators, text_width, written
from tests.pages.making import of_bytes, opened, pymupdf


def plain(draw: Draw) -> str:
    """What a page says, as plain text."""
    return " ".join(map(to_text, written(draw)))


def operated(text: str) -> str:
    """What operators show, as plain text."""
    with pymupdf.open(stream=operators(text)) as document:
        return plain(lambda page: page.show_pdf_page(page.rect, document))


HTML = {
    "10<sup>6</sup> units since 2019<sup>12</sup>, 5 x 10<sup>-6</sup> kg": (
        "10⁶ units since 2019¹², 5 x 10⁻⁶ kg"
    ),
    "H<sub>2</sub>O and CO<sub>2</sub>, m<sup>2</sup>": "H₂O and CO₂, m²",
    "48<sup>1</sup>/<sub>2</sub> cents, 3<sup>17</sup>/<sub>64</sub> in": (
        "48½ cents, 3¹⁷\u2044₆₄ in"
    ),
    "the 1<sup>st</sup>, 2<sup>nd</sup> and 4<sup>th</sup>": "the 1st, 2nd and 4th",
    "x<sub>i</sub> and x<sup>n+1</sup>": "x_i and x^(n+1)",
    "e<sup>x<sup>2</sup></sup> is no e<sup>x2</sup>": "e^x² is no e^x2",
    "price<sup>1</sup>, tax<sup>2,3</sup>, fees<sup>[4]</sup>, more<sup>*</sup>": (
        "price¹, tax²,³, fees^([4]), more*"
    ),
    "10<sup>\u22126</sup> and 10<sup>\u20136</sup>, see<sup>2\u20134</sup>": (
        "10⁻⁶ and 10⁻⁶, see^(2\u20134)"
    ),
    "<sup>1</sup> The note": "¹ The note",
    "f(x<sup>2</sup>) = a<sub>1</sub>x<sup>2</sup> + b<sub>n</sub>": "f(x²) = a₁x² + b_n",
}


@pytest.mark.parametrize("size", [6, 12, 40])
@pytest.mark.parametrize("text", HTML)
def test_raised_and_lowered_letters(text: str, size: int) -> None:
    """As they are written for what a model reads."""
    if size < 40 or len(HTML[text]) < 20:
        assert plain(html(f'<p style="font-size:{size}px">{text}</p>')) == HTML[text]


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_raised_letters_of_turned_text(angle: int) -> None:
    """Whichever way it runs."""
    assert plain(html("10<sup>6</sup> of H<sub>2</sub>O", rotate=angle)) == "10⁶ of H₂O"


def test_every_output_shows_what_is_raised() -> None:
    """Where there is a character it is that; else what the output has."""
    (mmd,) = written(html("10<sup>6</sup> x<sub>i</sub>"))
    assert mmd == r"10\textsuperscript{6} x\textsubscript{i}"
    assert to_markdown(mmd) == r"10⁶ x$_{\text{i}}$"
    assert to_html(mmd) == "<p>10⁶ x<sub>i</sub></p>"
    assert to_latex(mmd) == r"10\textsuperscript{6} x\textsubscript{i}"
    assert to_text(mmd) == "10⁶ x_i"


RISEN = {
    "/F 12 Tf (10) Tj 5 Ts (6) Tj 0 Ts ( kg) Tj": "10⁶ kg",
    "/F 12 Tf (10) Tj 4 Ts /F 8 Tf (6) Tj 0 Ts /F 12 Tf ( kg) Tj": "10⁶ kg",
    "/F 12 Tf (x) Tj -2 Ts /F 8 Tf (i) Tj 0 Ts /F 12 Tf ( and more) Tj": "x_i and more",
    "/F 40 Tf (10) Tj 16 Ts /F 24 Tf (6) Tj 0 Ts /F 40 Tf ( kg) Tj": "10⁶ kg",
    "/F 40 Tf (10) Tj 20 Ts /F 20 Tf (6) Tj 0 Ts /F 40 Tf ( kg) Tj": "10⁶ kg",
    "/F 12 Tf (48) Tj 4 Ts /F 7 Tf (1) Tj 0 Ts /F 12 Tf (/) Tj /F 7 Tf (2) Tj /F 12 Tf ( c) Tj": (
        "48½ c"
    ),
}


LOGOS = {
    "(T) Tj -2.5 Ts [167 (E) 125] TJ 0 Ts (X users) Tj": "TEX users",
    "/F 12 Tf (L) Tj 2.2 Ts /F 8.4 Tf [514 (A) 214] TJ 0 Ts /F 12 Tf (T here) Tj": "LAT here",
    "(A) Tj 4 Ts /F 8 Tf (T) Tj 0 Ts /F 12 Tf (BX) Tj": "A^TBX",
    "(V) Tj -2 Ts /F 8 Tf [150 (E)] TJ 0 Ts /F 12 Tf ( rose) Tj": "V_E rose",
}


@pytest.mark.parametrize("text", LOGOS)
def test_capitals_within_other_capitals_are_a_name(text: str) -> None:
    """As in TeX's; what stands beside them is raised or lowered."""
    assert operated(f"BT /F 12 Tf 60 500 Td {text} ET") == LOGOS[text]


@pytest.mark.parametrize("text", RISEN)
def test_letters_raised_by_operators(text: str) -> None:
    """By a text rise, in a smaller font or the same, and in fonts of any size."""
    assert operated(f"BT 60 500 Td {text} ET") == RISEN[text]


def test_digits_that_are_drawn_after_their_line_stand_in_it() -> None:
    """Whatever order the page draws in, and where a blank is left for them."""

    def draw(page: Any) -> None:
        page.insert_text((60, 500), "speed 10   units and area m", fontsize=12)
        page.insert_text((60, 516), "the next line", fontsize=12)
        for before in ("speed 10", "speed 10   units and area m"):
            page.insert_text((60 + text_width(before, 12), 495), "6", fontsize=7)

    assert plain(draw) == "speed 10⁶ units and area m⁶ the next line"


def test_a_raised_and_a_lowered_letter_at_one_place() -> None:
    """As TeX sets them, one after the other, and then the rest of the line."""

    def draw(page: Any) -> None:
        x = 60.0
        for text, size, rise, step in (
            ("The sum of y", 11, 0, True), ("n+1", 8, 4, False), ("i", 8, -3, True),
            (" and of x", 11, 0, True), ("j", 8, -3, False), ("2", 8, 4, True),
            (" is 10", 11, 0, True), ("6", 8, 4, True), (" as ever", 11, 0, True),
        ):  # fmt: skip
            page.insert_text((x, 300 - rise), text, fontsize=size)
            x += text_width(text, size) if step else 0

    assert plain(draw) == "The sum of y^(n+1)_i and of x_j² is 10⁶ as ever"


def test_small_letters_are_not_raised_by_being_small() -> None:
    """Text beside a large initial, small capitals, and a smaller word in the line."""

    def draw(page: Any) -> None:
        page.insert_text((60, 124), "T", fontsize=36)
        page.insert_text((84, 100), "he boats went out of the harbour in", fontsize=12)
        page.insert_text((84, 112), "the early morning", fontsize=12)
        page.insert_text((60, 316), "T", fontsize=28)
        page.insert_text((78, 300), "he boats went out of the harbour in", fontsize=12)
        page.insert_text((60, 400), "B", fontsize=12)
        page.insert_text((60 + text_width("B", 12), 400), "OATS", fontsize=9)
        page.insert_text((60, 500), "Total ", fontsize=12)
        page.insert_text((60 + text_width("Total ", 12), 499), "(in tons)", fontsize=8)

    assert not any("script" in line for line in written(draw))
    assert "BOATS" in written(draw)


def test_a_table_of_smaller_numbers_has_no_exponents() -> None:
    """Cells beside each other, set higher or lower than their neighbours."""

    def draw(page: Any) -> None:
        for n in range(5):
            page.insert_text((60, 300 + 20 * n), f"Boats {n}", fontsize=12)
            page.insert_text((120, 296 + 20 * n), "340", fontsize=8)
            page.insert_text((160, 302 + 20 * n), "12", fontsize=8)

    assert not any("script" in line for line in written(draw))


def test_exponents_in_headings_and_cells_reach_the_text_layer() -> None:
    """Not only in paragraphs."""
    text = "<h1>Speed in m s<sup>2</sup></h1><p>It was 10<sup>6</sup> as before, and then more.</p>"
    with pymupdf.open() as document:
        html(text)(document.new_page())
        data = document.tobytes()
    with opened(of_bytes(data)) as document:
        texts = [to_text(part.text) for part in document.text_layer(0).parts]
    assert "Speed in m s²" in texts
    assert "It was 10⁶ as before, and then more." in texts
