"""Pillow images and numpy arrays as sources."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from got_loaders import GotOcrLoader, GotOcrReader, read
from got_loaders.errors import SourceError, SourceRefusedError, UnsupportedSourceError
from got_loaders.sources import Source, file_sources
from got_loaders.testing import FakeEngine


def scan(ink: str = "black") -> Image.Image:
    """A page with something on its upper left."""
    page = Image.new("RGB", (60, 80), "white")
    page.paste(ink, (5, 5, 40, 30))
    return page


PIXELS = np.asarray(scan())
GRAY = np.asarray(scan().convert("L"))


def only(obj: object, **options: Any) -> Source:
    """The one source that ``obj`` stands for."""
    (source,) = file_sources(obj, **options)
    assert isinstance(source, Source), source
    return source


def refused(obj: object, **options: Any) -> str:
    """The one error that ``obj`` gives."""
    (error,) = file_sources(obj, **options)
    assert isinstance(error, SourceError)
    return str(error)


def pixels(source: Source) -> Any:
    """What is kept of a picture."""
    assert source.data is not None
    return np.asarray(Image.open(io.BytesIO(source.data)).convert("RGB"))


@pytest.mark.parametrize(
    "mode",
    ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "HSV", "I", "I;16", "F"],
)
def test_a_pillow_image_of_any_mode_is_a_page(mode: str) -> None:
    """Black is black, white is white; the image stays as it is."""
    deep = {"I": 257, "I;16": 257, "F": 1}
    if mode in deep:
        image = Image.fromarray((GRAY.astype(np.uint32) * deep[mode]).astype("i4")).convert(mode)
    else:
        image = scan().convert("LA" if mode == "PA" else mode)
        image = image.convert(mode)
    before = image.tobytes()
    kept = pixels(only(image))
    assert kept[20, 20].max() < 8
    assert kept[70, 50].min() > 247
    assert (image.mode, image.tobytes()) == (mode, before)


def test_pictures_are_read_by_every_way_in() -> None:
    """Alone, in a list, and as arrays; the model sees just these pixels."""
    engine = FakeEngine("text")
    assert [result.info.total for result in read(scan(), engine=engine)] == [1]
    assert len(GotOcrLoader([scan(), PIXELS, "no.png"], engine=engine, on_error="skip").load()) == 2
    assert len(GotOcrReader(engine=engine).load_data(iter([PIXELS]))) == 1
    assert all(np.array_equal(np.asarray(r.images[0]), PIXELS) for r in engine.requests)


def test_an_image_that_was_opened_is_known_by_its_file(tmp_path: Path) -> None:
    """So it has the same ids as the file; what was made of it has a name of its own."""
    path = tmp_path / "may.png"
    scan().save(path)
    with Image.open(path) as image:
        source = only(image)
        assert (source.name, source.file_name) == (str(path), "may.png")
        assert only(image.crop((0, 0, 50, 50))).name.startswith("sha256:")
        (by_image,) = GotOcrLoader(image, engine=FakeEngine("text")).load()
    (by_path,) = GotOcrLoader(path, engine=FakeEngine("text")).load()
    assert (by_image.id, by_image.metadata) == (by_path.id, by_path.metadata)
    named = only(("june.png", scan()))
    assert (named.name, named.file_name) == ("june.png", "june.png")


def test_equal_pixels_have_equal_names() -> None:
    """Whatever holds them; and other pixels have others."""
    name = only(scan()).name
    assert only(PIXELS).name == only(scan().copy()).name == only(np.asfortranarray(PIXELS)).name
    assert name.startswith("sha256:")
    assert only(scan("red")).name != name
    assert only(PIXELS.reshape(40, 120, 3)).name != name


def test_all_frames_are_pages(tmp_path: Path) -> None:
    """As of the file; the image goes on from the frame where it stood."""
    file = tmp_path / "scan.tif"
    scan().save(file, save_all=True, append_images=[scan("red"), scan("blue")])
    with Image.open(file) as image:
        image.seek(1)
        (source,) = file_sources(image)
        assert image.tell() == 1
    results = list(read(source.data, engine=FakeEngine("text")))  # type: ignore[union-attr]  # one
    assert [(result.info.number, result.info.total) for result in results] == [
        (0, 3),
        (1, 3),
        (2, 3),
    ]


def test_a_photo_is_upright() -> None:
    """As its EXIF data says."""
    image, file = scan(), io.BytesIO()
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(file, "JPEG", exif=exif)
    assert pixels(only(Image.open(file))).shape == (60, 80, 3)


@pytest.mark.parametrize(
    "array",
    [
        GRAY,
        GRAY[..., None],
        np.dstack([PIXELS, np.full_like(GRAY, 255)]),
        GRAY > 127,
        GRAY.astype(np.uint16) * 257,
        GRAY / 255,
        (PIXELS / 255).astype(np.float16),
        PIXELS[::-1][::-1],
        np.ma.masked_array(PIXELS, mask=PIXELS > 100),
    ],
)
def test_an_array_is_a_page(array: Any) -> None:
    """Booleans, 8 and 16 bits, floats from 0 to 1; grey, RGB and RGBA."""
    assert np.array_equal(pixels(only(array)), PIXELS)


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.moveaxis(PIXELS, -1, 0), "pass np.moveaxis(array, 0, -1)"),
        (np.stack([PIXELS] * 2), "pass list(array)"),
        (np.stack([GRAY] * 9), "pass list(array)"),
        (np.zeros((4, 4, 7), np.uint8), "expected (height, width)"),
        (np.zeros(4, np.uint8), "expected (height, width)"),
        (np.array(3), "expected (height, width)"),
        (np.zeros((0, 4), np.uint8), "expected (height, width)"),
        (GRAY.astype(float), "these go from 0 to 255"),
        (np.full((4, 4), np.nan), "these go from nan"),
        (GRAY.astype(np.int64), "values of type int64: pass array.astype(np.uint8)"),
        (GRAY.astype(complex), "values of type complex128"),
    ],
)
def test_what_is_no_picture_is_refused_with_what_would_be(array: Any, words: str) -> None:
    """A shape, or a range of values, that could mean two things is not guessed."""
    assert words in refused(array)
    assert refused(("may", array)).startswith("may: not a picture")


def test_paths_may_stand_in_arrays_and_columns() -> None:
    """Arrays of texts hold paths; tensors and tables are refused with a word on what to pass."""
    assert [s.name for s in file_sources(np.array(["a", "b"]))] == ["a", "b"]  # type: ignore[union-attr]  # no errors
    tensor = SimpleNamespace(__array__=None, shape=(3, 80, 60), __iter__=None)
    assert "tensor.permute(1, 2, 0)" in refused(tensor)
    table = SimpleNamespace(__array__=None, shape=(3, 80), columns=["path"])
    assert "pass the column" in refused(table)


def test_damaged_closed_and_huge_images_are_errors_of_theirs(tmp_path: Path) -> None:
    """Named, and in their place; a huge one is not decoded, nor is a huge array copied."""
    for shape in ((10**6, 10**6), (10**6, 10**6, 3)):
        huge = np.broadcast_to(np.float32(1), shape)
        assert "more than max_image_pixels=200000000" in refused(huge)
    Image.new("L", (1, 1)).save(tmp_path / "a.tiff", save_all=True, append_images=[scan()])
    with Image.open(tmp_path / "a.tiff") as frames:
        assert "frame 2 has 4800: max_image_pixels=9" in refused(frames, max_pixels=9)
    file = tmp_path / "a.png"
    scan().save(file)
    cut = Image.open(io.BytesIO(file.read_bytes()[:-60]))
    assert "its pixels can't be read" in refused(("may.png", cut))
    with Image.open(file) as image:
        assert "max_image_pixels=4799" in refused(image, max_pixels=4799)
    assert refused(image).startswith(f"{file}: its pixels can't be read")
    assert "no pixels" in refused(Image.new("L", (0, 5)))
    with pytest.raises(SourceRefusedError, match="max_image_pixels=10"):
        list(read(scan(), engine=FakeEngine(), max_image_pixels=10))
    with pytest.raises(UnsupportedSourceError):
        list(read(GRAY.astype(int), engine=FakeEngine()))
