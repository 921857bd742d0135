"""What is left of an image that can't be decoded to its end. Runs in the worker only."""

from __future__ import annotations

from PIL import Image

__all__ = ["decoded_share"]

_BLOCK = 16
"""Rows of pixels that a JPEG decodes together, at the usual subsampling."""


def decoded_share(image: Image.Image) -> float:
    """The share of its rows, from the top, that an image has after its ``load()`` has failed.

    1.0 where less than a block of rows is missing. Pillow leaves at 0 what it did not come to: rows
    of zeros at the end, which may be black ones, count as missing.
    """
    try:
        box = image.im.getbbox()
    except AssertionError:  # nothing was begun
        return 0.0
    rows = 0 if box is None else box[3]
    return 1.0 if rows > image.height - _BLOCK else rows / image.height
