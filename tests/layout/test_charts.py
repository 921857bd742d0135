"""The bars of a chart are one figure, with what stands beside them."""

from __future__ import annotations

import random

import pytest
from PIL import Image

from got_loaders.layout.scan.analyzer import find_regions
from tests.layout.typeset import Sheet, Style


def level_bars(dpi: float, count: int, thick: float) -> Sheet:
    """A chart of bars without axes, a name on the left and a number on the right of each."""
    sheet, rng = Sheet(595, 842, dpi, random.Random(5)), random.Random(5)
    body, small = Style("tiro", 9, 1.2), sheet.font(Style("helv", 9, 1))
    sheet.text(60, 50, 480, 6, body)
    for number in range(count):
        y, length = 190 + number * 2 * thick, rng.uniform(40, 280)
        base = y + thick / 2 + 3
        name, value = f"{number * 10} to {number * 10 + 9} years", f"{length:.0f}"
        sheet.draw.text(sheet.px(155, base), name, 0, small, anchor="rs")  # type: ignore[arg-type]
        sheet.draw.rectangle(sheet.px(160, y, 160 + length, y + thick), 110)
        sheet.draw.text(sheet.px(166 + length, base), value, 0, small, anchor="ls")  # type: ignore[arg-type]
    sheet.text(60, 560, 480, 12, body)
    return sheet


def upright_bars(dpi: float, count: int, thick: float) -> Sheet:
    """A chart of bars that stand apart, without axes, a name below each."""
    sheet, rng = Sheet(595, 842, dpi, random.Random(5)), random.Random(5)
    body, small = Style("tiro", 9, 1.2), sheet.font(Style("helv", 9, 1))
    sheet.text(60, 50, 480, 6, body)
    for number in range(count):
        x, length = 100 + number * 2 * thick, rng.uniform(40, 280)
        sheet.draw.rectangle(sheet.px(x, 480 - length, x + thick, 480), 60)
        name = f"Q{number}"
        sheet.draw.text(sheet.px(x + thick / 2, 492), name, 0, small, anchor="ms")  # type: ignore[arg-type]
    sheet.text(60, 560, 480, 12, body)
    return sheet


@pytest.mark.parametrize("dpi", [100, 180])
@pytest.mark.parametrize(("count", "thick"), [(4, 24), (8, 16), (10, 18)])
@pytest.mark.parametrize("skew", [0.0, 0.6])
@pytest.mark.parametrize("chart", [level_bars, upright_bars])
def test_bars_that_stand_apart_are_one_figure(
    chart: object, dpi: float, count: int, thick: float, skew: float
) -> None:
    """Nothing stands between the text above a chart and that below it but the chart, and at most a
    row of names below its bars."""
    assert callable(chart)
    image = chart(dpi, count, thick).image.rotate(-skew, Image.Resampling.BICUBIC, fillcolor=255)
    kinds = [region.type for region in find_regions(image)]
    assert kinds[:2] == ["text", "figure"]
    assert kinds[2:] in (["text"], ["caption", "text"], ["text", "text"])


def test_a_picture_alone_on_a_page_is_a_figure() -> None:
    """Though there are no letters beside which it is large."""
    page = Image.new("L", (600, 800), 255)
    page.paste(90, (60, 200, 460, 450))
    (region,) = find_regions(page)
    assert (region.type, region.box) == ("figure", (60, 200, 460, 450))
