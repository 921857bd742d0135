"""No picture makes the whitespace method raise, or find more than it may."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from got_loaders.layout import MAX_REGIONS
from got_loaders.layout.crop import cut_region
from got_loaders.layout.scan.analyzer import find_regions


def checkerboard(width: int, height: int, cell: int) -> Image.Image:
    """Black and white squares."""
    y, x = np.mgrid[:height, :width] // cell
    return Image.fromarray(((x + y) % 2 * 255).astype(np.uint8))


def noise(width: int, height: int, share: float) -> Image.Image:
    """So large a share of the pixels is black."""
    values = np.random.default_rng(5).random((height, width))
    return Image.fromarray(np.where(values < share, 0, 255).astype(np.uint8))


def crosses(count: int) -> Image.Image:
    """A page of crosses, none near another."""
    image = Image.new("L", (1200, 1600), 255)
    draw = ImageDraw.Draw(image)
    dice = random.Random(7)
    for _ in range(count):
        x, y = dice.randrange(1150), dice.randrange(1550)
        draw.line((x, y, x + 30, y + 30), 0, 4)
        draw.line((x + 30, y, x, y + 30), 0, 4)
    return image


def nested(count: int) -> Image.Image:
    """Frames in frames, each with a gap on all sides."""
    image = Image.new("L", (1200, 1600), 255)
    draw = ImageDraw.Draw(image)
    for n in range(count):
        draw.rectangle((n * 10, n * 10, 1199 - n * 10, 1599 - n * 10), None, 0, 2)
    return image


def ramp() -> Image.Image:
    """From black on the left to white on the right."""
    return Image.linear_gradient("L").resize((1000, 1400))


PICTURES: dict[str, Callable[[], Image.Image]] = {
    "board of 1": lambda: checkerboard(1500, 1500, 1),
    "board of 3": lambda: checkerboard(1500, 1500, 3),
    "board of 40": lambda: checkerboard(1500, 1500, 40),
    "board of 200": lambda: checkerboard(1500, 1500, 200),
    "pepper": lambda: noise(1200, 1600, 0.02),
    "noise": lambda: noise(1200, 1600, 0.5),
    "salt": lambda: noise(1200, 1600, 0.97),
    "many crosses": lambda: crosses(900),
    "frames": lambda: nested(59),
    "ramp": ramp,
    "stripes": lambda: Image.fromarray(np.tile(np.array([[0], [255]], np.uint8), (800, 1200))),
    "upright stripes": lambda: Image.fromarray(np.tile(np.array([0, 255], np.uint8), (800, 600))),
    "one line": lambda: noise(3000, 1, 0.5),
    "one column": lambda: noise(1, 3000, 0.5),
    "a long strip": lambda: noise(3_000_000, 1, 0.5),
    "a tall strip": lambda: noise(2, 1_500_000, 0.5),
}


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_raises(name: str) -> None:
    """Regions are few, lie on the picture, and can be cut from it."""
    image = PICTURES[name]()
    regions = find_regions(image)
    assert len(regions) <= MAX_REGIONS
    for region in regions:
        x0, y0, x1, y1 = region.box
        assert 0 <= x0 < x1 <= image.width
        assert 0 <= y0 < y1 <= image.height
    for region in regions[:3]:
        assert cut_region(image, region).width >= 1


@pytest.mark.parametrize(("count", "found"), [(120, 120), (250, 1)])
def test_too_many_regions_are_one(count: int, found: int) -> None:
    """A page of more blocks than are allowed is one region, which holds them all."""
    image = Image.new("L", (500, 80 * count), 255)
    draw = ImageDraw.Draw(image)
    for y in range(20, 80 * count, 80):
        for n in range(40):
            x, down = 20 + n % 20 * 22, y + n // 20 * 28
            draw.rectangle((x, down, x + 13, down + 15), 0)
    regions = find_regions(image)
    assert len(regions) == found
    assert regions[0].box.y0 < 30
    assert regions[-1].box.y1 > 80 * count - 30


@pytest.mark.parametrize("size", [(1, 1), (1, 2), (2, 1), (3, 3), (7, 100), (100, 7)])
@pytest.mark.parametrize("share", [0, 0.5, 1])
def test_tiny_pictures(size: tuple[int, int], share: float) -> None:
    """Pictures of a pixel and more are looked at like others."""
    assert len(find_regions(noise(*size, share))) <= MAX_REGIONS


@pytest.mark.parametrize("color", ["white", "black", "#808080", "#203080"])
def test_an_empty_page_has_no_regions(color: str) -> None:
    """Whatever its paper's colour."""
    assert find_regions(Image.new("RGB", (600, 800), color)) == ()


def test_a_page_of_specks_has_no_regions() -> None:
    """A scanner's noise and dust are no text."""
    noise = np.random.default_rng(3).normal(235, 8, (1600, 1130))
    dice = random.Random(4)
    for _ in range(200):
        noise[dice.randrange(1600), dice.randrange(1130)] = 40
    assert find_regions(Image.fromarray(np.clip(noise, 0, 255).astype(np.uint8))) == ()


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "PA", "RGBA", "RGBX", "CMYK",
                                  "YCbCr", "LAB", "HSV", "I", "F", "I;16"])  # fmt: skip
def test_pictures_of_any_mode(mode: str) -> None:
    """Not only RGB: a black bar is one region in each."""
    grey = Image.new("L", (300, 200), 255)
    ImageDraw.Draw(grey).rectangle((50, 80, 250, 100), 0)
    if mode in ("LAB", "HSV"):
        image = grey.convert("RGB")
        image = image if mode == "LAB" else image.convert(mode)
    elif mode == "I;16":
        image = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    elif mode == "I":
        image = Image.fromarray(np.asarray(grey).astype(np.int32) * 257)
    else:
        image = (
            grey.convert("RGB").convert(mode) if mode in ("CMYK", "YCbCr") else grey.convert(mode)
        )
    (region,) = find_regions(image)
    assert region.box.x0 == pytest.approx(50, abs=2)
    assert region.box.x1 == pytest.approx(251, abs=2)
