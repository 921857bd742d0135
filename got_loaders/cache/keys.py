"""A request → the key of its result: the pixels, the question, and what reads.

The file's name and place have no part in it, nor has what becomes of the text afterwards.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from got_loaders.types import OcrRequest

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["OUTPUT_VERSION", "picture_keys", "request_key"]

OUTPUT_VERSION = 1
"""Raised by whoever changes what an engine reads from the same pixels: how it cuts and scales
tiles, writes prompts, chooses tokens or judges a loop. Results of other versions are not found."""

_SAMPLED_ROWS = 256
"""Of a picture that is only looked for as a hint: 2 ms, where all of a page take 10."""

_BAND_BYTES = 4 * 2**20
"""Pixels are hashed in bands of this size: the whole of a large image is never copied."""


def request_key(request: OcrRequest, fingerprint: str) -> bytes | None:
    """32 bytes that are the same for equal requests to the same model, and for no others.

    None for images in modes that pages never have (palettes, transparency): these are not kept.
    """
    thumbnail = () if request.thumbnail is None else (request.thumbnail,)
    images = (*request.images, *thumbnail)
    if not all(map(_has_key, images)):
        return None
    question = {
        "version": OUTPUT_VERSION,
        "model": fingerprint,
        "format": request.format,
        "box": request.box,
        "color": request.color,
        "patches": _patches(request),
        "multi_page": request.multi_page,
        "max_new_tokens": request.max_new_tokens,
        "stop_on_repetition": request.stop_on_repetition,
        "images": [[image.mode, *image.size] for image in images],
    }
    digest = hashlib.blake2b(digest_size=32)  # half again as fast as SHA-256 on a page
    digest.update(json.dumps(question, sort_keys=True).encode("ascii") + b"\0")
    for image in images:
        _add_pixels(digest, image)
    return digest.digest()


def picture_keys(request: OcrRequest) -> tuple[bytes, bytes] | None:
    """32 bytes that are the same for equal pictures, or parts of them, whoever reads them how.

    Some rows of pixels tell: where two pictures differ elsewhere, they are nearly the same page.
    The first are for readings of the format that is asked for, the second for those of the other.
    None for images that are not kept.
    """
    if not all(map(_has_key, request.images)):
        return None
    place = {
        "box": request.box,
        "color": request.color,
        "images": [[image.mode, *image.size] for image in request.images],
    }
    digest = hashlib.blake2b(json.dumps(place).encode("ascii") + b"\0", digest_size=32)
    for image in request.images:
        sample = (image.width, min(image.height, _SAMPLED_ROWS))
        _add_pixels(digest, image.resize(sample, resample=0))  # the nearest pixel
    other = digest.copy()
    digest.update(_format_mark(request.format))
    other.update(_format_mark(not request.format))
    return digest.digest(), other.digest()


def _format_mark(formatted: bool) -> bytes:
    return b"formatted" if formatted else b"plain"


def _patches(request: OcrRequest) -> list[int] | None:
    return [request.min_patches, request.max_patches] if request.crop_to_patches else None


def _has_key(image: Image) -> bool:
    return image.mode in ("RGB", "L") and "transparency" not in image.info


def _add_pixels(digest: hashlib.blake2b, image: Image) -> None:
    width, height = image.size
    rows = max(1, _BAND_BYTES // (3 * width))
    for top in range(0, height, rows):
        digest.update(image.crop((0, top, width, min(top + rows, height))).tobytes())
