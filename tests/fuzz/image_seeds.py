"""Small image files of every format that is read, to be mutated. The same in every run."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageDraw, features

from tests.pages import making

__all__ = ["IMAGES"]


def _picture(mode: str = "RGB", size: tuple[int, int] = (64, 48), number: int = 1) -> Image.Image:
    """A few letters and a line on white."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    draw.text((6, 8), f"No. {number}", fill="black")
    draw.line((4, 40, 60, 30 + number), fill="red", width=3)
    return image.convert(mode)


def _file(kind: str, mode: str = "RGB", **save: Any) -> Callable[[], bytes]:
    return lambda: making.image(_picture(mode), kind, **save)


def _frames(kind: str, mode: str = "RGB", **save: Any) -> Callable[[], bytes]:
    others = [_picture(mode, number=number) for number in (2, 3)]
    return lambda: making.image(_picture(mode), kind, save_all=True, append_images=others, **save)


def _tiff_of_several_kinds() -> bytes:
    """One frame of each compression that libtiff knows, one of them turned by its orientation."""
    kinds = ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "group3", "group4"]
    pictures = [_picture("1" if kind.startswith("group") else "RGB", number=n)
                for n, kind in enumerate(kinds)]  # fmt: skip
    buffer = io.BytesIO()
    with _tiff_writer(buffer) as writer:
        for kind, picture in zip(kinds, pictures, strict=True):
            picture.save(writer, "TIFF", compression=kind, tiffinfo={274: 6})
            writer.newFrame()
    return buffer.getvalue()


def _tiff_writer(buffer: io.BytesIO) -> Any:
    from PIL.TiffImagePlugin import AppendingTiffWriter

    return AppendingTiffWriter(buffer)


def _png_of_16_bits() -> bytes:
    dice = random.Random(1)
    data = b"".join(dice.randrange(65536).to_bytes(2, "little") for _ in range(40 * 30))
    return making.image(Image.frombytes("I;16", (40, 30), data), "PNG")


def _jpeg_with_exif() -> bytes:
    exif = Image.Exif()
    exif[274] = 8
    exif[282] = 300.0
    return making.image(_picture(), "JPEG", exif=exif, dpi=(300, 300), progressive=True)


def _png_with_everything() -> bytes:
    """A palette, transparency, a resolution, compressed text."""
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", "x" * 300, zip=True)
    info.add_itxt("Title", "ü" * 40)
    return making.image(_picture("P"), "PNG", pnginfo=info, dpi=(300, 300), transparency=0)


def _undated(data: bytes) -> bytes:
    """An AVIF without the times at which it was made."""
    found = bytearray(data)
    for box in (b"mvhd", b"tkhd", b"mdhd"):
        place = found.index(box) + 8
        found[place : place + 16] = bytes(16)
    return bytes(found)


IMAGES: dict[str, Callable[[], bytes]] = {
    "png": _file("PNG"),
    "png of 16 bits": _png_of_16_bits,
    "png with everything": _png_with_everything,
    "apng": _frames("PNG"),
    "jpeg": _file("JPEG", quality=60),
    "jpeg with exif": _jpeg_with_exif,
    "jpeg cmyk": _file("JPEG", "CMYK"),
    "mpo": making.photo_with_preview,
    "gif": _frames("GIF", "P"),
    "tiff": _tiff_of_several_kinds,
    "tiff lzw": _frames("TIFF", compression="tiff_lzw"),
    "tiff jpeg": _file("TIFF", compression="jpeg"),
    "tiff float": _file("TIFF", "F"),
    "tiff of 16 bits": lambda: making.tiff(bytes(range(80)), width=40, bits=16, photometric=0),
    "webp": _file("WEBP"),
    "webp lossless": _frames("WEBP", "RGBA", lossless=True),
    "bmp": _file("BMP", "P"),
    "dib": _file("DIB"),
    "jpeg 2000": _file("JPEG2000"),
    "jpeg 2000 codestream": _file("JPEG2000", "L", no_jp2=True, num_resolutions=3),
    "psd": making.layered_psd,
    "qoi": _file("QOI"),
    "ico": _file("ICO", "RGBA", sizes=[(16, 16), (32, 32)]),
    "ico of bitmaps": _file("ICO", "RGBA", sizes=[(16, 16)], bitmap_format="bmp"),
    "ppm": _file("PPM"),
    "pbm": _file("PPM", "1"),
    "ppm in words": lambda: b"P3 4 3 255 " + b" ".join(b"%d" % n for n in range(36)),
    "pcx": _file("PCX", "P"),
    "sgi": _file("SGI"),
}
"""Name → what makes it."""

if features.check("avif"):
    IMAGES["avif"] = _file("AVIF", quality=40)
    IMAGES["avif of several frames"] = lambda: _undated(_frames("AVIF", quality=40)())
