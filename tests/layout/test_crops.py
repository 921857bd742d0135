"""A region's picture shows the region, level, and nothing else."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image, ImageDraw

from got_loaders.layout import crop
from got_loaders.layout.crop import cut_region
from got_loaders.types import Box, Region

PAPER = (240, 230, 200)


def page() -> Image.Image:
    """A black block on paper, with red neighbours on all sides."""
    image = Image.new("RGB", (400, 300), PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 399, 299), None, (200, 0, 0), 40)
    draw.rectangle((100, 100, 299, 199), PAPER, "black", 12)
    return image


def turned(skew: float) -> tuple[Image.Image, Region]:
    """The page with its lines turned clockwise, and the region of the block in its middle."""
    image = page().rotate(-skew, Image.Resampling.BICUBIC, fillcolor=PAPER)
    cos, sin = abs(math.cos(math.radians(skew))), abs(math.sin(math.radians(skew)))
    across, down = 200 * cos + 100 * sin, 200 * sin + 100 * cos
    box = Box(200 - across / 2, 150 - down / 2, 200 + across / 2, 150 + down / 2)
    return image, Region(box=box, skew=skew)


@pytest.mark.parametrize(
    "skew", [-30.0, -5.0, -0.4, 0.0, 0.4, 2.0, 20.0, 90.0, -90.0, 180.0, 87.0, -120.0]
)
def test_a_skewed_region_is_levelled(skew: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """The picture has the region's own size and its frame's sides are straight, also where its
    lines stand upright or upside down."""
    image, region = turned(skew)
    monkeypatch.setattr(crop, "MARGIN", 0)
    cut = cut_region(image, region)
    assert abs(cut.width - 200) <= 5
    assert abs(cut.height - 100) <= 5
    dark = np.asarray(cut.convert("L")) < 100
    assert dark[cut.height // 2].sum() == pytest.approx(24, abs=3)
    assert (dark.mean(axis=1) > 0.95).sum() >= 9 * 2


@pytest.mark.parametrize("skew", [-20.0, 0.0, 3.0])
def test_neighbours_are_not_seen(skew: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the margin nor the corners of a skewed region's hull show what stands there."""
    image, region = turned(skew)
    monkeypatch.setattr(crop, "MARGIN", 0.5)
    pixels = np.asarray(cut_region(image, region)).astype(int)
    assert (pixels[..., 0] - pixels[..., 1]).max() < 60
    assert tuple(pixels[0, 0]) == PAPER


def test_a_margin_is_relative_to_the_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """The margin is a share of the side of a square of the region's size."""
    region = Region(box=Box(100, 100, 200, 200))
    widths = []
    for margin in (0.1, 0.5):
        monkeypatch.setattr(crop, "MARGIN", margin)
        widths.append(cut_region(page(), region).width)
    assert widths[1] - widths[0] == pytest.approx(80, abs=4)


def test_a_region_at_the_edge_has_paper_around_it() -> None:
    """Where the page ends paper goes on, and no black."""
    image = Image.new("L", (50, 50), 200)
    for skew in (0.0, 5.0, -5.0):
        cut = cut_region(image, Region(box=Box(-20, -20, 70, 70), skew=skew))
        assert cut.mode == "RGB"
        assert cut.getextrema() == ((200, 200),) * 3


@pytest.mark.parametrize("skew", [-10.0, -3.0, 3.0, 10.0])
@pytest.mark.parametrize("edge", ["left", "top", "right", "bottom"])
def test_nothing_is_cut_off_where_a_corner_lies_beyond_the_page(skew: float, edge: str) -> None:
    """A region whose levelled rectangle does not fit on the page is cut with all of its ink."""
    image, region = turned(skew)
    box, lean = region.box, math.sin(math.radians(abs(skew)))
    lost = 0.8 * lean * (100 if edge in ("left", "right") else 200)  # nothing but a corner
    frame = {
        "left": (box.x0 + lost, 0, 400, 300),
        "top": (0, box.y0 + lost, 400, 300),
        "right": (0, 0, box.x1 - lost, 300),
        "bottom": (0, 0, 400, box.y1 - lost),
    }[edge]
    x, y, *_ = (round(value) for value in frame)
    page = image.crop(tuple(round(value) for value in frame))  # type: ignore[arg-type]  # four
    moved = Box(box.x0 - x, box.y0 - y, box.x1 - x, box.y1 - y).clipped(*page.size)
    assert moved is not None
    left = (np.asarray(page.convert("RGB")).sum(axis=2) < 120).sum()
    cut = cut_region(page, Region(box=moved, skew=skew))
    assert (np.asarray(cut).sum(axis=2) < 120).sum() > 0.95 * left


@pytest.mark.parametrize("box", [Box(0, 0, 0.2, 0.2), Box(9, 9, 10, 10), Box(0, 4, 10, 4.1)])
@pytest.mark.parametrize("skew", [0.0, 2.0, 44.9, 45.0, 90.0, -100.0])
def test_any_box_can_be_cut(box: Box, skew: float) -> None:
    """Boxes of parts of a pixel, and angles that fit no rectangle, give some picture."""
    cut = cut_region(Image.new("RGB", (10, 10), "white"), Region(box=box, skew=skew))
    assert cut.width >= 1
    assert cut.height >= 1


def test_a_box_that_is_not_on_the_picture_is_refused() -> None:
    """The error names the box and the picture's size."""
    with pytest.raises(ValueError, match=r"60.*50x50"):
        cut_region(Image.new("RGB", (50, 50)), Region(box=Box(60, 0, 70, 10)))


def test_the_margin_of_a_thread_is_no_higher_than_the_thread() -> None:
    """A region of 100,000 pixels by 6 is cut into a picture of its own order, not into a sheet."""
    page = Image.new("RGB", (100_000, 6), "white")
    cut = cut_region(page, Region(box=Box(0, 0, 100_000, 6), type="text"))
    assert cut.size == (100_012, 18)
