"""Columns of text between rules are columns, not a table or a figure."""

from __future__ import annotations

import random

import pytest
from PIL import Image

from got_loaders.layout.scan.analyzer import find_regions
from tests.layout.typeset import Sheet, Style

_BODY = Style("tiro", 9, 1.2)


def ruled_columns(count: int, dpi: float, levels: tuple[int, ...], sides: bool = False) -> Sheet:
    """So many columns of 40 lines, rules between them, that level rules at these heights touch."""
    sheet, gutter = Sheet(595, 842, dpi, random.Random(3)), 14
    width = (515 - (count - 1) * gutter) / count
    thick = max(1, round(dpi / 100))
    for number in range(count):
        x = 40 + number * (width + gutter)
        sheet.text(x, 60, width, 40, _BODY)
        if number:
            sheet.draw.line(sheet.px(x - gutter / 2, 50, x - gutter / 2, 520), 0, thick)
    for y in levels:
        sheet.draw.line(sheet.px(33, y, 562, y), 0, thick)
    for x in (33, 562) if sides else ():
        sheet.draw.line(sheet.px(x, 50, x, 520), 0, thick)
    return sheet


@pytest.mark.parametrize("count", [2, 3, 4, 5])
@pytest.mark.parametrize(
    ("levels", "sides"), [((50,), False), ((520,), False), ((50, 520), False), ((50, 520), True)]
)
@pytest.mark.parametrize("dpi", [110, 180])
def test_columns_parted_by_rules_are_read_one_after_the_other(
    count: int, levels: tuple[int, ...], sides: bool, dpi: float
) -> None:
    """Whether the rules between them hang from one above, stand on one below, or are framed."""
    sheet = ruled_columns(count, dpi, levels, sides)
    regions = find_regions(sheet.image)
    assert {region.type for region in regions} == {"text"}
    columns = sheet.width / count
    places = [(region.box.x0 + region.box.x1) / 2 / sheet.px(columns)[0] for region in regions]
    assert [*dict.fromkeys(int(place) for place in places)] == list(range(count))
    assert max(region.box.x1 - region.box.x0 for region in regions) < sheet.px(columns)[0]


def test_columns_parted_by_rules_are_found_on_a_skewed_page() -> None:
    """Also where the page lies a little askew."""
    image = ruled_columns(4, 130, (50, 520)).image
    image = image.rotate(-1.2, Image.Resampling.BICUBIC, fillcolor=255)
    assert [region.type for region in find_regions(image)] == ["text"] * 4


def test_a_grid_of_short_cells_stays_a_table() -> None:
    """Columns between rules are a table where their lines are not running text."""
    sheet = Sheet(595, 842, 130, random.Random(4))
    sheet.table(50, 100, 480, 14, 4, _BODY, "none")
    for x in (48, 532):
        sheet.draw.line(sheet.px(x, 96, x, 330), 0, 2)
    for y in (96, 118, 330):
        sheet.draw.line(sheet.px(48, y, 532, y), 0, 2)
    assert [region.type for region in find_regions(sheet.image)] == ["table"]
