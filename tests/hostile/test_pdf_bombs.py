"""PDFs that inflate, or claim sizes beyond reason: each costs its page, within its limits."""

from __future__ import annotations

import functools
import math
import zlib

import pytest

from tests.fuzz.running import at_most
from tests.hostile.reading import results
from tests.hostile.writing import page_pdf, pdf_of, stream

PAGE = "/MediaBox[0 0 100 100]/Contents 4 0 R"


@functools.cache
def squeezed(megabytes: int, piece: bytes = b" ") -> bytes:
    """So many megabytes of ``piece``, deflated."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = piece * (2**20 // len(piece))
    body = squeezer.compress(block) + squeezer.flush(zlib.Z_FULL_FLUSH)  # can be repeated
    check = functools.reduce(lambda value, _: zlib.adler32(block, value), range(megabytes), 1)
    return b"\x78\xda" + body * megabytes + squeezer.flush() + check.to_bytes(4, "big")


@pytest.mark.parametrize("piece", [b" ", b"q ", b"("])
def test_contents_that_inflate_to_gigabytes(piece: bytes) -> None:
    """A few kilobytes stand for two gigabytes: the page is given up or read, and soon."""
    packed = zlib.compress(squeezed(2048, piece), 9)
    assert len(packed) < 20_000
    data = page_pdf(stream(packed, "/Filter[/FlateDecode/FlateDecode]"), page=PAGE)
    with at_most(60):
        (result,) = results(data, max_page_seconds=1)
    assert result.error is None or "page 1: " in result.error
    assert result.info.total == 1


def test_pictures_of_any_claimed_size() -> None:
    """A picture of 100,000 by 100,000 pixels is drawn as far as it goes, or its page is lost."""
    words = (
        "/Type/XObject/Subtype/Image/Width 100000/Height 100000/ColorSpace/DeviceRGB"
        "/BitsPerComponent 8/Filter/FlateDecode"
    )
    data = page_pdf(
        stream(b"q 90 0 0 90 0 0 cm /I Do Q"),
        stream(squeezed(1, b"x"), words),
        page=f"{PAGE}/Resources<</XObject<</I 5 0 R>>>>",
    )
    with at_most(60):
        (result,) = results(data)
    assert result.error is None or "page 1: " in result.error


BOXES = {
    "of the largest size": "0 0 14400 14400",
    "huge": "0 0 100000 100000",
    "beyond numbers": "0 0 1e38 1e38",
    "of a needle": "0 0 1 14400",
    "of a hair": "0 0 2 2147483648",
    "lying": "0 0 2147483648 2",
    "turned inside out": "1 1e38 -1 2147483648",
    "negative": "0 0 -50 -50",
    "empty": "0 0 0 0",
    "of a point": "7 7 7 7",
    "tiny": "0 0 0.001 0.001",
    "of no numbers": "nan inf -inf nan",
    "of words": "(a) /b null true",
    "too short": "0 0",
    "far away": "1e9 1e9 1000000100 1000000100",
}


WAYS: tuple[dict[str, object], ...] = (
    {},
    {"dpi": 1200},
    {"regions": "auto", "text_layer": "auto"},
)


@pytest.mark.parametrize("name", BOXES)
@pytest.mark.parametrize("options", WAYS, ids=str)
def test_pages_of_any_shape(name: str, options: dict[str, object]) -> None:
    """A page's size is a number that can be stored, and the page is read, or an error names it."""
    data = page_pdf(stream(b"0 0 50 50 re f"), page=f"/Contents 4 0 R/MediaBox[{BOXES[name]}]")
    with at_most(60):
        found = results(data, **options)
    for result in found:
        assert math.isfinite(result.info.width * result.info.height)
        assert result.error is None or "page 1: " in result.error


def test_a_unit_of_kilometres() -> None:
    """UserUnit multiplies the page; what is rendered stays within its bounds."""
    page = "/Contents 4 0 R/MediaBox[0 0 14400 14400]/UserUnit 75000"
    (result,) = results(page_pdf(stream(b"0 0 9 9 re f"), page=page), dpi=1200)
    assert result.error is None or "page 1: " in result.error


FORM = "/Type/XObject/Subtype/Form/BBox[0 0 100 100]"


def form(content: bytes, inner: int) -> bytes:
    """A drawing that may use object ``inner`` as /F."""
    return stream(content, f"{FORM}/Resources<</XObject<</F {inner} 0 R>>>>")


@pytest.mark.parametrize("loop", [[5], [6, 5], [6, 7, 5]])
def test_drawings_that_draw_themselves(loop: list[int]) -> None:
    """At once or by way of others."""
    forms = [form(b"0 0 50 50 re f /F Do", inner) for inner in loop]
    page = f"{PAGE}/Resources<</XObject<</F 5 0 R>>>>"
    (result,) = results(page_pdf(stream(b"/F Do"), *forms, page=page))
    assert result.error is None or "page 1: " in result.error


def laughing(pages: int) -> bytes:
    """Each page draws ten drawings that each draw ten, nine levels deep."""
    first = 3 + pages
    leaves = " ".join(f"{3 + number} 0 R" for number in range(pages))
    page = (
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Contents {first} 0 R"
        f"/Resources<</XObject<</F {first + 1} 0 R>>>>>>"
    )
    return pdf_of([
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{leaves}]/Count {pages}>>",
        *[page] * pages,
        stream(b"/F Do"),
        *(form(b"/F Do " * 10, first + 2 + depth) for depth in range(9)),
        stream(b"0 0 50 50 re f", FORM),
    ])  # fmt: skip


def test_a_document_whose_every_page_hangs_is_given_up_after_three() -> None:
    """Its pages can be measured, but not rendered: that does not count in its favour."""
    with at_most(60):
        errors = [str(result.error) for result in results(laughing(12), max_page_seconds=2)]
    assert ["longer than 2 s" in error for error in errors[:3]] == [True] * 3
    assert ["not tried: 3 times in a row" in error for error in errors[3:]] == [True] * 9


def test_the_limit_on_time_is_kept() -> None:
    """A page that would be drawn for hours takes what it may, and the start of a worker."""
    with at_most(60):
        (result,) = results(laughing(1), max_page_seconds=3)
    assert "page 1: decoding it took longer than 3 s" in str(result.error)


def test_a_font_that_is_its_own_descendant() -> None:
    """And letters whose drawings write letters."""
    procedures = page_pdf(
        stream(b"BT /T 20 Tf 9 40 Td (aaa) Tj ET"),
        "<</Type/Font/Subtype/Type0/BaseFont/A/Encoding/Identity-H/DescendantFonts[5 0 R]>>",
        "<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[.1 0 0 .1 0 0]/FirstChar 97"
        "/LastChar 97/Widths[9]/CharProcs<</a 7 0 R>>/Encoding<</Differences[97/a]>>"
        "/Resources<</Font<</T 6 0 R>>>>>>",
        stream(b"9 0 0 0 9 9 d1 BT /T 9 Tf (aaaaaaaaaa) Tj ET"),
        page=f"{PAGE}/Resources<</Font<</T 6 0 R/D 5 0 R>>>>",
    )
    (result,) = results(procedures, text_layer="auto")
    assert result.error is None or "page 1: " in result.error
