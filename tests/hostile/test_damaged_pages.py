"""A PDF page that could not be drawn is never taken for a blank one; sound ones are not flagged."""

from __future__ import annotations

import importlib
import random
import zlib
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from langchain_core.documents import Document

from got_loaders import GotOcrLoader
from got_loaders.errors import PageError
from got_loaders.testing import FakeEngine
from tests.hostile import scans
from tests.hostile.scans import FLATE, G4, HEIGHT, JBIG2, JP2, JPEG, WIDTH, ascii85, image, page
from tests.hostile.writing import stream

pymupdf: Any = importlib.import_module("pymupdf")  # it has no types

NOISE = random.Random(1).randbytes(4000)
FAX = f"/DecodeParms<</K -1/Columns {WIDTH}/Rows {HEIGHT}>>"
ZEROED = bytes(200) + JPEG[200:]
FORM = "/Subtype/Form/BBox[0 0 400 560]/Resources<</XObject<</Im1 6 0 R>>>>"
PATTERN = "/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 400 560]/XStep 400/YStep 560"
STAMP = "<</Type/Annot/Subtype/Stamp/Rect[50 50 350 450]/F 4/AP<</N 7 0 R>>>>"
DRAWN = b"q 400 0 0 560 0 0 cm /Im1 Do Q"


def dct(data: bytes) -> bytes:
    """A JPEG as an image object."""
    return image("/DCTDecode", data)


def flate(data: bytes = FLATE, **how: object) -> bytes:
    """A deflated image object."""
    return image("/FlateDecode", data, **how)  # type: ignore[arg-type]  # passed on


def fax(data: bytes) -> bytes:
    """A fax as an image object."""
    return image("/CCITTFaxDecode", data, bits=1, more=FAX)


def precision_12() -> bytes:
    """A JPEG that claims 12 bits."""
    data, start = bytearray(JPEG), JPEG.index(b"\xff\xc0")
    data[start + 4] = 12
    return bytes(data)


def stray_marker(data: bytes) -> bytes:
    """A JPEG with bytes in its middle that end the picture for any decoder."""
    half = len(data) // 2
    return data[:half] + b"\xff" * 50 + b"\x60" + data[half + 51 :]


def inline(data: bytes, name: str) -> bytes:
    """Contents with a picture in them."""
    words = f"q 300 0 0 300 50 50 cm BI /W 40 /H 40 /BPC 8 /CS /G /F /{name} ID "
    return words.encode() + data + b"\nEI Q"


def resaved(data: bytes, **how: object) -> bytes:
    """The PDF as PyMuPDF writes it."""
    with pymupdf.open(stream=data, filetype="pdf") as pdf:
        written: bytes = pdf.tobytes(**how)
        return written


LOST: Mapping[str, bytes] = {
    "jpeg, zeroed head": page(dct(ZEROED)),
    "jpeg, precision": page(dct(precision_12())),
    "jpeg, empty": page(dct(b"")),
    "jpeg, noise": page(dct(NOISE)),
    "jpeg, progressive, stray marker": page(dct(stray_marker(scans.PROGRESSIVE))),
    "jpeg, larger than stated": page(image("/DCTDecode", JPEG, size=(WIDTH, 1))),
    "jpeg, header only": page(dct(JPEG[:400])),
    "flate, empty": page(flate(b"")),
    "flate, zeroed head": page(flate(bytes(20) + FLATE[20:])),
    "flate, noise": page(flate(NOISE)),
    "flate, a few bytes": page(flate(FLATE[:30])),
    "flate, no width": page(flate(size=(0, HEIGHT))),
    "flate, negative height": page(flate(size=(WIDTH, -5))),
    "flate, giant": page(flate(size=(10**9, 10**9))),
    "flate, 3 bits": page(flate(bits=3)),
    "flate, 99 bits": page(flate(bits=99)),
    "flate, predictor": page(flate(more="/DecodeParms<</Predictor 15/Colors 99>>")),
    "flate, unknown colours": page(flate(colors="/Unknown")),
    "flate, missing profile": page(flate(colors="[/ICCBased 99 0 R]")),
    "flate, missing palette": page(flate(colors="[/Indexed/DeviceRGB 255 99 0 R]")),
    "flate, short palette": page(flate(colors="[/Indexed/DeviceRGB 0 <000000>]")),
    "flate, missing colours": page(flate(colors="99 0 R")),
    "jpx, half": page(image("/JPXDecode", JP2[: len(JP2) // 2])),
    "jpx, zeroed": page(image("/JPXDecode", JP2[:120] + bytes(200) + JP2[320:])),
    "jpx, empty": page(image("/JPXDecode", b"")),
    "jbig2, noise": page(image("/JBIG2Decode", NOISE, bits=1)),
    "jbig2, empty": page(image("/JBIG2Decode", b"", bits=1)),
    "jbig2, cut": page(image("/JBIG2Decode", JBIG2[:40], bits=1)),
    "fax, empty": page(fax(b"")),
    "fax, zeros": page(fax(bytes(3000))),
    "lzw, noise": page(image("/LZWDecode", NOISE)),
    "run length, empty": page(image("/RunLengthDecode", b"")),
    "ascii85, noise": page(image("[/ASCII85Decode/FlateDecode]", NOISE)),
    "chain, broken outside": page(image("[/FlateDecode/DCTDecode]", JPEG)),
    "chain, broken inside": page(image("[/FlateDecode/DCTDecode]", zlib.compress(ZEROED))),
    "filter, unknown": page(image("/FooDecode", FLATE)),
    "filter, another": page(image("/DCTDecode", FLATE)),
    "picture, missing": page("null"),
    "picture, no stream": page("<</Subtype/Image/Width 9/Height 9>>"),
    "picture, no name": page(flate(), resources=""),
    "picture, in a form": page(stream(DRAWN, FORM), dct(ZEROED), contents=b"/Im0 Do"),
    "picture, missing in a form": page(stream(DRAWN, FORM), "null", contents=b"/Im0 Do"),
    "picture, in a pattern": page(
        stream(DRAWN, f"{PATTERN}/Resources<</XObject<</Im1 6 0 R>>>>"),
        dct(ZEROED),
        contents=b"/Pattern cs /P0 scn 0 0 400 560 re f",
        resources="/Pattern<</P0 5 0 R>>",
    ),
    "picture, in an annotation": page(
        STAMP, dct(ZEROED), stream(DRAWN, FORM), contents=b"", words="/Annots[5 0 R]"
    ),
    "picture, inline": page("null", contents=inline(b"\xff\xd8no jpeg", "DCT")),
    "mask, broken": page(flate(more="/SMask 6 0 R"), flate(b"garbage")),
    "margins around it": page(dct(ZEROED), contents=b"q 300 0 0 400 50 80 cm /Im0 Do Q"),
    "rotated": page(dct(ZEROED), contents=b"q 200 0 0 300 20 200 cm /Im0 Do Q", words="/Rotate 90"),
    "contents, none": page(flate()).replace(b"/Contents 4 0 R", b"/Kontents 4 0 R"),
    "contents, empty": page(flate(), contents=b""),
    "contents, null": page(flate(), words="/Contents null"),
    "contents, missing": page(flate(), words="/Contents 99 0 R"),
    "contents, missing in a list": page(flate(), words="/Contents[99 0 R]"),
    "contents, a number": page(flate(), words="/Contents 12"),
    "contents, no stream": page(flate(), contents="<</Length 9>>"),
    "contents, noise": page(flate(), contents=b"garbage"),
    "contents, cut in a text": page(flate(), contents=b"q 400 0 0 560 0 0 cm /Im0 (((("),
    "contents, cut before the end": page(flate(), contents=b"q 400 0 0 560 0 0 cm /Im0"),
    "contents, cut sooner": page(flate(), contents=b"q 400 0 0 560 0 0 cm"),
    "contents, inflate fails": page(
        flate(), contents=stream(NOISE, "/Filter/FlateDecode").decode("latin-1")
    ),
    "contents, unknown filter": page(
        flate(), contents=stream(NOISE, "/Filter/Foo").decode("latin-1")
    ),
    "contents, another name": page(flate(), contents=b"/Im9 Do"),
    "resources, missing": page(flate(), words="/Resources 99 0 R", resources=""),
}
"""Of these nothing can be seen."""

PARTIAL: Mapping[str, bytes] = {
    "jpeg, stray marker": page(dct(stray_marker(JPEG))),
    "jpeg, encrypted, stray marker": resaved(
        page(dct(stray_marker(JPEG))), encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="o"
    ),
    "jpeg, half": page(dct(JPEG[: len(JPEG) // 2])),
    "jpeg, most of it": page(dct(JPEG[: len(JPEG) * 9 // 10])),
    "jpeg, progressive": page(dct(scans.PROGRESSIVE[: len(scans.PROGRESSIVE) // 2])),
    "flate, half": page(flate(FLATE[: len(FLATE) // 2])),
    "flate, short data": page(flate(zlib.compress(scans.GRAY[: WIDTH * HEIGHT // 2]))),
    "flate, twice as high": page(flate(size=(WIDTH, 2 * HEIGHT))),
    "flate, three colours": page(flate(colors="/DeviceRGB")),
    "flate, 16 bits": page(flate(bits=16)),
    "ascii85, half": page(image("[/ASCII85Decode/FlateDecode]", ascii85(FLATE)[: len(FLATE) // 2])),
    "jbig2, the end missing": page(image("/JBIG2Decode", JBIG2 + JBIG2[30:60], bits=1)),
    "fax, half": page(fax(G4[: len(G4) // 2])),
    "lzw, half": page(image("/LZWDecode", scans.LZW[: len(scans.LZW) // 2], bits=1)),
    "run length, half": page(image("/RunLengthDecode", scans.PACKED[:3000], bits=1)),
    "beside text": page(dct(ZEROED), contents=b"q 300 0 0 400 50 20 cm /Im0 Do Q 0 500 400 9 re f"),
    "mask, broken": page(flate(more="/Mask 6 0 R"), flate(b"garb", bits=1, more="/ImageMask true")),
    "contents, an unknown word": page(flate(), contents=b"q 400 0 0 560 0 0 cm /Im0 Do Q foo bar"),
}
"""Of these something can be seen."""


def text(words: bytes = b"BT /F1 40 Tf 50 300 Td (Hello) Tj ET", **how: str) -> bytes:
    """A page with text, in a font that is not embedded."""
    font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    return page(font, contents=words, resources="/Font<</F1 5 0 R>>", **how)


LETTERS = image("[/ASCII85Decode/FlateDecode]", ascii85(FLATE))

SOUND: Mapping[str, bytes] = {
    "jpeg": page(dct(JPEG)),
    "jpeg, progressive": page(dct(scans.PROGRESSIVE)),
    "jpeg, colours": page(image("/DCTDecode", scans.RGB_JPEG, colors="/DeviceRGB")),
    "jpeg, cmyk": page(image("/DCTDecode", scans.CMYK_JPEG, colors="/DeviceCMYK")),
    "jpeg, no mark at its end": page(dct(JPEG[:-2])),
    "jpeg, more behind it": page(dct(JPEG + bytes(50))),
    "jpeg, in letters": page(image("[/ASCII85Decode/DCTDecode]", ascii85(JPEG))),
    "jpeg, in hexadecimal": page(image("[/ASCIIHexDecode/DCTDecode]", JPEG.hex().encode() + b">")),
    "jpeg, deflated": page(image("[/FlateDecode/DCTDecode]", zlib.compress(JPEG))),
    "jpeg, deflated, no mark": page(image("[/FlateDecode/DCTDecode]", zlib.compress(JPEG[:-2]))),
    "jpeg, encrypted": resaved(
        page(dct(JPEG)), encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="o"
    ),
    "flate": page(flate()),
    "flate, one bit": page(flate(zlib.compress(scans.ONE_BIT), bits=1)),
    "flate, no checksum": page(flate(FLATE[:-4])),
    "flate, wrong checksum": page(flate(FLATE[:-4] + b"abcd")),
    "flate, more than enough": page(flate(zlib.compress(scans.GRAY + bytes(999)))),
    "flate, predicted": page(
        flate(scans.predicted(), more=f"/DecodeParms<</Predictor 15/Columns {WIDTH}>>")
    ),
    "flate, unknown predictor": page(flate(more="/DecodeParms<</Predictor 99>>")),
    "flate, palette": page(
        flate(colors=f"[/Indexed/DeviceRGB 255 <{''.join(f'{v:02x}' * 3 for v in range(256))}>]")
    ),
    "flate, broken profile": page(flate(colors="[/ICCBased 6 0 R]"), stream(NOISE, "/N 1")),
    "no filter": page(image("[]", scans.GRAY)),
    "wrong length": page(LETTERS.replace(b"<</Length ", b"<</Length 9", 1)),
    "no length": page(LETTERS.replace(b"<</Length ", b"<</Len ", 1)),
    "jpx": page(image("/JPXDecode", JP2)),
    "fax": page(fax(G4)),
    "jbig2": page(image("/JBIG2Decode", JBIG2, bits=1)),
    "lzw": page(image("/LZWDecode", scans.LZW, bits=1)),
    "run length": page(image("/RunLengthDecode", scans.PACKED, bits=1)),
    "in letters": page(LETTERS),
    "in a form": page(stream(DRAWN, FORM), dct(JPEG), contents=b"/Im0 Do"),
    "in a pattern": page(
        stream(DRAWN, f"{PATTERN}/Resources<</XObject<</Im1 6 0 R>>>>"),
        dct(JPEG),
        contents=b"/Pattern cs /P0 scn 0 0 400 560 re f",
        resources="/Pattern<</P0 5 0 R>>",
    ),
    "in an annotation": page(
        STAMP, dct(JPEG), stream(DRAWN, FORM), contents=b"", words="/Annots[5 0 R]"
    ),
    "inline": page("null", contents=inline(zlib.compress(bytes(range(40)) * 40), "Fl")),
    "masked": page(flate(more="/SMask 6 0 R"), flate(zlib.compress(b"\xff" * WIDTH * HEIGHT))),
    "missing mask": page(flate(more="/SMask 99 0 R")),
    "rotated": page(dct(JPEG), words="/Rotate 90"),
    "too many Q": page(flate(), contents=b"Q Q q 400 0 0 560 0 0 cm /Im0 Do Q Q"),
    "no Q": page(flate(), contents=b"q 400 0 0 560 0 0 cm /Im0 Do"),
    "contents, no checksum": page(
        flate(),
        contents=stream(
            zlib.compress(b"400 0 0 560 0 0 cm /Im0 Do")[:-4], "/Filter/FlateDecode"
        ).decode("latin-1"),
    ),
    "table of objects broken": page(flate()).replace(b"startxref\n", b"startxref\n9"),
    "written anew": resaved(page(flate()), garbage=4, deflate=True),
    "object streams": resaved(page(flate()), use_objstms=1),
    "encrypted": resaved(page(flate()), encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="o"),
    "text": text(),
    "text, missing font": page("null", contents=b"BT /F1 40 Tf 50 300 Td (Hello) Tj ET"),
    "text, broken structure": text(
        words=b"/P <</MCID 0>> BDC BT /F1 40 Tf 50 300 Td (Hello) Tj ET EMC"
    ),
}

EMPTY: Mapping[str, bytes] = {
    "contents without a byte": page("null", contents=b""),
    "contents that draw nothing": page(flate(), contents=b"q 1 0 0 1 0 0 cm Q % nothing /Im0"),
    "contents that are null": page("null", words="/Contents null"),
    "contents that are no key": page("null").replace(b"/Contents 4 0 R", b"/Kontents 4 0 R"),
    "an empty list": page("null", words="/Contents[]"),
    "pictures of other pages": resaved(
        page(flate(), contents=b"", resources="").replace(b"/Resources<<>>", b"", 1), garbage=1
    ),
    "a white picture": page(flate(zlib.compress(b"\xff" * WIDTH * HEIGHT))),
    "a white palette": page(
        flate(zlib.compress(b"\0" * WIDTH * HEIGHT), colors="[/Indexed/DeviceGray 0 <ff>]")
    ),
    "blanks alone": page("null", contents=b"BT 50 300 Td ET\n"),
}


@cache
def read(which: str) -> dict[str, Document]:
    """All of one kind, in one go."""
    cases = {"lost": LOST, "partial": PARTIAL, "sound": SOUND, "empty": EMPTY}[which]
    loader = GotOcrLoader(list(cases.values()), engine=FakeEngine("READ"), on_error="keep")
    return dict(zip(cases, loader.load(), strict=True))


def test_there_are_enough_of_them() -> None:
    """Forty damages, and forty pages without any, at least."""
    assert len(LOST) + len(PARTIAL) >= 40
    assert len(SOUND) >= 40


@pytest.mark.parametrize("name", LOST)
def test_a_page_that_shows_nothing_for_its_damage_has_failed(name: str) -> None:
    """Whatever is broken: the coding, the dictionary, the page, what it draws."""
    metadata = read("lost")[name].metadata
    assert metadata["ocr_origin"] == "failed"
    assert metadata["page_warnings"] in metadata["error"]


@pytest.mark.parametrize("name", PARTIAL)
def test_a_page_that_shows_a_part_says_so(name: str) -> None:
    """It is read."""
    document = read("partial")[name]
    assert document.page_content == "READ"
    assert document.metadata["page_warnings"]


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_page_is_not_flagged(name: str) -> None:
    """Also where MuPDF has something to say of it that is mended or does no harm."""
    document = read("sound")[name]
    assert document.page_content == "READ"
    assert "page_warnings" not in document.metadata


@pytest.mark.parametrize("name", EMPTY)
def test_a_page_that_draws_nothing_is_blank(name: str) -> None:
    """And is no error: the standard allows it."""
    metadata = read("empty")[name].metadata
    assert metadata["ocr_origin"] == "blank"
    assert "page_warnings" not in metadata


def test_the_words_say_what_is_missing() -> None:
    """In an error, and in a flag."""
    lost, partial = read("lost"), read("partial")
    error = lost["jpeg, zeroed head"].metadata["error"]
    assert "page 1: a picture on it can't be decoded: Not a JPEG file" in error
    assert "only the upper 4" in partial["flate, half"].metadata["page_warnings"]
    assert "% of a picture on it" in partial["flate, half"].metadata["page_warnings"]
    with pytest.raises(PageError, match="a picture on it can't be decoded"):
        GotOcrLoader(LOST["jpeg, zeroed head"], engine=FakeEngine("READ")).load()


@pytest.mark.parametrize(
    "options", [{"regions": "auto"}, {"box": (50, 50, 300, 300)}, {"text_layer": "auto"}]
)
def test_options_change_nothing_of_that(options: dict[str, object]) -> None:
    """Regions, a box and the page's own text included."""
    cases = [*LOST.values()][:12]
    loader = GotOcrLoader(cases, engine=FakeEngine("READ"), on_error="keep", **options)  # type: ignore[arg-type]  # any
    assert {document.metadata["ocr_origin"] for document in loader.lazy_load()} == {"failed"}


def test_a_page_s_own_text_tells_of_pictures_that_are_lost() -> None:
    """Though its picture is not needed for it."""
    words = b"BT /F1 12 Tf 50 %d Td (These words are a sentence that one can read.) Tj ET\n"
    contents = b"".join(words % y for y in range(260, 540, 14))
    contents += b"q 90 0 0 90 50 50 cm /Im1 Do Q"
    font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
    resources = "/Font<</F1 5 0 R>>/XObject<</Im1 6 0 R>>"
    for picture, told in ((flate(), False), (flate(FLATE[:700]), True)):
        data = page(font, picture, contents=contents, resources=resources)
        loader = GotOcrLoader(data, engine=FakeEngine("READ"), text_layer="auto")
        (document,) = loader.lazy_load()
        assert "a sentence that one can read" in document.page_content
        assert ("page_warnings" in document.metadata) is told


def test_a_picture_that_several_pages_show_is_told_of_each() -> None:
    """MuPDF keeps what it has decoded, and says nothing the second time."""
    with pymupdf.open(stream=PARTIAL["flate, half"], filetype="pdf") as pdf:
        pdf.fullcopy_page(0)
        pdf.copy_page(0)
        data = pdf.tobytes()
    loader = GotOcrLoader(data, engine=FakeEngine("READ"))
    first, *others = [document.metadata["page_warnings"] for document in loader.load()]
    assert others == [first, first]
    assert [d.metadata["page_warnings"] for d in loader.load()] == [first, first, first]
