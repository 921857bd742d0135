"""Small PDFs of many kinds, to be mutated. The same in every run: no dates, no new ids."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageDraw

from tests.hostile.writing import page_pdf, pdf_of, stream
from tests.pages import making
from tests.pages.making import pymupdf

__all__ = ["PDFS"]

_WORDS = (
    "The quick brown fox jumps over the lazy dog while seven wizards make toxic brew for the evil "
    "queen and her jovial guests at noon. "
)
_PAD = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
_ID = bytes(range(16))


def _saved(document: Any, **save: Any) -> bytes:
    data: bytes = document.tobytes(no_new_id=True, **save)
    return data


def _text() -> bytes:
    return making.pdf("one", "two", "three", no_new_id=True)


def _columns() -> bytes:
    """A text layer of a heading and two columns, and a table with rules."""
    with pymupdf.open() as document:
        page = document.new_page(width=400, height=500)
        page.insert_text((40, 40), "1 Foxes and dogs", fontsize=18)
        page.insert_textbox((40, 60, 190, 300), _WORDS * 4, fontsize=10)
        page.insert_textbox((210, 60, 360, 300), _WORDS * 4, fontsize=10)
        for row in range(4):
            page.draw_line((40, 320 + 20 * row), (360, 320 + 20 * row))
            page.insert_text((50, 335 + 20 * row), f"cell {row}      value {row * 7}", fontsize=10)
        return _saved(document)


def _scan() -> bytes:
    """Pictures alone: a JPEG, and a bitmap with a mask."""
    picture = Image.new("L", (120, 80), 250)
    ImageDraw.Draw(picture).text((10, 20), "scanned", fill=20)
    with pymupdf.open() as document:
        for kind, mode in (("JPEG", "L"), ("PNG", "1"), ("PNG", "LA"), ("JPEG2000", "RGB")):
            page = document.new_page(width=200, height=140)
            page.insert_image(page.rect, stream=making.image(picture.convert(mode), kind))
        return _saved(document)


def _annotated() -> bytes:
    """Annotations, a link and form fields."""
    field = "/Type/Annot/Subtype/Widget/Rect[20 20 120 40]/P 3 0 R"
    return page_pdf(
        stream(b"BT /F 14 Tf 20 70 Td (annotated) Tj ET"),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        f"<<{field}/FT/Tx/T(name)/V(value)/DA(/F 10 Tf 0 g)>>",
        f"<<{field}/FT/Btn/T(box)/V/On/AS/On/AP<</N<</On 9 0 R/Off 9 0 R>>>>>>",
        "<</Type/Annot/Subtype/Highlight/Rect[10 60 90 90]/QuadPoints[10 90 90 90 10 60 90 60]"
        "/C[1 1 0]/Contents(a note)/Popup 10 0 R>>",
        stream(b"0 0 1 rg 0 0 20 20 re f", "/Type/XObject/Subtype/Form/BBox[0 0 20 20]"),
        "<</Type/Annot/Subtype/Popup/Parent 8 0 R/Rect[0 0 50 50]>>",
        "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(http://a.example)>>>>",
        page="/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>"
        "/Annots[6 0 R 7 0 R 8 0 R 10 0 R 11 0 R]",
        root="/AcroForm<</Fields[6 0 R 7 0 R]/DR<</Font<</F 5 0 R>>>>/NeedAppearances true>>",
    )


def _object_streams() -> bytes:
    """Everything compressed, with a cross-reference stream."""
    with pymupdf.open() as document:
        for number in range(3):
            document.new_page(width=150, height=80).insert_text((20, 40), f"page {number}")
        document.set_metadata({"title": "Of streams", "author": "A. U. Thor"})
        return _saved(document, use_objstms=1, deflate=True)


def _labels() -> bytes:
    """Page labels of three styles and an outline."""
    with pymupdf.open() as document:
        for number in range(6):
            document.new_page(width=100, height=80).insert_text((20, 40), f"{number}")
        rules = [(0, "r", ""), (2, "D", "A-"), (4, "a", "")]
        document.set_page_labels([
            {"startpage": start, "style": style, "prefix": prefix, "firstpagenum": 1}
            for start, style, prefix in rules
        ])  # fmt: skip
        document.set_toc([[1, "one", 1], [2, "two", 2], [1, "three", 5]])
        return _saved(document)


def _many_pages() -> bytes:
    """A tree of 4 times 10 pages."""
    kids = "".join(f"{3 + branch} 0 R " for branch in range(4))
    objects = ["<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Kids[{kids}]/Count 40>>"]
    for branch in range(4):
        leaves = "".join(f"{7 + 10 * branch + n} 0 R " for n in range(10))
        words = "/MediaBox[0 0 90 60]/Contents 47 0 R"
        objects.append(f"<</Type/Pages/Parent 2 0 R/Kids[{leaves}]/Count 10{words}>>")
    objects += [f"<</Type/Page/Parent {3 + n // 10} 0 R/Contents 47 0 R>>" for n in range(40)]
    return pdf_of([*objects, stream(b"10 10 30 20 re f")])


def _inline_images() -> bytes:
    """Pictures within the page's own description, raw and compressed."""
    raw = bytes(range(256)) * 3
    packed = zlib.compress(raw).hex().encode()
    contents = b"".join([
        b"q 60 0 0 60 10 10 cm BI /W 16 /H 16 /BPC 8 /CS /RGB ID " + raw + b" EI Q ",
        b"q 60 0 0 60 90 10 cm BI /W 16 /H 16 /BPC 8 /CS /RGB /F [/AHx /Fl] ID ",
        packed + b"> EI Q ",
        b"q 20 0 0 20 160 10 cm BI /W 8 /H 8 /IM true /D [1 0] ID ",
        b"\x81\x42\x24\x18\x18\x24\x42\x81 EI Q",
    ])  # fmt: skip
    return page_pdf(stream(contents), page="/MediaBox[0 0 200 100]/Contents 4 0 R")


def _filters() -> bytes:
    """One picture a filter, and one with a predictor."""
    grey = bytes(range(0, 256, 4)) * 16
    rows = b"".join(b"\2" + grey[n : n + 32] for n in range(0, 1024, 32))
    runs = b"".join(bytes([127]) + grey[n : n + 128] for n in range(0, 1024, 128)) + b"\x80"
    words = (
        "/Type/XObject/Subtype/Image/Width 32/Height 32/ColorSpace/DeviceGray/BitsPerComponent 8"
    )
    ccitt = "/DecodeParms<</K -1/Columns 32/Rows 32>>"
    predicted = "/DecodeParms<</Predictor 12/Columns 32/Colors 1>>"
    streams = [
        stream(grey.hex().encode() + b">", f"{words}/Filter/ASCIIHexDecode"),
        stream(runs, f"{words}/Filter/RunLengthDecode"),
        stream(zlib.compress(rows), f"{words}/Filter/FlateDecode{predicted}"),
        stream(zlib.compress(zlib.compress(grey)), f"{words}/Filter[/FlateDecode/FlateDecode]"),
        stream(b"\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01", f"{words}/Filter/LZWDecode"),
        stream(
            b"\x26\xa0\x80\x08\x00\x80" * 6,
            f"{words.replace('Component 8', 'Component 1')}/Filter/CCITTFaxDecode{ccitt}",
        ),
    ]
    names = "".join(f"/I{n} {5 + n} 0 R" for n in range(len(streams)))
    drawn = b"".join(b"q 30 0 0 30 %d 10 cm /I%d Do Q " % (n * 32, n) for n in range(len(streams)))
    page = f"/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<</XObject<<{names}>>>>"
    return page_pdf(stream(drawn), *streams, page=page)


def _drawn() -> bytes:
    """A pattern, a shading, a form in a form, a soft mask and letters made of drawings."""
    resources = (
        "/Resources<</XObject<</A 5 0 R>>/Font<</T 7 0 R>>/Shading<</S 9 0 R>>"
        "/Pattern<</P 10 0 R>>/ExtGState<</G<</SMask<</S/Luminosity/G 5 0 R>>/ca .5>>>>>>"
    )
    form = "/Type/XObject/Subtype/Form/BBox[0 0 50 50]"
    contents = (
        b"/Pattern cs /P scn 0 0 60 60 re f q 0 60 60 30 re W n /S sh Q q /G gs /A Do Q "
        b"BT /T 20 Tf 90 40 Td (aaa) Tj ET"
    )
    return page_pdf(
        stream(contents),
        stream(
            b"q .5 0 0 .5 0 0 cm /B Do Q",
            f"{form}/Group<</S/Transparency/CS/DeviceRGB>>/Resources<</XObject<</B 6 0 R>>>>",
        ),
        stream(b"1 0 0 rg 5 5 40 40 re f", form),
        "<</Type/Font/Subtype/Type3/FontBBox[0 0 10 10]/FontMatrix[.1 0 0 .1 0 0]/FirstChar 97"
        "/LastChar 97/Widths[10]/CharProcs<</a 8 0 R>>/Encoding<</Differences[97/a]>>>>",
        stream(b"10 0 0 0 9 9 d1 0 0 9 9 re f"),
        "<</ShadingType 2/ColorSpace/DeviceRGB/Coords[0 0 60 0]/Extend[true true]"
        "/Function<</FunctionType 2/Domain[0 1]/C0[1 0 0]/C1[0 0 1]/N 1>>>>",
        stream(
            b"0 1 0 rg 0 0 4 4 re f",
            "/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 8 8]/XStep 8/YStep 8/Resources<<>>",
        ),
        page=f"/MediaBox[0 0 200 100]/Contents 4 0 R{resources}",
    )


def _updated() -> bytes:
    """A file with a later part, which points back at the earlier one."""
    first = _text()
    begin = first.rindex(b"startxref") + 10
    earlier = int(first[begin : first.index(b"\n", begin)])
    size = len(first)
    part = b"3 0 obj\n<</Font<</helv 5 0 R>>>>\nendobj\n"
    table = b"xref\n3 1\n%010d 00000 n \ntrailer<</Size 11/Root 1 0 R/Prev %d>>\n" % (size, earlier)
    return first + part + table + b"startxref\n%d\n%%%%EOF\n" % (size + len(part))


def _rc4(key: bytes, data: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def _encrypted(password: bytes) -> bytes:
    """By RC4 of 40 bits, whose result is always the same (ISO 32000-1, 7.6)."""
    padded = (password + _PAD)[:32]
    owner = _rc4(hashlib.md5((b"owner" + _PAD)[:32]).digest()[:5], padded)
    rights = (2**32 - 4).to_bytes(4, "little")
    key = hashlib.md5(padded + owner + rights + _ID).digest()[:5]
    own = hashlib.md5(key + bytes([4, 0, 0, 0, 0])).digest()[:10]
    words = f"/V 1/R 2/P -4/O<{owner.hex()}>/U<{_rc4(key, _PAD).hex()}>"
    return page_pdf(
        stream(_rc4(own, b"BT /F 14 Tf 20 70 Td (locked) Tj ET 10 10 30 30 re f")),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        page="/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>",
        trailer=f"/ID[<{_ID.hex()}><{_ID.hex()}>]/Encrypt<</Filter/Standard{words}>>",
    )


PDFS: dict[str, Callable[[], bytes]] = {
    "pdf": _text,
    "pdf of columns": _columns,
    "pdf of scans": _scan,
    "pdf with annotations": _annotated,
    "pdf of object streams": _object_streams,
    "pdf with labels": _labels,
    "pdf of many pages": _many_pages,
    "pdf of inline images": _inline_images,
    "pdf of filters": _filters,
    "pdf of drawings": _drawn,
    "pdf with an update": _updated,
    "pdf encrypted": lambda: _encrypted(b""),
    "pdf locked": lambda: _encrypted(b"secret"),
}
"""Name → what makes it."""
