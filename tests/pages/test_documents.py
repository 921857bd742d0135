"""Opening documents: what a page is, and what a bad file says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from got_loaders.errors import (
    PageError,
    PasswordError,
    SourceError,
    SourceRefusedError,
    UnsupportedSourceError,
)
from got_loaders.pages import PageShape, open_document
from got_loaders.sources import Source
from got_loaders.types import Page
from tests.pages import making
from tests.pages.making import opened, pymupdf

CORPUS = sorted(making.CORPUS.glob("*.*")) if making.CORPUS.is_dir() else []


def pages(source: Source, size: int = 128) -> list[Page]:
    """Every page of a document."""
    with opened(source) as document:
        return [document.page(n, width=size, height=size) for n in range(document.total)]


def pixel(page: Page, x: float, y: float) -> tuple[int, ...]:
    """The colour at a place given in fractions of the page."""
    width, height = page.image.size
    value = page.image.getpixel((int(x * width), int(y * height)))
    assert isinstance(value, tuple)
    return value


def test_a_pdf_page_knows_where_it_comes_from(tmp_path: Path) -> None:
    """Source, number, total, label, size, and the document's own information."""
    with pymupdf.open(stream=making.pdf("one", "two", size=(200.126, 100))) as document:
        document.set_metadata({"title": "T", "author": "", "creationDate": "D:20220406201541Z"})
        document.save(tmp_path / "a.dat")
    _, page = pages(making.of_path(tmp_path / "a.dat"))
    info = page.info
    assert (info.source, info.file_name) == (str(tmp_path / "a.dat"), "a.dat")
    assert (info.number, info.total, info.label, info.unit) == (1, 2, "2", "pt")
    assert (info.width, info.height) == (200.13, 100.0)
    assert info.file_type == "application/pdf"
    assert info.document == {"title": "T", "creationdate": "2022-04-06T20:15:41+00:00"}


def test_a_pdf_page_just_covers_what_the_model_sees() -> None:
    """Rendered undistorted; ``dpi`` overrides; the nominal shape is known before."""
    with opened(making.of_bytes(making.pdf("x", size=(144, 72)))) as document:
        assert document.shape(0) == PageShape(width=400, height=200)
        assert document.page(0, width=64, height=64).image.size == (128, 64)
        assert document.page(0, width=300, height=64).image.size == (300, 150)
        assert document.page(0, width=64, height=64, dpi=36).image.size == (72, 36)


def test_page_labels_are_the_documents_own() -> None:
    """Any prefix, any numbering, nested number trees."""
    labels = (
        "/PageLabels<</Kids[<</Nums[0<</S/r>>]>><</Nums[2<</S/D/St 5/P<FEFF00C4002F2013>>>"
        "3<</P(\\(x/)>>]>>]>>"
    )
    source = making.of_bytes(making.raw_pdf(*["/MediaBox[0 0 9 9]"] * 4, root=labels))
    with opened(source) as document:
        assert [document.info(n).label for n in range(4)] == ["i", "ii", "Ä/–5", "(x/"]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_page_rotation_is_applied(turn: int) -> None:
    """The black corner is where a viewer shows it, and the size is as shown."""
    corner = {0: (0.1, 0.1), 90: (0.9, 0.1), 180: (0.9, 0.9), 270: (0.1, 0.9)}
    with pymupdf.open(stream=making.pdf("", size=(200, 100))) as document:
        document[0].draw_rect((0, 0, 60, 40), fill=(0, 0, 0))
        document[0].set_rotation(turn)
        (page,) = pages(making.of_bytes(document.tobytes()))
    assert (page.info.width, page.info.height) == ((200, 100), (100, 200))[turn % 180 // 90]
    for place in corner.values():
        assert pixel(page, *place) == ((0,) * 3 if place == corner[turn] else (255,) * 3)


def test_annotations_and_form_fields_are_drawn() -> None:
    """What a viewer shows is read: filled-in forms above all."""
    with pymupdf.open(stream=making.pdf("", size=(200, 100))) as document:
        document[0].add_highlight_annot((0, 0, 100, 50))
        field = pymupdf.Widget()
        field.field_name, field.field_type = "f", pymupdf.PDF_WIDGET_TYPE_TEXT
        field.rect, field.fill_color = pymupdf.Rect(110, 60, 190, 90), (0, 0, 1)
        document[0].add_widget(field)
        (page,) = pages(making.of_bytes(document.tobytes()))
    assert pixel(page, 0.25, 0.25) != (255, 255, 255)
    assert pixel(page, 0.75, 0.65)[2] > pixel(page, 0.75, 0.65)[0]
    assert pixel(page, 0.75, 0.25) == (255, 255, 255)


@pytest.mark.parametrize("kind", ["TIFF", "GIF", "WEBP", "PNG"])
def test_every_frame_is_a_page(kind: str) -> None:
    """Frames come in order, in full size whatever is asked for, and again if asked again."""
    data = making.frames(kind, "red", "lime", "blue")
    with opened(making.of_bytes(data)) as document:
        assert document.total == 3
        for number in (2, 0, 1):
            page = document.page(number, width=7, height=7, dpi=600)
            assert page.image.size == (40, 30)
            assert (page.info.label, page.info.unit) == (str(number + 1), "px")
            strongest = max(range(3), key=lambda band: pixel(page, 0.5, 0.5)[band])
            assert strongest == number


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "BMP", "GIF", "PPM", "JPEG2000"])
def test_the_media_type_is_told_from_the_content(kind: str, tmp_path: Path) -> None:
    """The name may lie; the information does not."""
    path = tmp_path / "a.pdf"
    path.write_bytes(making.image(Image.new("RGB", (30, 20), "red"), kind))
    (page,) = pages(making.of_path(path))
    assert page.info.file_type == Image.MIME[kind]
    assert (page.info.width, page.info.height, page.info.document) == (30, 20, {})


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_photo_is_upright(kind: str) -> None:
    """EXIF orientation is applied to pixels, size and nominal shape alike."""
    picture = Image.new("RGB", (60, 30), "white")
    picture.paste((255, 0, 0), (0, 0, 30, 15))
    exif = Image.Exif()
    exif[0x0112] = 6
    (page,) = pages(making.of_bytes(making.image(picture, kind, exif=exif, quality=95)))
    assert page.image.size == (30, 60)
    assert (page.info.width, page.info.height) == (30, 60)
    red, green, _ = pixel(page, 0.75, 0.25)
    assert red > 240
    assert green < 20
    assert min(pixel(page, 0.25, 0.25)) > 240


def test_a_scans_resolution_counts() -> None:
    """A 300 dpi scan counts as 200 dpi; its pixels stay."""
    data = making.image(Image.new("L", (600, 300)), "PNG", dpi=(300, 300))
    with opened(making.of_bytes(data)) as document:
        assert document.shape(0) == PageShape(width=400, height=200)
        assert document.page(0, width=9, height=9).image.size == (600, 300)


def test_deep_images_are_not_clipped() -> None:
    """16-bit PNG and TIFF, 12-bit TIFF and TIFFs where 0 is white look as they should."""
    deep = Image.new("I;16", (2, 1))
    deep.putpixel((1, 0), 257 * 100)
    for kind in ("PNG", "TIFF"):
        (page,) = pages(making.of_bytes(making.image(deep, kind)))
        assert page.image.tobytes() == bytes([0, 0, 0, 100, 100, 100])
    for bits, photometric, white in ((12, 1, b"\0\x0f\xff"), (16, 1, b"\0\0\xff\xff")):
        data = making.tiff(white, width=2, bits=bits, photometric=photometric)
        assert pages(making.of_bytes(data))[0].image.tobytes() == b"\0\0\0\xff\xff\xff"
    data = making.tiff(b"\0\0\xff\xff", width=2, bits=16, photometric=0)
    assert pages(making.of_bytes(data))[0].image.tobytes() == b"\xff\xff\xff\0\0\0"


def test_layers_are_no_pages() -> None:
    """A Photoshop file is one page: the whole picture."""
    (page,) = pages(making.of_bytes(making.layered_psd()))
    assert page.image.tobytes() == bytes([10, 30, 50, 20, 40, 60])


def test_a_preview_is_no_page() -> None:
    """A photo is one page, even where its camera has put a preview into the file."""
    (page,) = pages(making.of_bytes(making.photo_with_preview()))
    assert page.image.size == (60, 40)
    assert pixel(page, 0.5, 0.5)[0] > 240


def test_a_cmyk_photo_is_not_inverted() -> None:
    """Adobe's inverted CMYK JPEGs come out right."""
    data = making.image(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG", quality=95)
    red, green, blue = pixel(pages(making.of_bytes(data))[0], 0.5, 0.5)
    assert red > 240
    assert max(green, blue) < 15


OPEN_FAILURES = {
    "empty": (b"", SourceError, "no bytes"),
    "text renamed to .pdf": (b"Dear all,\n", UnsupportedSourceError, "text that begins"),
    "docx": (b"PK\x03\x04....", UnsupportedSourceError, "ZIP archive"),
    "only a header": (b"%PDF-1.7\n", SourceError, "damaged"),
    "truncated": (making.raw_pdf("/MediaBox[0 0 9 9]")[:60], SourceError, "no page"),
    "zero pages": (making.raw_pdf(), SourceError, "has no pages"),
    "broken JPEG": (b"\xff\xd8\xff\xe0 nonsense", SourceError, "image/jpeg"),
    "broken TIFF": (b"II*\0\xff\xff\xff\x7f", SourceError, "image/tiff"),
    "bomb": (making.bomb(), SourceRefusedError, "max_image_pixels=200000000"),
}


@pytest.mark.parametrize("case", OPEN_FAILURES)
def test_a_file_that_cannot_be_opened_says_why(case: str, tmp_path: Path) -> None:
    """The error is of the right kind, names the source and tells nothing of our insides."""
    data, kind, words = OPEN_FAILURES[case]
    path = tmp_path / "doc.pdf"
    path.write_bytes(data)
    for source in (making.of_path(path), making.of_bytes(data, str(path))):
        with pytest.raises(kind, match=r"doc\.pdf: ") as caught:
            open_document(source)
        assert type(caught.value) is kind
        assert caught.value.source == str(path)
        assert words in str(caught.value) or "is empty" in str(caught.value)
        assert "object at 0x" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    """No worker is needed to say so."""
    with pytest.raises(SourceError, match=r"gone.pdf: there is no such file"):
        open_document(making.of_path(tmp_path / "gone.pdf"))
    with pytest.raises(SourceError, match="not a regular file"):
        open_document(making.of_path(tmp_path))


def test_an_encrypted_pdf_needs_its_password() -> None:
    """Missing and wrong are told apart; the right one opens it, whatever its letters."""
    source = making.of_bytes(making.locked_pdf("pässwörd"), "doc")
    with pytest.raises(PasswordError, match=r"doc: .*pass its password"):
        open_document(source)
    for wrong in ("x", "", "\ud800"):
        with pytest.raises(PasswordError, match=r"doc: .*does not open it"):
            open_document(source, password=wrong)
    with opened(source, password="pässwörd") as document:
        assert document.page(0, width=32, height=32).info.total == 1
    with opened(making.of_bytes(making.pdf("x")), password="not needed") as document:
        assert document.total == 1


def test_a_truncated_pdf_gives_what_is_left() -> None:
    """MuPDF repairs a file whose end is missing."""
    data = making.pdf("one", "two")
    assert len(pages(making.of_bytes(data[:-60]))) == 2
    assert len(pages(making.of_bytes(b"junk\n" * 20 + data))) == 2


@pytest.mark.parametrize("number", [-1, 2])
def test_a_page_out_of_range_is_named(number: int) -> None:
    """The error names source and page."""
    with (
        opened(making.of_bytes(making.pdf("1", "2"))) as document,
        pytest.raises(PageError, match=rf"doc, page {number + 1}: .*has 2") as caught,
    ):
        document.page(number, width=9, height=9)
    assert (caught.value.source, caught.value.page) == ("doc", number)


@pytest.mark.parametrize(("kind", "left"), [("TIFF", 2), ("GIF", 2), ("PNG", 2)])
def test_a_truncated_image_costs_only_the_frames_that_are_missing(kind: str, left: int) -> None:
    """Whole frames are read; the first broken one is an error, never half a grey page."""
    noise = [Image.effect_noise((200, 100), 50) for _ in range(4)]
    data = making.image(noise[0], kind, save_all=True, append_images=noise[1:])
    with opened(making.of_bytes(data[: len(data) * 6 // 10])) as document:
        for number in range(left):
            assert document.page(number, width=9, height=9).image.size == (200, 100)
        with pytest.raises(PageError, match=rf"doc, page {document.total}: .*damaged"):
            document.page(document.total - 1, width=9, height=9)


def test_a_truncated_photo_is_an_error() -> None:
    """A JPEG that breaks off is not read half."""
    data = making.image(Image.effect_noise((200, 200), 50), "JPEG")
    with (
        opened(making.of_bytes(data[: len(data) // 2])) as document,
        pytest.raises(PageError, match="doc, page 1: the image is damaged"),
    ):
        document.page(0, width=9, height=9)


@pytest.mark.parametrize("kids", [b"/Kids[3 0 R 9 0 R]", b"/Kids[3 0 R null ]"])
def test_a_page_that_is_missing_from_the_file_is_no_blank_page(kids: bytes) -> None:
    """A damaged page tree is named with the page; the others are read."""
    data = making.raw_pdf("/MediaBox[0 0 9 9]", "/MediaBox[0 0 9 9]")
    with opened(making.of_bytes(data.replace(b"/Kids[3 0 R 4 0 R]", kids))) as document:
        assert document.page(0, width=9, height=9).info.total == 2
        with pytest.raises(PageError, match="doc, page 2: the PDF is damaged here"):
            document.page(1, width=9, height=9)


def test_an_absurd_page_is_rendered_within_bounds() -> None:
    """A page of 5 by 5 kilometres at 1200 dpi does not fill the memory."""
    data = making.raw_pdf("/MediaBox[0 0 14400 14400]/UserUnit 1000")
    with opened(making.of_bytes(data)) as document:
        page = document.page(0, width=64, height=64, dpi=1200)
        assert page.image.width * page.image.height < 51_000_000


def test_a_file_name_that_is_no_utf8_opens(tmp_path: Path) -> None:
    """PDF and image alike."""
    for data in (making.pdf("x"), making.frames("PNG", "red")):
        path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\xff"))
        path.write_bytes(data)
        assert len(pages(making.of_path(path))) == 1


def test_a_relative_path_is_of_the_folder_at_opening(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Changing the folder later, or before the worker started elsewhere, does not matter."""
    (tmp_path / "a.pdf").write_bytes(making.pdf("x"))
    monkeypatch.chdir(tmp_path)
    with opened(Source(name="a.pdf", path=Path("a.pdf"))) as document:
        monkeypatch.chdir("/")
        assert document.page(0, width=9, height=9).info.source == "a.pdf"


@pytest.mark.skipif(
    not CORPUS, reason="the corpus of awkward documents is not beside the repository"
)
@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_real_documents_open_and_render(path: Path) -> None:
    """Every awkward document gives its first pages, upright in the size that it says."""
    if path.suffix == ".md":
        with pytest.raises(UnsupportedSourceError, match=path.name):
            open_document(making.of_path(path))
        return
    password = "openpassword" if "password" in path.name else None
    with opened(making.of_path(path), password=password) as document:
        for number in range(min(5, document.total)):
            page = document.page(number, width=256, height=256)
            shown, drawn = page.info.width / page.info.height, page.image.width / page.image.height
            assert drawn == pytest.approx(shown, rel=0.05)
            assert page.image.mode == "RGB"
