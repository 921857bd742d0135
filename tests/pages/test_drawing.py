"""A result, or a place, is drawn on its page: the frame lies around what was read."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from langchain_core.documents import Document
from PIL import Image

from got_loaders import (
    GotOcrLoader,
    Location,
    PageInfo,
    PageResult,
    ReadOptions,
    draw_location,
    locate,
    read,
)
from got_loaders.errors import (
    GotLoadersError,
    OptionError,
    PageError,
    PasswordError,
    SourceError,
    SourceRefusedError,
)
from got_loaders.testing import FakeEngine
from tests.pages import making

Edges = tuple[int, int, int, int]


def edges(mask: Any) -> Edges:
    """Left, top, right and bottom of what is True."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def black(picture: Image.Image) -> Edges:
    """Where the picture is black."""
    return edges(np.asarray(picture).max(axis=2) < 90)


def red(picture: Image.Image) -> Edges:
    """Where the picture is red."""
    pixels = np.asarray(picture).astype(int)
    return edges((pixels[:, :, 0] > 200) & (pixels[:, :, 1] < 60))


def check_frame(picture: Image.Image, width: int = 3) -> None:
    """The red frame touches the black square from outside, and covers nothing of it."""
    inner, outer = black(picture), red(picture)
    distances = [abs(i - o) for i, o in zip(inner, outer, strict=True)]
    assert all(width - 1 <= distance <= width + 1 for distance in distances), (inner, outer)
    column = (inner[0] + inner[2]) // 2
    assert picture.getpixel((column, inner[1] + 2)) == (0, 0, 0)


def square_pdf(**keys: str) -> bytes:
    """A page of 300 x 200 points with a black square, 40 to 90 across and 20 to 60 down."""
    with making.pymupdf.open() as document:
        page = document.new_page(width=300, height=200)
        page.draw_rect((40, 20, 90, 60), fill=(0, 0, 0), width=0)
        for key, value in keys.items():
            document.xref_set_key(page.xref, key, value)
        data: bytes = document.tobytes()
    return data


def square_image(kind: str, size: tuple[int, int] = (300, 200), **save: Any) -> bytes:
    """An image with a black square, 40 to 90 across and 20 to 60 down."""
    picture = Image.new("RGB", size, "white")
    picture.paste("black", (40, 20, 90, 60))
    return making.image(picture, kind, **save)


def turned(data: bytes) -> Image.Exif:
    """EXIF data that turn an image by a quarter, clockwise, when it is shown."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


def tiff() -> bytes:
    """Three frames, the second with a square."""
    empty = Image.new("RGB", (120, 90), "white")
    square = Image.new("RGB", (300, 200), "white")
    square.paste("black", (40, 20, 90, 60))
    return making.image(empty, "TIFF", save_all=True, append_images=[square, empty])


SQUARES: dict[str, tuple[bytes, Sequence[float], int]] = {
    "upright": (square_pdf(), (40, 20, 90, 60), 0),
    "turned by 90": (square_pdf(Rotate="90"), (140, 40, 180, 90), 0),
    "turned by 180": (square_pdf(Rotate="180"), (210, 140, 260, 180), 0),
    "turned by 270": (square_pdf(Rotate="-90"), (20, 210, 60, 260), 0),
    "cropped": (square_pdf(CropBox="[30 100 200 190]"), (10, 10, 60, 50), 0),
    "cropped and turned": (
        square_pdf(CropBox="[30 100 200 190]", Rotate="90"), (40, 10, 80, 60), 0
    ),
    "png": (square_image("PNG"), (40, 20, 90, 60), 0),
    "jpeg by its exif": (square_image("JPEG", exif=turned(b"")), (140, 40, 180, 90), 0),
    "second frame": (tiff(), (40, 20, 90, 60), 1),
    "large": (square_image("PNG", (4000, 300)), (40, 20, 90, 60), 0),
}  # fmt: skip


@pytest.mark.parametrize("name", SQUARES)
def test_the_frame_lies_around_what_was_read(name: str, tmp_path: Path) -> None:
    """On the page as it is shown: turned, cropped, of any kind, whatever size it is drawn at."""
    data, box, number = SQUARES[name]
    path = tmp_path / "page"
    path.write_bytes(data)
    (result,) = read(path, engine=FakeEngine("x"), pages=[number], box=box)
    check_frame(result.draw())
    check_frame(result.draw(width=9, dpi=200), width=9)
    assert max(result.draw().size) <= 1402 or name == "large"


def test_a_page_in_other_units_is_drawn_right(tmp_path: Path) -> None:
    """Boxes are in the units that the page's size is in, whatever a user unit is."""
    path = tmp_path / "page.pdf"
    path.write_bytes(square_pdf(UserUnit="2"))
    (whole,) = read(path, engine=FakeEngine("x"))
    unit = whole.info.width / 300
    (result,) = read(path, engine=FakeEngine("x"), box=[v * unit for v in (40, 20, 90, 60)])
    check_frame(result.draw())


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    """Three pages with a word each."""
    path = tmp_path / "report.pdf"
    path.write_bytes(making.pdf("one", "two", "three"))
    return path


def read_one(source: object, **how: Any) -> PageResult:
    """Its first result."""
    return next(read(source, engine=FakeEngine("text"), **how))


def test_a_whole_page_has_no_frame(pdf: Path) -> None:
    """Read, blank or failed: it is there to be looked at; ``dpi`` is a PDF page's."""
    blank = making.image(Image.new("RGB", (30, 20), "white"), "PNG")
    (pdf.parent / "blank.png").write_bytes(blank)
    engine = FakeEngine(RuntimeError("no"))
    (failed,) = read(pdf, engine=engine, pages="1", on_error="keep")
    for result in (read_one(pdf), failed):
        assert result.draw().size == (1400, 700)
        assert result.draw(dpi=72).size == (200, 100)
        pixels = np.asarray(result.draw())
        assert (pixels[:, :, 0] == pixels[:, :, 1]).all()
    result = read_one(pdf.parent / "blank.png")
    assert (result.origin, result.draw().size) == ("blank", (30, 20))


def test_a_chunk_s_place_is_drawn(pdf: Path) -> None:
    """What ``locate`` tells goes in as it is: the page, and the frames of all its places."""
    parts = [(10, 10, 90, 60), (25, 10, 190, 60)]
    loader = GotOcrLoader(pdf, engine=FakeEngine("words"), pages="2", regions=parts)
    (document,) = loader.load()
    places = locate(document)
    assert len(places) == 2
    picture = draw_location(places, color="#ff0000", dpi=72)
    assert picture.size == (200, 100)
    assert red(picture) == (7, 7, 193, 63)
    assert red(draw_location(places[0], dpi=72)) == (7, 7, 93, 63)
    assert red(draw_location(iter(places), dpi=72)) == (7, 7, 193, 63)
    region = GotOcrLoader(pdf, engine=FakeEngine("x"), mode="region", regions=[(10, 10, 90, 60)])
    chunk: Document = region.load()[2]
    assert red(draw_location(locate(chunk), dpi=72)) == (7, 7, 93, 63)


def test_several_pages_are_drawn_side_by_side(pdf: Path) -> None:
    """Nothing is left out: neither a place on another page, nor pages that were read as one."""
    results = list(read(pdf, engine=FakeEngine("x"), box=(10, 10, 90, 60)))
    picture = draw_location(results, dpi=72)
    assert picture.size == (3 * 200 + 2 * 12, 100)
    assert red(picture) == (7, 7, 2 * 212 + 93, 63)
    together = read_one(pdf, multi_page=3)
    assert together.draw(dpi=72).size == picture.size
    with pytest.raises(OptionError, match="on more than 16 pages"):
        draw_location([Location(source="a.pdf", page=number) for number in range(17)])
    with pytest.raises(OptionError, match="on more than 16 pages"):
        draw_location(Location(source="a.pdf", page=0, page_last=10**15))
    backwards = Location(source=str(pdf), page=2, page_last=1)
    assert draw_location(backwards, dpi=72).size == (200, 100)


def test_the_frame_stays_on_the_picture(pdf: Path) -> None:
    """At the page's edge it is drawn on the page; what reaches beyond the page is clipped."""
    for box in ((0, 0, 200, 100), (-50, -50, 900, 900)):
        picture = draw_location(Location(source=str(pdf), page=0, box=making_box(box)), dpi=72)
        assert red(picture) == (0, 0, 200, 100)
    place = Location(source=str(pdf), page=0, box=making_box((50, 50, 60, 60)))
    assert red(draw_location(place, dpi=72, width=10**9)) == (0, 0, 200, 100)


def making_box(values: Sequence[float]) -> Any:
    """A box as somebody may have stored it: four numbers."""
    return tuple(values)


def missing(path: Path) -> None:
    """Take it away."""
    path.unlink()


def another(path: Path) -> None:
    """Put another document of the same size in its place."""
    path.write_bytes(making.pdf("four", "five", "six"))
    os.utime(path, (1, 1))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (missing, r"report\.pdf: there is no such file.*say where by source="),
        (another, r"report\.pdf: the file was changed since it was read; .* source="),
    ],
)
def test_a_document_that_is_not_there_as_it_was_is_an_error(
    change: Callable[[Path], None], told: str, pdf: Path
) -> None:
    """No frame is drawn on another page; who knows better says so by ``source=``."""
    data, result = pdf.read_bytes(), read_one(pdf, box=(10, 10, 90, 60))
    change(pdf)
    with pytest.raises(SourceError, match=told):
        result.draw()
    assert red(result.draw(source=data, dpi=72)) == (7, 7, 93, 63)
    pdf.with_name("moved.pdf").write_bytes(data)
    assert red(result.draw(source=pdf.with_name("moved.pdf"), dpi=72)) == (7, 7, 93, 63)


def test_bytes_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read from bytes, named or not, is passed once more; no file has their name."""
    data = making.pdf("one")
    monkeypatch.chdir(tmp_path)
    Path("named.pdf").write_bytes(making.pdf("another"))
    for source in (data, ("named.pdf", data)):
        result = read_one(source)
        with pytest.raises(SourceError, match="it was read from bytes, which are not kept: pass"):
            result.draw()
        assert result.draw(source=data, dpi=72).size == (200, 100)
    with pytest.raises(SourceError, match="which are not kept"):
        draw_location(Location(source="sha256:00", page=0))


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (making.pdf("one"), "it had 3 pages when it was read, and has 1 now"),
        (making.pdf("a", "b", "c", size=(90, 90)), "page 1 has another size than when it was read"),
    ],
)
def test_the_wrong_document_is_noticed(other: bytes, told: str, pdf: Path) -> None:
    """A page of another size is not the one that was read, nor is one of more or fewer pages."""
    with pytest.raises(SourceError, match=told):
        read_one(pdf).draw(source=other)


def test_a_password_opens_it_again(tmp_path: Path) -> None:
    """It is asked for again, for no result keeps it."""
    path = tmp_path / "locked.pdf"
    path.write_bytes(making.locked_pdf("open sesame"))
    result = read_one(path, password="open sesame")
    with pytest.raises(PasswordError, match="password"):
        result.draw()
    for how in ({"password": "open sesame"}, {"options": ReadOptions(password="open sesame")}):
        assert result.draw(dpi=72, **how).size == (200, 100)


def test_limits_hold_for_drawing_too(pdf: Path) -> None:
    """The folder, the sizes and the addresses that a read may not leave, nor a picture of it."""
    inside = ReadOptions(root=pdf.parent)
    result = read_one("report.pdf", options=inside)
    assert result.draw(options=inside, dpi=72).size == (200, 100)
    with pytest.raises(SourceRefusedError, match="outside"):
        draw_location(Location(source="/etc/hosts", page=0), options=inside)
    with pytest.raises(SourceRefusedError, match="urls=False"):
        draw_location(
            Location(source="http://localhost/a.pdf", page=0), options=ReadOptions(urls=False)
        )
    with pytest.raises(SourceRefusedError, match="max_file_bytes=10"):
        result.draw(source=pdf, options=ReadOptions(max_file_bytes=10))


@pytest.mark.parametrize(
    ("wrong", "kind", "told"),
    [
        ({"color": "reddish"}, OptionError, "color='reddish'"),
        ({"color": 3}, OptionError, "color=3"),
        ({"width": 0}, OptionError, "width=0"),
        ({"dpi": "high"}, OptionError, "dpi='high'"),
        ({"options": {}}, OptionError, "expected ReadOptions"),
        ({"source": []}, OptionError, "expected one document"),
        ({"source": [b"%PDF", b"%PDF"]}, OptionError, "expected one document"),
        ({"location": ()}, OptionError, "no location"),
        ({"location": "report.pdf"}, OptionError, "expected a PageResult or a Location, as locate"),
        ({"location": [1]}, OptionError, "location=1: expected a PageResult"),
        ({"location": 1}, OptionError, "location=1: expected a PageResult"),
        ({"location": Location(source="report.pdf", page=9)}, PageError, "page 10: there is no"),
        (
            {"location": Location(source="report.pdf", page=0, box=making_box((900, 0, 990, 9)))},
            PageError,
            r"page 1: Box.* lies outside the page, which is 200 x 100 pt",
        ),
        (
            {"location": PageResult(info=PageInfo(source="a.pdf"), origin="failed", error="x")},
            PageError,
            r"a\.pdf: no page to draw: the document could not be opened",
        ),
        (
            {
                "location": [Location(source="a.pdf", page=0), Location(source="b.pdf", page=0)],
                "source": b"",
            },
            OptionError,
            "locations are of several",
        ),
    ],
)
def test_what_is_wrong_is_said(
    wrong: dict[str, Any],
    kind: type[GotLoadersError],
    told: str,
    pdf: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each argument is named with its value."""
    monkeypatch.chdir(pdf.parent)
    how = {"location": Location(source="report.pdf", page=0), **wrong}
    with pytest.raises(kind, match=told):
        draw_location(**how)
