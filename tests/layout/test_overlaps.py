"""Regions of one page lie beside each other: no word is read twice."""

from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image

from got_loaders.layout.scan.analyzer import find_regions
from got_loaders.layout.scan.overlaps import merge_overlapping
from got_loaders.types import Region
from tests.layout.typeset import Sheet, Style


def greatest_overlap(regions: tuple[Region, ...]) -> float:
    """The greatest part of a region that another one covers."""
    shares = [0.0]
    for number, one in enumerate(regions):
        for two in regions[number + 1 :]:
            a, b = one.box, two.box
            across = min(a.x1, b.x1) - max(a.x0, b.x0)
            down = min(a.y1, b.y1) - max(a.y0, b.y0)
            if across > 0 and down > 0:
                areas = [(box.x1 - box.x0) * (box.y1 - box.y0) for box in (a, b)]
                shares.append(across * down / min(areas))
    return max(shares)


def chart_on_a_grid(dpi: float) -> Image.Image:
    """A chart of thin bars in threes, over light level lines, with a legend."""
    sheet = Sheet(595, 842, dpi, random.Random(3))
    sheet.text(60, 50, 480, 6, Style("tiro", 9, 1.2))
    font, big = (sheet.font(Style("helv", size, 1)) for size in (9, 13))
    sheet.draw.text(sheet.px(200, 150), "Sales by quarter", 0, big, anchor="ls")  # type: ignore[arg-type]
    for row in range(6):
        y = 440 - row * 50
        sheet.draw.text(sheet.px(80, y + 4), f"{row * 20}", 0, font, anchor="rs")  # type: ignore[arg-type]
        sheet.draw.line(sheet.px(90, y, 400, y), 170, 1)
    for group in range(6):
        for bar in range(3):
            x, height = 100 + group * 50 + bar * 12, 40 + (group * 37 + bar * 53) % 180
            sheet.draw.rectangle(sheet.px(x, 440 - height, x + 10, 440), (60, 120, 170)[bar])
        sheet.draw.text(sheet.px(108 + group * 50, 455), f"Q{group + 1}", 0, font, anchor="ls")  # type: ignore[arg-type]
    sheet.text(60, 520, 480, 16, Style("tiro", 9, 1.2))
    return sheet.image


@pytest.mark.parametrize("dpi", [100, 120, 150, 200])
@pytest.mark.parametrize("skew", [0.0, 0.6])
def test_the_pieces_of_a_chart_do_not_overlap(dpi: float, skew: float) -> None:
    """What layout takes for the pieces of a chart is not cut out of the page twice."""
    image = chart_on_a_grid(dpi).rotate(-skew, Image.Resampling.BICUBIC, fillcolor=255)
    assert greatest_overlap(find_regions(image)) < 0.35


def test_a_region_on_another_becomes_part_of_the_larger_one() -> None:
    """It keeps the larger one's type and place; what only touches stays apart."""
    title = np.array([[0.0, 0, 100, 20]])
    small = np.array([[10.0, 40, 30, 60]])
    large = np.array([[0.0, 30, 100, 100], [100.0, 30, 120, 100]])
    below = np.array([[0.0, 95, 120, 140]])
    merged = merge_overlapping(
        [(title, "title"), (small, "text"), (large, "figure"), (below, "text")]
    )
    assert [kind for _, kind in merged] == ["title", "figure", "text"]
    assert len(merged[1][0]) == 3
