"""Columns that flow around a quotation in larger type are read around it."""

from __future__ import annotations

import random

import pytest
from PIL import Image

from got_loaders.layout.scan.analyzer import find_regions
from tests.layout.typeset import Sheet, Style

_BODY = Style("tiro", 9, 1.2)


def page_with_quotation(dpi: float, size: float, font: str, rules: bool) -> Sheet:
    """Two columns of text, and between them a quotation that takes 60 points of each."""
    sheet = Sheet(595, 842, dpi, random.Random(3))
    lines = 4
    room = round((lines * 1.25 * size + 22) / 10.8)
    for x, inner in ((50, 50), (310, 370)):
        y = sheet.text(x, 60, 235, 18, _BODY)
        top = y
        y = sheet.text(inner, y, 175, room, _BODY)
        sheet.text(x, y, 235, 25, _BODY)
    style = Style(font, size, 1.25, False, 0, "center")
    sheet.text(240, top + 10, 115, lines, style, "title")
    if rules:
        thick = max(1, round(dpi / 100))
        for y in (top + 5, top + 13 + lines * 1.25 * size):
            sheet.draw.line(sheet.px(240, y, 355, y), 0, thick)
    return sheet


@pytest.mark.parametrize("dpi", [130, 200])
@pytest.mark.parametrize("skew", [0.0, 0.8])
@pytest.mark.parametrize(
    ("size", "font", "rules"),
    [(14, "hebo", False), (13, "tiit", False), (16, "tiro", False), (14, "hebo", True)],
)
def test_a_quotation_between_columns_stands_alone(
    dpi: float, skew: float, size: float, font: str, rules: bool
) -> None:
    """It is one region, after the left column and the right one, neither of which reaches into
    the other."""
    sheet = page_with_quotation(dpi, size, font, rules)
    image = sheet.image.rotate(-skew, Image.Resampling.BICUBIC, fillcolor=255)
    *columns, quotation = find_regions(image)
    assert {region.type for region in columns} == {"text"}
    width = sheet.width * dpi / 72
    middles = [(region.box.x0 + region.box.x1) / 2 / width for region in columns]
    sides = [middle > 0.5 for middle in middles]
    assert sides == sorted(sides)
    assert len(columns) <= 8
    assert max(region.box.x1 - region.box.x0 for region in columns) < 0.45 * width
    box = quotation.box
    assert (box.x0 + box.x1) / 2 / width == pytest.approx(0.5, abs=0.04)
    assert box.x1 - box.x0 < 0.25 * width
