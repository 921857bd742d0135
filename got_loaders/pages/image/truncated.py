"""How much of a JPEG can be decoded that breaks off. Runs in the worker only."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, ImageFile

__all__ = ["jpeg_share", "jpeg_share_of", "load_truncated"]

_BLOCK = 16
"""Rows of pixels that are decoded together, at the usual subsampling."""


def jpeg_share(image: Image.Image) -> float | None:
    """The share of its rows, from the top, that a JPEG has after its ``load()`` has failed.

    1.0 where less than a block of rows is missing, as where nothing but the mark at its end is.
    Pillow leaves at 0 what it did not come to, so black rows at the end count as missing. None
    where it can't be told: of other formats, and of progressive ones, of which all rows are there,
    but blurred.
    """
    if image.format not in ("JPEG", "MPO") or "progressive" in image.info:
        return None
    try:
        box = image.im.getbbox()
    except AssertionError:  # nothing was begun
        return 0.0
    rows = 0 if box is None else box[3]
    return 1.0 if rows > image.height - _BLOCK else rows / image.height


def jpeg_share_of(data: bytes) -> float | None:
    """:func:`jpeg_share` of a file; 1.0 where it can be loaded, None where it can't be opened."""
    try:
        image = Image.open(io.BytesIO(data), formats=("JPEG",))
    except Exception:  # noqa: BLE001  # Pillow's plugins raise anything on damaged data
        return None
    try:
        image.load()
    except Exception:  # noqa: BLE001  # as above
        return jpeg_share(image)
    return 1.0


@contextmanager
def load_truncated() -> Iterator[None]:
    """Inside the block Pillow decodes what it can, and says nothing."""
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before
