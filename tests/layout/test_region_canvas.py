"""A piece of a page is laid on a sheet on which the model can read it."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw

from got_loaders.layout.region_canvas import line_height, pad_to_canvas

PAGE = (1654, 2339)


def lines(count: int, height: int, *, width: int = 600, paper: str = "white") -> Image.Image:
    """Lines of words so high, with as much white between."""
    image = Image.new("RGB", (width, 2 * height * count), paper)
    draw = ImageDraw.Draw(image)
    for line in range(count):
        for x in range(5, width - height, 2 * height):
            draw.rectangle((x, 2 * line * height, x + height, (2 * line + 1) * height - 1), "black")
    return image


@pytest.mark.parametrize("height", [8, 30, 77])
def test_lines_are_measured(height: int) -> None:
    """By the ink in each row; specks and pale shadows are none."""
    image = lines(5, height)
    image.putpixel((3, 2 * height - 3), (0, 0, 0))
    image.paste((230, 230, 230), (0, 2 * height - 2, 40, 2 * height))
    assert line_height(image) == height


def test_what_has_no_lines_counts_as_one() -> None:
    """A picture, or a table whose rules join its rows."""
    assert line_height(Image.new("RGB", (300, 200), "white")) == 200
    ruled = lines(4, 20)
    ruled.paste("black", (0, 0, 3, ruled.height))
    assert line_height(ruled) == ruled.height


@pytest.mark.parametrize(
    ("piece", "scale"),
    [
        (lines(3, 20), 0.5),  # small letters: twice as large as on the page
        (lines(1, 70), 22 * 70 / PAGE[1]),  # room for 22 such lines
        (lines(1, 200), 1.0),  # never smaller than on the page for that reason
        (lines(3, 20, width=1400), 1400 / PAGE[0]),
        (lines(3, 20, width=1700), 1700 / PAGE[0]),
    ],
)
def test_the_sheet_has_the_page_s_shape(piece: Image.Image, scale: float) -> None:
    """As large as the letters want, and as the piece is."""
    sheet = pad_to_canvas(piece, PAGE)
    assert sheet.width == pytest.approx(scale * PAGE[0], abs=1)
    assert sheet.height == pytest.approx(scale * PAGE[1], abs=1)


def test_the_piece_is_whole_on_paper_of_its_own() -> None:
    """Near the top left, unscaled, on what is most of it."""
    piece = lines(3, 20, paper="#eeddaa")
    sheet = pad_to_canvas(piece, PAGE)
    left, top = round(0.065 * sheet.width), round(0.065 * sheet.height)
    assert sheet.crop((left, top, left + piece.width, top + piece.height)) == piece
    assert sheet.getpixel((0, 0)) == sheet.getpixel((sheet.width - 1, sheet.height - 1))
    assert sheet.getpixel((0, 0)) == (0xEE, 0xDD, 0xAA)


@pytest.mark.parametrize(("paper", "ink"), [("white", "black"), ("black", "white")])
def test_where_ink_is_most_of_the_piece_paper_is_its_edge(paper: str, ink: str) -> None:
    """A photo, a bold heading: what goes on around it is what it lies on, and so are its lines."""
    piece = Image.new("RGB", (300, 100), paper)
    ImageDraw.Draw(piece).rectangle((10, 10, 289, 39), ink)
    ImageDraw.Draw(piece).rectangle((10, 44, 289, 89), ink)
    sheet = pad_to_canvas(piece, PAGE)
    assert sheet.getpixel((sheet.width - 1, sheet.height - 1)) == piece.getpixel((0, 0))
    assert line_height(piece) == 46


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (3000, 40)])
def test_no_piece_is_too_thin(size: tuple[int, int]) -> None:
    """A pixel has a sheet, too."""
    for page in (PAGE, (3, 2000), (1, 1)):
        sheet = pad_to_canvas(Image.new("RGB", size, "black"), page)
        assert size[0] <= sheet.width <= max(size[0], 1.5 * page[0] + 1)
        assert size[1] <= sheet.height <= max(size[1], 1.5 * page[1] + 1)
