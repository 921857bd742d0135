"""Images of every mode become what a person sees: upright, on white, 8-bit RGB."""

from __future__ import annotations

import pytest
from PIL import Image

from got_loaders.pages.image.modes import display_dpi, display_size, orientation, upright_rgb

Pixel = tuple[int, int, int]


def first(picture: Image.Image) -> Pixel:
    """The first pixel, normalised."""
    seen = upright_rgb(picture)
    assert seen.mode == "RGB"
    pixel = seen.getpixel((0, 0))
    assert isinstance(pixel, tuple)
    return pixel  # type: ignore[return-value]  # RGB: three bands


@pytest.mark.parametrize(
    ("mode", "value", "seen"),
    [
        ("1", 1, (255, 255, 255)),
        ("L", 7, (7, 7, 7)),
        ("RGB", (1, 2, 3), (1, 2, 3)),
        ("CMYK", (0, 255, 255, 0), (255, 0, 0)),
        ("CMYK", (0, 0, 0, 255), (0, 0, 0)),
        ("YCbCr", (255, 128, 128), (255, 255, 255)),
        ("HSV", (0, 255, 255), (255, 0, 0)),
        ("RGBX", (1, 2, 3, 9), (1, 2, 3)),
        ("RGBA", (255, 0, 0, 0), (255, 255, 255)),
        ("RGBA", (0, 0, 0, 128), (127, 127, 127)),
        ("RGBa", (0, 0, 0, 0), (255, 255, 255)),
        ("LA", (0, 0), (255, 255, 255)),
        ("La", (0, 0), (255, 255, 255)),
        ("I;16", 257 * 100, (100, 100, 100)),
        ("I;16B", 257 * 100, (100, 100, 100)),
        ("I;16", 65535, (255, 255, 255)),
        ("I", 257 * 100, (100, 100, 100)),
        ("F", 0.5, (128, 128, 128)),
        ("F", 1.0, (255, 255, 255)),
        ("F", 100.0, (100, 100, 100)),
        ("F", 257.0 * 100, (100, 100, 100)),
    ],
)
def test_every_mode_becomes_rgb(mode: str, value: float | tuple[int, ...], seen: Pixel) -> None:
    """Transparent is white, more than 8 bits are scaled, colour spaces are converted."""
    assert first(Image.new(mode, (2, 2), value)) == seen


def test_lab_is_converted() -> None:
    """White is white, but for rounding."""
    assert min(first(Image.new("LAB", (2, 2), (255, 128, 128)))) >= 253


def test_all_of_16_bits_is_kept_in_order() -> None:
    """Every 8-bit step survives: nothing is clipped, nothing merged."""
    picture = Image.new("I;16", (256, 1))
    for x in range(256):
        picture.putpixel((x, 0), x * 257)
    seen = upright_rgb(picture)
    assert seen.tobytes()[::3] == bytes(range(256))


def test_levels_that_the_file_gives_are_kept() -> None:
    """A 12-bit scan is not nearly black, and where 0 is white it is white."""
    picture = Image.new("I;16", (2, 1))
    picture.putpixel((1, 0), 4095)
    assert upright_rgb(picture, levels=(0.0, 4095.0)).tobytes() == b"\0\0\0\xff\xff\xff"
    assert upright_rgb(picture, levels=(4095.0, 0.0)).tobytes() == b"\xff\xff\xff\0\0\0"


@pytest.mark.parametrize(("mode", "low", "high"), [("I", -7, 100_000), ("F", -2.0, 3.0)])
def test_other_ranges_are_stretched(mode: str, low: float, high: float) -> None:
    """The least value is black and the greatest white where no usual scale fits."""
    picture = Image.new(mode, (2, 1), low)
    picture.putpixel((1, 0), high)
    assert upright_rgb(picture).tobytes() == b"\0\0\0\xff\xff\xff"


def test_values_that_are_no_numbers_do_not_spoil_the_rest() -> None:
    """A NaN or an infinity in one place leaves the others as they are."""
    picture = Image.new("F", (4, 1), 0.5)
    picture.putpixel((0, 0), float("nan"))
    picture.putpixel((1, 0), float("inf"))
    picture.putpixel((2, 0), 1.0)
    assert upright_rgb(picture).tobytes()[6:] == b"\xff\xff\xff\x80\x80\x80"
    assert first(Image.new("F", (1, 1), float("nan")))


def test_a_palette_is_looked_up_and_its_transparency_is_white() -> None:
    """Palette images show their colours; a transparent entry is paper."""
    picture = Image.new("P", (2, 1))
    picture.putpalette([255, 0, 0, 0, 0, 255])
    picture.putpixel((1, 0), 1)
    assert upright_rgb(picture).tobytes() == b"\xff\0\0\0\0\xff"
    picture.info["transparency"] = 1
    assert upright_rgb(picture).tobytes() == b"\xff\0\0\xff\xff\xff"


@pytest.mark.parametrize(("mode", "value"), [("RGB", (1, 2, 3)), ("L", 5), ("1", 0)])
def test_a_transparent_colour_is_white(mode: str, value: int | tuple[int, ...]) -> None:
    """A colour that the file declares transparent is paper."""
    picture = Image.new(mode, (1, 1), value)
    picture.info["transparency"] = value
    assert first(picture) == (255, 255, 255)


@pytest.mark.parametrize("value", range(1, 9))
def test_every_exif_orientation_ends_upright(value: int) -> None:
    """The red corner is at the top left however the camera was held; sizes and dpi follow."""
    upright = Image.new("RGB", (3, 2), "white")
    upright.putpixel((0, 0), (255, 0, 0))
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(undo[value]) if value in undo else upright
    stored.getexif()[0x0112] = value
    stored.info["dpi"] = (300, 200) if value < 5 else (200, 300)
    assert upright_rgb(stored).tobytes() == upright.tobytes()
    assert display_size(stored) == (3, 2)
    assert display_dpi(stored) == (300, 200)


@pytest.mark.parametrize("value", [0, 9, "x", None])
def test_a_senseless_orientation_is_none(value: object) -> None:
    """Nothing is turned, nothing fails."""
    picture = Image.new("RGB", (3, 2))
    picture.getexif()[0x0112] = value
    assert orientation(picture) == 1
    assert display_size(picture) == (3, 2)


@pytest.mark.parametrize("dpi", [None, 300, ("x", 1), (float("nan"), 1), (1,)])
def test_a_senseless_resolution_is_none(dpi: object) -> None:
    """What is no resolution counts as absent."""
    picture = Image.new("RGB", (3, 2))
    picture.info["dpi"] = dpi
    assert display_dpi(picture) is None


def test_the_callers_image_is_left_alone() -> None:
    """Normalising changes no input."""
    picture = Image.new("LA", (2, 3), (0, 0))
    picture.getexif()[0x0112] = 6
    upright_rgb(picture)
    assert (picture.mode, picture.size, picture.getexif()[0x0112]) == ("LA", (2, 3), 6)
