"""A picture of any Pillow mode is the same for the blank check, the layout and the model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from got_loaders import GotOcrLoader
from got_loaders._image_ops import flatten
from got_loaders.engine.processor.preprocess import make_tiles
from got_loaders.layout.blank import is_blank
from got_loaders.layout.crop import cut_region
from got_loaders.layout.scan.analyzer import find_regions
from got_loaders.testing import FakeEngine
from got_loaders.types import Box, OcrRequest, Region
from tests.pages.making import image

Color = tuple[int, int, int]

MODES = (
    *("1", "L", "P", "RGB", "RGBA", "RGBa", "LA", "La", "PA", "RGBX", "CMYK", "YCbCr", "HSV"),
    *("LAB", "I", "F", "I;16", "I;16L", "I;16B", "I;16N"),
)
WHITE, YELLOW, PALE = (255, 255, 255), (255, 255, 150), (225, 230, 235)


def bar(mode: str) -> Image.Image:
    """A black bar on white, in any mode."""
    gray = Image.new("L", (300, 200), 255)
    ImageDraw.Draw(gray).rectangle((50, 80, 250, 100), 0)
    levels = np.asarray(gray)
    if mode == "LAB":
        middle = np.full_like(levels, 128)
        return Image.frombytes(mode, gray.size, np.stack([levels, middle, middle], -1).tobytes())
    if mode.startswith("I;16"):
        kind = ">u2" if mode == "I;16B" else "<u2"
        return Image.frombytes(mode, gray.size, (levels.astype(kind) * 257).tobytes())
    if mode in ("I", "F"):
        return Image.fromarray(
            levels.astype(np.int32) * 257 if mode == "I" else levels / np.float32(255)
        )
    via = {"La": "LA", "RGBa": "RGBA", "PA": "P"}.get(mode, "RGB" if mode[0] in "CYHR" else "L")
    return gray.convert(via).convert(mode)


def check(picture: Image.Image) -> None:
    """It is shown, judged, taken apart, cut and given to the model."""
    assert not is_blank(picture)
    (region,) = find_regions(picture)
    assert region.box.x0 == pytest.approx(50, abs=2)
    for skew in (0.0, 3.0):
        cut = cut_region(picture, Region(box=Box(40, 70, 260, 110), skew=skew))
        assert cut.mode == "RGB"
    for crop in (False, True):
        request = OcrRequest(images=(picture,), crop_to_patches=crop, max_patches=3)
        tiles = make_tiles(request, size=64, resample=Image.Resampling.BICUBIC)
        assert (tiles.min(), tiles.max()) == (0, 255)


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_is_read(mode: str) -> None:
    """Also premultiplied ones, palettes with transparency, and more than eight bits."""
    check(bar(mode))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "key",
    [77, 65535, -1, 3.5, (1, 2, 3), (1, 2), (65535,) * 3, bytes(range(255, -1, -1)), "x", None],
    ids=lambda key: type(key).__name__,
)
def test_a_transparent_colour_of_any_kind_raises_nothing(mode: str, key: object) -> None:
    """One that the mode can't have is none."""
    picture = bar(mode).copy()
    picture.info["transparency"] = key
    flat = flatten(picture)
    assert flat.mode in ("L", "RGB")
    assert "transparency" not in flat.info
    is_blank(picture)
    find_regions(picture)
    cut_region(picture, Region(box=Box(40, 70, 260, 110), skew=3.0))
    make_tiles(OcrRequest(images=(picture,)), size=64, resample=Image.Resampling.BICUBIC)


def test_a_picture_without_colour_may_have_a_transparent_one() -> None:
    """It is white for the model, as the processor of transformers shows it."""
    picture = Image.new("RGB", (40, 40), (9, 9, 9))
    picture.paste((80, 80, 80), (10, 10, 20, 20))
    picture.info["transparency"] = (9, 9, 9)
    tiles = make_tiles(OcrRequest(images=(picture,)), size=40, resample=Image.Resampling.BOX)
    assert sorted(set(tiles.ravel().tolist())) == [80, 255]


def written(color: Color, *, alpha: int = 255, below: Color = (0, 0, 0)) -> Image.Image:
    """Two lines of text on a transparent ground, the colour below it being of no account."""
    picture = Image.new("RGBA", (400, 120), (*below, 0))
    pen = ImageDraw.Draw(picture)
    for y in (10, 60):
        pen.text((20, y), "Hello light world", fill=(*color, alpha), font_size=30)
    return picture


def seen(data: bytes, **options: Any) -> Image.Image | None:
    """What the engine gets of a file; None where it is blank."""
    engine = FakeEngine("READ")
    (document,) = GotOcrLoader(data, engine=engine, **options).load()
    blank = document.metadata["ocr_origin"] == "blank"
    assert blank is not bool(engine.requests)
    return None if blank else engine.requests[0].images[0].convert("L")


@pytest.mark.parametrize("color", [WHITE, YELLOW, PALE])
@pytest.mark.parametrize("below", [(0, 0, 0), WHITE])
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "GIF", "palette", "LA", "regions"])
def test_light_ink_on_a_transparent_ground_is_seen_on_black(
    kind: str, below: Color, color: Color
) -> None:
    """In every format that has transparency: white would swallow it."""
    picture = written(color, below=below)
    if kind == "palette":
        picture = picture.quantize(32, method=Image.Quantize.FASTOCTREE)
    elif kind == "LA":
        picture = picture.convert("LA")
    options = {"regions": "auto"} if kind == "regions" else {}
    view = seen(image(picture, kind if kind in ("WEBP", "TIFF", "GIF") else "PNG"), **options)
    assert view is not None
    assert view.getpixel((0, 0)) == 0
    assert view.getextrema()[1] > 200  # type: ignore[operator]  # one band: numbers


@pytest.mark.parametrize("color", [(0, 0, 0), (120, 120, 120), (200, 0, 0), (255, 165, 0)])
def test_other_ink_stands_on_white(color: Color) -> None:
    """As transformers shows it."""
    view = seen(image(written(color), "PNG"))
    assert view is not None
    assert view.getpixel((0, 0)) == 255


def test_light_ink_beside_dark_ink_stands_on_white() -> None:
    """What is dark must not be lost."""
    picture = written(WHITE)
    ImageDraw.Draw(picture).text((20, 95), "dark", fill=(0, 0, 0, 255), font_size=16)
    view = seen(image(picture, "PNG"))
    assert view is not None
    assert view.getpixel((0, 0)) == 255


@pytest.mark.parametrize("angle", [3, 12, 20])
def test_an_empty_sheet_with_transparent_corners_is_blank(angle: float) -> None:
    """Its paper is no ink, though it is all light."""
    sheet = Image.new("RGBA", (600, 800), (250, 250, 245, 255)).rotate(angle, expand=True)
    assert seen(image(sheet, "PNG")) is None
    pen = ImageDraw.Draw(sheet)
    pen.text((250, 400), "some words", fill=(20, 20, 20, 255), font_size=30)
    view = seen(image(sheet, "PNG"))
    assert view is not None
    assert view.getpixel((0, 0)) == 255


@pytest.mark.parametrize("letter", ["W", "L", "8", "i"])
def test_a_light_letter_that_fills_its_picture_is_seen(letter: str) -> None:
    """Cut off at its ink."""
    picture = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    pen.text((20, 0), letter, fill="white", font_size=250, stroke_width=8)
    assert seen(image(picture.crop(picture.getbbox()), "PNG")) is not None


def test_what_is_wholly_transparent_is_blank() -> None:
    """Whatever colours lie in it."""
    for color in ((0, 0, 0, 0), (255, 255, 255, 0), (200, 30, 30, 0)):
        assert seen(image(Image.new("RGBA", (300, 300), color), "PNG")) is None
