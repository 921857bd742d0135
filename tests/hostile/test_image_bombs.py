"""Images that claim, or really have, more pixels than anybody wants to decode."""

from __future__ import annotations

import io
import struct
import sys
import zlib
from collections.abc import Callable

import pytest
from PIL import Image

from got_loaders.errors import SourceRefusedError
from tests.fuzz.running import at_most
from tests.hostile.reading import documents, results
from tests.pages import making

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds memory")


def _patched(data: bytes, *places: tuple[int, bytes]) -> bytes:
    changed = bytearray(data)
    for place, new in places:
        changed[place : place + len(new)] = new
    return bytes(changed)


def tiff() -> bytes:
    """One strip of 65,000 by 65,000 pixels."""
    data = making.tiff(b"\0" * 4, width=65_000, bits=8, photometric=1)
    high = struct.pack("<HHII", 257, 4, 1, 1), struct.pack("<HHII", 257, 4, 1, 65_000)
    assert high[0] in data
    return data.replace(*high)


def jpeg_2000() -> bytes:
    """Its size stands in a box of the header and in the codestream."""
    data = making.image(Image.new("RGB", (8, 8)), "JPEG2000")
    size = struct.pack(">II", 60_000, 60_000)
    stream = data.index(b"\xff\x4f\xff\x51")
    return _patched(data, (data.index(b"ihdr") + 4, size), (stream + 8, size))


def webp() -> bytes:
    """The extended header's canvas of 16,000 by 16,000 pixels."""
    data = making.frames("WEBP", "red", "blue")
    place = data.index(b"VP8X") + 12
    return _patched(data, (place, (15_999).to_bytes(3, "little") * 2))


def gif() -> bytes:
    """A screen of 65,535 by 65,535 pixels."""
    return _patched(making.frames("GIF", "red", "blue"), (6, b"\xff\xff\xff\xff"))


def later_frame() -> bytes:
    """A TIFF whose second frame alone is too large."""
    data = making.image(
        Image.new("1", (9, 9)),
        "TIFF",
        save_all=True,
        append_images=[Image.new("1", (30_000, 1_000))],
        compression="group4",
    )
    assert len(data) < 20_000
    return data


def qoi() -> bytes:
    """Runs of one pixel."""
    return b"qoif" + struct.pack(">IIBB", 2**31 - 1, 2**31 - 1, 3, 0) + b"\xfd" * 99


BOMBS: dict[str, Callable[[], bytes]] = {
    "png": making.bomb,
    "tiff": tiff,
    "jpeg 2000": jpeg_2000,
    "webp": webp,
    "gif": gif,
    "qoi": qoi,
    "psd": lambda: b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 30_000, 30_000, 8, 3) + bytes(14),
    "bmp": lambda: _patched(
        making.image(Image.new("RGB", (4, 4)), "BMP"), (18, struct.pack("<ii", 90_000, 90_000))
    ),
    "ppm": lambda: b"P6 100000 100000 255 " + bytes(99),
    "sgi": lambda: _patched(
        making.image(Image.new("RGB", (4, 4)), "SGI"), (6, struct.pack(">HH", 65_000, 65_000))
    ),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_what_claims_too_many_pixels_is_not_decoded(kind: str) -> None:
    """The error says how many, and which limit it is; it comes at once."""
    data = BOMBS[kind]()
    assert len(data) < 100_000
    with at_most(60):
        (document,) = documents(data)
    error = document.metadata["error"]
    assert "max_image_pixels=20000000" in error or "(image/webp) is damaged" in error
    if kind == "png":
        with pytest.raises(SourceRefusedError, match="40000 × 40000"):
            documents(data, on_error="raise")


def test_a_later_frame_costs_itself() -> None:
    """The frames before it are read."""
    first, second = results(later_frame())
    assert (first.error, first.info.width) == (None, 9.0)
    assert "30000 × 1000 pixels; more than max_image_pixels" in str(second.error)


def squeezed(side: int) -> bytes:
    """A PNG that really has so many pixels of RGBA, a thousand times smaller."""
    rows = zlib.compressobj(9)
    row = b"\0" + b"\xff\0\0\xff" * side
    pixels = b"".join(rows.compress(row) for _ in range(side)) + rows.flush()
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)),
        (b"IDAT", pixels),
        (b"IEND", b""),
    ]
    chunks = [
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@linux_only
def test_what_takes_too_much_memory_costs_its_page() -> None:
    """An image within the limit on pixels, but beyond that on memory; it is read with more."""
    data = squeezed(4_000)
    assert len(data) < 200_000
    (result,) = results(data, max_page_bytes=100_000_000)
    assert "page 1: " in str(result.error)
    assert "max_page_bytes" in str(result.error)
    (result,) = results(data, max_page_bytes=2_000_000_000)
    assert (result.error, result.info.width) == (None, 4_000.0)


@pytest.mark.parametrize("size", [(1, 19_000_000), (19_000_000, 1), (3, 6_000_000)])
def test_an_image_of_one_line(size: tuple[int, int]) -> None:
    """A hair of 19 million pixels is read like others, or an error of its page; and soon."""
    data = making.image(Image.new("1", size, 1), "PNG")
    with at_most(60):
        (result,) = results(data, max_page_seconds=5)
    assert result.error is None or "page 1: " in result.error


def test_many_frames_are_pages_like_others() -> None:
    """A GIF of 2,000 frames in a few bytes each is refused by name; some of them are read."""
    pictures = [Image.new("L", (2, 2), number % 256) for number in range(2_000)]
    buffer = io.BytesIO()
    pictures[0].save(buffer, "GIF", save_all=True, append_images=pictures[1:], duration=20)
    (refused,) = results(buffer.getvalue(), max_pages=1_000)
    assert "max_pages=1000" in str(refused.error)
    assert len(results(buffer.getvalue(), max_pages=1_000, pages="1-3")) == 3


def test_text_chunks_are_no_way_round() -> None:
    """A PNG's compressed text of 200 megabytes is not kept."""
    squeezer = zlib.compressobj(9)
    text = b"".join(squeezer.compress(b"x" * 2**20) for _ in range(200)) + squeezer.flush()
    body = b"zTXtComment\0\0" + text
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    data = making.image(Image.new("RGB", (8, 8)), "PNG")
    with at_most(60):
        (result,) = results(data[:33] + chunk + data[33:])
    assert result.error is None or "Decompressed data too large" in result.error
