"""A scan as the only picture of a PDF page, coded as PDFs code pictures. Pure.

The page is object 3, its contents 4, the picture 5; what is passed on is numbered from 6.
"""

from __future__ import annotations

import base64
import io
import random
import struct
import zlib

from PIL import Image, ImageDraw

from tests.hostile.writing import page_pdf, stream

__all__ = [
    *("CMYK_JPEG", "FLATE", "G4", "GRAY", "HEIGHT", "JBIG2", "JP2", "JPEG", "LZW", "ONE_BIT"),
    *("PACKED", "PROGRESSIVE", "RGB_JPEG", "WIDTH"),
    *("ascii85", "image", "page", "predicted"),
]

WIDTH, HEIGHT = 400, 560


def _sheet() -> Image.Image:
    """Words all down a page."""
    sheet = Image.new("L", (WIDTH, HEIGHT), "white")
    draw, rng = ImageDraw.Draw(sheet), random.Random(7)
    for y in range(30, HEIGHT - 40, 20):
        for x in range(30, WIDTH - 60, 50):
            for stroke in range(x, x + rng.randrange(20, 44), 6):
                draw.rectangle((stroke, y, stroke + 3, y + 9), fill="black")
    return sheet


def _encoded(kind: str, mode: str = "L", **save: object) -> bytes:
    buffer = io.BytesIO()
    _sheet().convert(mode).save(buffer, kind, **save)
    return buffer.getvalue()


def _strip(compression: str) -> bytes:
    """The data of a TIFF's only strip."""
    data = _encoded("TIFF", "1", compression=compression, tiffinfo={278: HEIGHT})
    tags = Image.open(io.BytesIO(data)).tag_v2  # type: ignore[attr-defined]  # a TIFF
    return data[tags[273][0] : tags[273][0] + tags[279][0]]


def _segment(number: int, kind: int, data: bytes) -> bytes:
    return struct.pack(">IBBBI", number, kind, 0, 1, len(data)) + data


def _jbig2() -> bytes:
    """A page of one region, which is coded as fax is."""
    size = struct.pack(">II", WIDTH, HEIGHT)
    page_info = size + struct.pack(">IIBH", 0, 0, 0, 0)
    region = size + struct.pack(">IIBB", 0, 0, 0, 1) + G4
    return _segment(0, 48, page_info) + _segment(1, 38, region)


GRAY = _sheet().tobytes()
ONE_BIT = _sheet().convert("1").tobytes()
FLATE = zlib.compress(GRAY)
JPEG = _encoded("JPEG", quality=85)
RGB_JPEG = _encoded("JPEG", "RGB", quality=85)
CMYK_JPEG = _encoded("JPEG", "CMYK", quality=85)
PROGRESSIVE = _encoded("JPEG", progressive=True)
JP2 = _encoded("JPEG2000")
G4 = _strip("group4")
LZW = _strip("tiff_lzw")
PACKED = _strip("packbits") + b"\x80"
JBIG2 = _jbig2()


def predicted() -> bytes:
    """Deflated, with PNG's Sub before each row."""
    rows = (GRAY[y * WIDTH : (y + 1) * WIDTH] for y in range(HEIGHT))
    subbed = (bytes((v - p) % 256 for v, p in zip(r, b"\0" + r, strict=False)) for r in rows)
    return zlib.compress(b"".join(b"\1" + row for row in subbed))


def ascii85(data: bytes) -> bytes:
    """In letters, as PDF has them."""
    return base64.a85encode(data) + b"~>"


def image(
    filters: str,
    data: bytes,
    *,
    colors: str = "/DeviceGray",
    bits: int = 8,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    more: str = "",
) -> bytes:
    """An image object."""
    words = f"/Subtype/Image/Width {size[0]}/Height {size[1]}/BitsPerComponent {bits}"
    return stream(data, f"{words}/ColorSpace {colors}/Filter {filters} {more}")


def page(
    picture: bytes | str,
    *others: bytes | str,
    contents: bytes | str = b"q 400 0 0 560 0 0 cm /Im0 Do Q",
    words: str = "",
    resources: str = "/XObject<</Im0 5 0 R>>",
) -> bytes:
    """A PDF whose only page shows the picture; contents in letters are an object, not a stream."""
    drawn = stream(contents) if isinstance(contents, bytes) else contents
    frame = f"/MediaBox[0 0 400 560]/Resources<<{resources}>>{words}"
    frame += "" if "/Contents" in words else "/Contents 4 0 R"
    return page_pdf(drawn, picture, *others, page=frame)
