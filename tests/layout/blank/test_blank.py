"""What counts as a blank page."""

from __future__ import annotations

import random
import time

import numpy as np
import pytest
from PIL import Image, ImageDraw

from got_loaders.layout.blank import is_blank
from tests.layout.blank.blank_pages import KINDS, Dirt, Ink, blank_page, draw, inked_page
from tests.pages.making import pymupdf

Color = tuple[float, float, float]
WHITE, YELLOW, DARK = (1.0, 1.0, 1.0), (1.0, 0.95, 0.6), (0.1, 0.1, 0.1)


def page(
    text: str = "",
    *,
    paper: Color = WHITE,
    ink: Color = (0, 0, 0),
    at: tuple[float, float] = (297, 820),
    pixels: tuple[int, int] = (1024, 1024),
) -> Image.Image:
    """An A4 page as the model sees it: with 9-point text, squeezed into ``pixels``."""
    with pymupdf.open() as document:
        sheet = document.new_page(width=595, height=842)
        sheet.draw_rect(sheet.rect, color=paper, fill=paper)
        sheet.insert_text(at, text, fontsize=9, color=ink)
        shown = sheet.get_pixmap(matrix=pymupdf.Matrix(pixels[0] / 595, pixels[1] / 842))
        return Image.frombytes("RGB", (shown.width, shown.height), shown.samples)


@pytest.mark.parametrize("paper", [WHITE, YELLOW, DARK])
def test_bare_paper_is_blank(paper: Color) -> None:
    """Of whatever colour."""
    assert is_blank(page(paper=paper))


@pytest.mark.parametrize("text", ["1", "7", "i", "-", "I"])
@pytest.mark.parametrize("shift", [0, 0.25, 0.4, 0.8])
def test_one_small_character_is_ink(text: str, shift: float) -> None:
    """A page number of 9 points is enough, wherever it falls on the pixels."""
    assert not is_blank(page(text, at=(297 + shift, 820 + shift)))


@pytest.mark.parametrize(
    ("paper", "ink"), [(WHITE, (0.6, 0.6, 0.6)), (YELLOW, (0.7, 0, 0)), (DARK, (0.9, 0.9, 0.9))]
)
def test_pale_and_coloured_ink_counts(paper: Color, ink: Color) -> None:
    """Grey on white, red on yellow, light on dark."""
    assert not is_blank(page("1", paper=paper, ink=ink))


def test_ink_as_bright_as_the_paper_counts() -> None:
    """Colours differ even where brightness does not."""
    image = Image.new("RGB", (400, 400), (200, 80, 80))
    image.paste((80, 141, 80), (100, 100, 110, 110))
    assert not is_blank(image)


def noise(*, specks: int = 0) -> Image.Image:
    """A scanned empty page: noise, uneven light, and single black pixels."""
    rng = np.random.default_rng(0)
    paper = rng.normal(235, 4, (1448, 1024, 3)) + np.linspace(-30, 10, 1024)[None, :, None]
    pixels = paper.clip(0, 255).astype(np.uint8)
    pixels[rng.integers(0, 1448, specks), rng.integers(0, 1024, specks)] = 0
    return Image.fromarray(pixels)


def test_scanned_paper_is_blank() -> None:
    """Noise, a shade and specks are no text."""
    assert is_blank(noise())
    assert is_blank(noise(specks=300))


def test_edges_and_pictures_are_ink() -> None:
    """In doubt a page is read."""
    half = Image.new("L", (600, 800), 255)
    half.paste(0, (0, 0, 300, 800))
    assert not is_blank(half)
    assert not is_blank(Image.effect_mandelbrot((400, 400), (-3, -2.5, 2, 2.5), 100))


@pytest.mark.parametrize("seed", range(8))
def test_a_scanned_empty_page_is_blank(seed: int) -> None:
    """With noise, specks, shades, shadows, black borders, holes, JPEG and text shining through."""
    assert is_blank(blank_page(seed))


@pytest.mark.parametrize("size", [(1024, 1448), (1024, 1024)])
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("kind", KINDS)
def test_a_scanned_page_with_hardly_anything_is_not(
    kind: str, seed: int, size: tuple[int, int]
) -> None:
    """A short line, a page number, a faint line, a formula or a character, with the same dirt."""
    assert not is_blank(inked_page(seed, kind, size)[0])


@pytest.mark.slow
def test_of_many_pages_no_text_is_lost_and_few_blank_ones_are_read() -> None:
    """Of 200 pages each; blank pages that are missed have specks by the hundred, one on another."""
    assert sum(not is_blank(blank_page(seed)) for seed in range(200)) <= 8
    assert not [
        (kind, seed)
        for kind in KINDS
        for seed in range(40)
        if is_blank(inked_page(seed, kind, (1024, 1024))[0])
    ]


@pytest.mark.parametrize(
    "dirt",
    [
        Dirt(noise=7, grain=0.7),
        Dirt(specks=300),
        Dirt(shade=30, paper=(240, 230, 200)),
        Dirt(bleed=18, noise=4),
        Dirt(shadow=150, noise=3),
        Dirt(border=True, quality=40),
        Dirt(holes=4),
        Dirt(quality=30, specks=40),
    ],
    ids=["noise", "specks", "shade", "shine-through", "shadow", "border", "holes", "jpeg"],
)
def test_dirt_alone_is_blank_and_hides_no_letter(dirt: Dirt) -> None:
    """Each kind of it; the letter is of nine points."""
    size = (1024, 1448)
    assert is_blank(draw(dirt, None, random.Random(1), size))
    assert not is_blank(draw(dirt, Ink(text="a", at=(300, 400)), random.Random(1), size))


@pytest.mark.parametrize("letter", "acirsx17")
def test_a_letter_among_specks_is_ink(letter: str) -> None:
    """Though it is hardly larger than the largest of them: 9 points, squeezed."""
    ink = Ink(text=letter, font="tiro", contrast=160, at=(250, 400))
    specks = Dirt(specks=150, quality=70)
    assert not is_blank(draw(specks, ink, random.Random(letter), (1024, 1024)))


def test_a_border_takes_no_text_with_it() -> None:
    """A line that the page's edge cuts, or that stands beside a border, is read."""
    cut = Image.new("L", (1024, 300), 255)
    pen = ImageDraw.Draw(cut)
    pen.text((100, -9), "the river was high", fill=0, font_size=30)
    assert not is_blank(cut)
    beside = Image.new("L", (1024, 1448), 255)
    pen = ImageDraw.Draw(beside)
    pen.rectangle((0, 0, 40, 1448), fill=20)
    assert is_blank(beside)
    pen.text((54, 700), "12", fill=60, font_size=14)
    assert not is_blank(beside)


def test_a_banner_with_light_letters_is_ink() -> None:
    """Dark from edge to edge as a border is, but something stands in it."""
    banner = Image.new("L", (1024, 1448), 255)
    pen = ImageDraw.Draw(banner)
    pen.rectangle((0, 0, 1024, 90), fill=40)
    assert is_blank(banner)
    pen.text((400, 30), "Notice", fill=255, font_size=30)
    assert not is_blank(banner)


@pytest.mark.parametrize("text", ["O", "0", "o", "D", "8", "Q"])
def test_round_letters_are_no_holes(text: str) -> None:
    """Even where holes are punched, and as large as these."""
    page = Image.new("L", (1024, 1448), 250)
    ImageDraw.Draw(page).text((40, 500), text, fill=30, font_size=36, stroke_width=2)
    assert not is_blank(page)


@pytest.mark.parametrize("size", [(1, 1), (3, 1000), (40, 40)])
@pytest.mark.parametrize("mode", ["RGB", "L", "1"])
def test_any_size_and_mode(size: tuple[int, int], mode: str) -> None:
    """Tiny pictures, too, are judged without an error."""
    assert is_blank(Image.new(mode, size, "white"))


def test_it_is_quick() -> None:
    """A page takes some milliseconds: the test is a hundred times more patient."""
    blank = page(pixels=(1024, 1448))
    start = time.thread_time()
    is_blank(blank)
    assert time.thread_time() - start < 1
