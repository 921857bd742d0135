"""Documents for tests, made in code."""

from __future__ import annotations

import importlib
import io
import random
import struct
import time
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from PIL import Image

import got_loaders
from got_loaders.pages import PageDocument, open_document
from got_loaders.sources import Source

pymupdf: Any = importlib.import_module("pymupdf")  # untyped, and says that it is typed

CORPUS = Path(got_loaders.__file__).parents[2] / "shared" / "corpus"
"""Awkward documents beside the repository; tests that need them skip where they are absent."""


def of_bytes(data: bytes, name: str = "doc") -> Source:
    """A source that holds ``data``."""
    return Source(name=name, data=data)


def of_path(path: Path) -> Source:
    """A source that names ``path``."""
    return Source(name=str(path), path=path, file_name=path.name)


def opened(source: Source, **how: Any) -> closing[PageDocument]:
    """The document of a source, until the block ends."""
    return closing(open_document(source, **how))


def pdf(*texts: str, size: tuple[float, float] = (200, 100), **save: Any) -> bytes:
    """A PDF with one page a text."""
    with pymupdf.open() as document:
        for text in texts:
            page = document.new_page(width=size[0], height=size[1])
            page.insert_text((20, 50), text, fontsize=20)
        data: bytes = document.tobytes(**save)
    return data


def locked_pdf(password: str, *texts: str) -> bytes:
    """A PDF that opens with ``password`` only."""
    kind = pymupdf.PDF_ENCRYPT_AES_256
    return pdf(*(texts or ("secret",)), encryption=kind, user_pw=password, owner_pw="owner")


def raw_pdf(*pages: str, count: int | None = None, root: str = "", head: str = "") -> bytes:
    """A PDF from the dictionaries of its pages, which may be as wrong as a test wants."""
    kids = " ".join(f"{number + 3} 0 R" for number in range(len(pages)))
    objects = [
        f"<</Type/Catalog/Pages 2 0 R {root}>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages) if count is None else count}>>",
        *(f"<</Type/Page/Parent 2 0 R {page}>>" for page in pages),
    ]
    text = f"{head}%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(text))
        text += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    text += f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer<</Size {size}/Root 1 0 R>>\n"
    return f"{text}startxref\n{text.index('xref')}\n%%EOF".encode("latin-1")


def image(picture: Image.Image, kind: str, **save: Any) -> bytes:
    """``picture`` as a file of format ``kind``."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **save)
    return buffer.getvalue()


def frames(kind: str, *colors: str | tuple[int, int, int]) -> bytes:
    """An image file of one frame a colour, 40 by 30 pixels."""
    pictures = [Image.new("RGB", (40, 30), color) for color in colors]
    exact = {"lossless": True} if kind == "WEBP" else {}
    return image(pictures[0], kind, save_all=True, append_images=pictures[1:], **exact)


def bomb(width: int = 40_000, height: int = 40_000) -> bytes:
    """A PNG of a few bytes whose header claims far too many pixels."""
    return _png_claiming(image(Image.new("L", (8, 8)), "PNG"), width, height)


def tiff(pixels: bytes, *, width: int, bits: int, photometric: int) -> bytes:
    """A grey little-endian TIFF of one row, with the tags that Pillow never writes."""
    tags = [
        (256, width), (257, 1), (258, bits), (259, 1), (262, photometric), (273, 8), (277, 1),
        (278, 1), (279, len(pixels)),
    ]  # fmt: skip
    pixels += b"\0" * (len(pixels) % 2)
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    table = struct.pack("<H", len(tags)) + entries + b"\0\0\0\0"
    return b"II*\0" + struct.pack("<I", 8 + len(pixels)) + pixels + table


def _png_claiming(data: bytes, width: int, height: int) -> bytes:

    header = b"IHDR" + struct.pack(">II", width, height) + data[24:29]
    return data[:12] + header + struct.pack(">I", zlib.crc32(header)) + data[33:]


def noise(seed: int) -> Image.Image:
    """A grey picture of 200 by 200 pixels that does not compress, another one for each seed."""
    return Image.frombytes("L", (200, 200), random.Random(seed).randbytes(200 * 200))


def photo_with_preview() -> bytes:
    """A camera's JPEG: red, 60 by 40 pixels, with a preview in an MPF block."""
    picture, preview = Image.new("RGB", (60, 40), "red"), Image.new("RGB", (16, 12), "blue")
    return image(picture, "MPO", save_all=True, append_images=[preview])


def layered_psd() -> bytes:
    """A Photoshop file of two pixels, (10, 30, 50) and (20, 40, 60), with two other layers."""
    channels = b"".join(struct.pack(">hI", channel, 4) for channel in range(3))
    layer = struct.pack(">4iH", 0, 0, 1, 2, 3) + channels + b"8BIMnorm\xff\0\0\0"
    layer += struct.pack(">III", 12, 0, 0) + b"\1a\0\0"
    layers = struct.pack(">h", -2) + 2 * layer + 6 * b"\0\0\1\2"
    section = struct.pack(">I", len(layers)) + layers
    header = b"8BPS" + struct.pack(">H6xHIIHHII", 1, 3, 1, 2, 8, 3, 0, 0)
    return (
        header + struct.pack(">I", len(section)) + section + bytes([0, 0, 10, 20, 30, 40, 50, 60])
    )


def soon(true: Callable[[], bool]) -> bool:
    """Whether it becomes true within a minute."""
    end = time.monotonic() + 60
    while not true() and time.monotonic() < end:
        time.sleep(0.005)
    return true()
