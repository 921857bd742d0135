"""Two columns of short lines are columns; labels and their values are a table, read row by row."""

from __future__ import annotations

import io
import random

import pytest
from PIL import ImageFont

from got_loaders.layout.scan.analyzer import find_regions
from tests.layout.drawn_pages import DrawnPage
from tests.layout.typeset import font_data

WORDS = [
    *("the", "old", "mill", "stands", "by", "river", "and", "many"),
    *("people", "come", "here", "on", "warm", "days", "to", "swim"),
]
PEOPLE = [
    ("Managing director", "Anna Maria Smith"),
    ("Head of sales", "John Peter Miller"),
    ("Chief financial officer", "Mary Ann Brown"),
    ("Works council", "Bob Green"),
    ("Press office", "Jane van Dyke"),
]
FIGURES = [("Revenue growth", "12 %"), ("Net profit", "3.2 m"), ("Net debt", "12.0 m")]
PERSON = [
    ("Name", "Smith"),
    ("First name", "Anna Maria"),
    ("Street", "12 High Street"),
    ("Date of birth", "3 May 1980"),
    ("Phone", "555 1234"),
]


def columns(rows: int, size: float, gap: float, count: int = 2) -> DrawnPage:
    """Columns side by side, each line as many words as it has room for."""
    page, rng = DrawnPage(595, 842, 110, size), random.Random(rows)
    font = ImageFont.truetype(io.BytesIO(font_data("helv")), page.px(size)[0])
    width = (505 - (count - 1) * gap) / count
    for column in range(count):
        for row in range(rows):
            line = rng.choice(WORDS)
            while font.getlength(longer := f"{line} {rng.choice(WORDS)}") < page.px(width)[0]:
                line = longer
            page.text(45 + column * (width + gap), 80 + 1.3 * size * row, line)
    return page


@pytest.mark.parametrize(
    ("size", "gap", "count"), [(30, 70, 2), (24, 70, 2), (30, 45, 2), (18, 40, 3), (14, 50, 2)]
)
@pytest.mark.parametrize("rows", [5, 6, 10, 14])
def test_columns_of_short_lines_are_read_one_by_one(
    rows: int, size: float, gap: float, count: int
) -> None:
    """However few and short the lines: none of one column comes between those of another."""
    page = columns(rows, size, gap, count)
    regions = find_regions(page.image)
    places = []
    for _, box in page.words:
        x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
        held = [r.box.x0 <= x <= r.box.x1 and r.box.y0 <= y <= r.box.y1 for r in regions]
        places.append(held.index(True))
    assert places == sorted(places)  # the words were drawn in the order of reading
    assert max(region.box.width for region in regions) < page.image.width / count


@pytest.mark.parametrize("pairs", [PEOPLE, FIGURES, PERSON], ids=["people", "figures", "person"])
@pytest.mark.parametrize(("size", "x"), [(10, 200), (14, 300)])
def test_labels_and_values_are_read_row_by_row(
    pairs: list[tuple[str, str]], size: float, x: float
) -> None:
    """A label's value follows it: both are in one region, and no region holds the labels alone."""
    page = DrawnPage(595, 842, 150, size)
    for row, (label, value) in enumerate(pairs):
        page.text(50, 80 + 1.5 * size * row, label)
        page.text(x, 80 + 1.5 * size * row, value)
    (region,) = find_regions(page.image)
    assert region.type == "table"
