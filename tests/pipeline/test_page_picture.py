"""A page as a picture, for those who look at it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from got_loaders import ReadOptions
from got_loaders.errors import PageError, SourceError
from got_loaders.pipeline import page_png
from tests.pages import making


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A PDF of two pages, and a large picture of noise, which no PNG makes small."""
    (tmp_path / "a.pdf").write_bytes(making.pdf("one", "two", size=(600, 800)))
    (tmp_path / "b.png").write_bytes(making.image(making.noise(2).resize((900, 300)), "PNG"))
    return tmp_path


def picture(folder: Path, name: str, *, side_px: int = 400, max_bytes: int = 10**6) -> Image.Image:
    """As it is given."""
    options = ReadOptions(root=folder, pages="-1")
    data = page_png(str(folder / name), options, side_px=side_px, max_bytes=max_bytes)
    assert len(data) <= max_bytes
    image = Image.open(io.BytesIO(data))
    assert image.format == "PNG"
    return image


def test_a_picture_is_no_larger_than_asked_for(folder: Path) -> None:
    """In its sides, its shape kept, and in its bytes; it is not made larger either."""
    assert picture(folder, "a.pdf").size == (300, 400)
    assert picture(folder, "b.png").size == (400, 133)
    assert picture(folder, "b.png", side_px=4000).size == (900, 300)
    small = picture(folder, "b.png", side_px=4000, max_bytes=20_000)
    assert 64 < small.width < 400
    assert small.width / small.height == pytest.approx(3, abs=0.1)


def test_one_page_is_shown(folder: Path) -> None:
    """Not several, none that isn't there, and none from elsewhere."""
    limits = {"side_px": 100, "max_bytes": 10**6}
    for pages, told in [("1-2", "shows one page"), ("3", "has 2 pages")]:
        with pytest.raises(PageError, match=told):
            page_png(str(folder / "a.pdf"), ReadOptions(root=folder, pages=pages), **limits)
    with pytest.raises(SourceError, match="outside"):
        page_png("../a.pdf", ReadOptions(root=folder, pages="1"), **limits)
