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

__all__ = ["OUTPUT_VERSION", "request_key"]

OUTPUT_VERSION = 1
"""Raised by whoever changes what an engine reads from the same pixels: how it cuts and scales
tiles, writes prompts, chooses tokens or judges a loop. Results of other versions are not found."""

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


def _patches(request: OcrRequest) -> list[int] | None:
    return [request.min_patches, request.max_patches] if request.crop_to_patches else None


def _has_key(image: Image) -> bool:
    return image.mode in ("RGB", "L") and "transparency" not in image.info


def _add_pixels(digest: hashlib.blake2b, image: Image) -> None:
    width, height = image.size
    rows = max(1, _BAND_BYTES // (3 * width))
    for top in range(0, height, rows):
        digest.update(image.crop((0, top, width, min(top + rows, height))).tobytes())
