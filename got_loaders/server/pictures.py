"""Pictures as they were sent → Pillow images: few bytes of a request may not become much memory.

What a client of this library sends, PNG of 8 bits in gray or RGB, is decoded here, once its header
says that it is small enough. All else goes through the library's own worker process for documents,
with its rules and formats, for decoders of odd formats have crashed before.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING

from got_loaders.errors import PageError, SourceError, SourceRefusedError
from got_loaders.pages import open_document
from got_loaders.server.errors import ApiError, without_paths
from got_loaders.sources import Source
from got_loaders.types import Limits

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["decode_picture", "decode_pictures"]

_PNG_HEAD = struct.Struct(">8s4x4sIIBB")
_PNG = b"\x89PNG\r\n\x1a\n"
_GRAY, _RGB = 0, 2
_PILLOW_WARNS = 80_000_000
"""Pixels that Pillow takes without a word about bombs."""


def decode_pictures(contents: Sequence[tuple[bytes, str]], limits: Limits) -> tuple[Image, ...]:
    """All pictures of a request, which together have at most ``limits.image_pixels``. Blocks.

    Each comes with its place in the request.
    """
    images: list[Image] = []
    left = limits.image_pixels
    for content, param in contents:
        images.append(decode_picture(content, param, limits, max_pixels=left))
        left -= images[-1].width * images[-1].height
        if left < 1 and len(images) < len(contents):
            text = f"the pictures together have more than {limits.image_pixels} pixels"
            raise ApiError("too_large", f"{param}: {text}", param=param)
    return tuple(images)


def decode_picture(content: bytes, param: str, limits: Limits, *, max_pixels: int) -> Image:
    """One picture, upright and opaque; :class:`ApiError` where it is none, damaged or too large."""
    image = _decode_plain_png(content, max_pixels)
    return image or _decode_in_worker(content, param, limits, max_pixels)


def _decode_plain_png(content: bytes, max_pixels: int) -> Image | None:
    """The picture, where it is such a one and whole; else None: the worker says what is wrong."""
    if len(content) < _PNG_HEAD.size:
        return None
    magic, chunk, width, height, bits, color = _PNG_HEAD.unpack_from(content)
    pixels = width * height
    if (magic, chunk, bits) != (_PNG, b"IHDR", 8) or color not in (_GRAY, _RGB):
        return None
    if not 0 < pixels <= min(max_pixels, _PILLOW_WARNS):
        return None
    from PIL import Image as pillow  # noqa: N813  # its class has the name

    try:
        with pillow.open(io.BytesIO(content), formats=("PNG",)) as image:
            image.load()
            plain = image.mode in ("L", "RGB") and "transparency" not in image.info
            turned = bool(image.getexif())
            if not plain or turned or getattr(image, "n_frames", 1) != 1:
                return None
            return image.copy()
    except Exception:  # noqa: BLE001  # Pillow's plugins raise anything on damaged data
        return None


def _decode_in_worker(content: bytes, param: str, limits: Limits, max_pixels: int) -> Image:
    source = Source(name=param, data=content)
    bounds = Limits(
        file_bytes=limits.file_bytes, image_pixels=max_pixels, page_seconds=limits.page_seconds
    )
    try:
        document = open_document(source, limits=bounds)
        try:
            if document.info(0).file_type == "application/pdf":
                raise _invalid(param, "it is a PDF: send it to /v1/ocr, or its pages as pictures")
            if document.total != 1:
                text = f"it has {document.total} pages: send it to /v1/ocr, or each page alone"
                raise _invalid(param, text)
            return document.page(0, width=1, height=1).image
        finally:
            document.close()
    except SourceRefusedError as error:
        raise ApiError("too_large", without_paths(str(error)), param=param) from error
    except (SourceError, PageError) as error:
        raise ApiError("invalid_image", without_paths(str(error)), param=param) from error


def _invalid(param: str, text: str) -> ApiError:
    return ApiError("invalid_image", f"{param}: {text}", param=param)
