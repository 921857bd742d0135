"""How much of a JPEG can be decoded that breaks off or is broken. Runs in the worker only."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, ImageFile

__all__ = ["has_stray_marker", "jpeg_share", "jpeg_share_of", "jpeg_size", "load_truncated"]

_BLOCK = 16
"""Rows of pixels that are decoded together, at the usual subsampling."""

_SCAN, _END = 0xDA, 0xD9
_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")
"""In a scan, but for those that may stand there (ITU-T T.81, B.1.1.2)."""

_BETWEEN_SCANS = frozenset({0xC4, 0xCC, 0xDB, 0xDC, 0xDD, 0xFE, *range(0xE0, 0xF0)})
"""Tables, a number of lines, comments and what programs add."""


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


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Its width and height; None where it can't be opened."""
    try:
        return Image.open(io.BytesIO(data), formats=("JPEG",)).size
    except Exception:  # noqa: BLE001  # Pillow's plugins raise anything on damaged data
        return None


def has_stray_marker(data: bytes) -> bool:
    """Whether a marker stands in a JPEG's scans that has no place there.

    Decoders stop at it, fill up the rest with gray, and say nothing.
    """
    at, is_stray = 2, False
    while not is_stray and at + 4 <= len(data):
        marker = data[at + 1]
        if data[at] != 0xFF or marker == _END:
            return False  # before the first scan nothing is sure
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == _SCAN:
            found = _MARKER.search(data, at)
            if found is None or found[1][0] == _END:
                return False
            at = found.end() - 2
            is_stray = not _is_segment(data, at)
    return is_stray


def _is_segment(data: bytes, at: int) -> bool:
    """Whether a segment that may follow a scan begins here, and another after it."""
    after = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    ends_well = after == len(data) or data[after : after + 1] == b"\xff"
    return data[at + 1] == _SCAN or (data[at + 1] in _BETWEEN_SCANS and ends_well)


@contextmanager
def load_truncated() -> Iterator[None]:
    """Inside the block Pillow decodes what it can, and says nothing."""
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before
