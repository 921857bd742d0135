"""A picture as a numpy array in the ``.npy`` format → a PNG: PDF loaders hand over such Blobs."""

from __future__ import annotations

import io
import math

import numpy as np
from PIL import Image

from got_loaders.errors import UnsupportedSourceError

__all__ = ["is_array", "npy_to_png"]

_MAGIC = b"\x93NUMPY"  # numpy.lib.format
_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def is_array(data: bytes) -> bool:
    """Whether the bytes call themselves a numpy array."""
    return data.startswith(_MAGIC)


def npy_to_png(data: bytes, name: str | None) -> bytes:
    """The picture that an array of shape (height, width) or (height, width, 1 to 4) holds.

    Its values are bytes, 16-bit numbers or booleans. Raises :class:`UnsupportedSourceError` for
    anything else; pickled objects are not looked at.
    """
    try:
        pixels = _to_uint8(_load(data))
        height, width, *channels = pixels.shape
        mode = _MODES[channels[0] if channels else 1]
        picture = Image.frombytes(mode, (width, height), pixels.tobytes())
    except (ValueError, KeyError, OverflowError) as error:
        text = f"{name or 'a Blob'}: not a picture as a numpy array: {error}"
        raise UnsupportedSourceError(text, source=name) from error
    png = io.BytesIO()
    picture.save(png, "PNG", compress_level=1)
    return png.getvalue()


def _load(data: bytes) -> np.ndarray:
    """The array, checked against its length before anything is allocated."""
    stream = io.BytesIO(data)
    version = np.lib.format.read_magic(stream)
    shape, is_fortran, kind = _HEADERS[version](stream)
    left = memoryview(data)[stream.tell() :]
    if kind.hasobject or math.prod(shape) * kind.itemsize != len(left) or not len(left):
        raise ValueError(f"{len(left)} bytes for {shape} of {kind}")
    if len(shape) not in (2, 3):
        raise ValueError(f"{len(shape)} dimensions")
    return np.frombuffer(left, kind).reshape(shape, order="F" if is_fortran else "C")


def _to_uint8(array: np.ndarray) -> np.ndarray:
    """The values as bytes: 0 black, 255 white."""
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype.kind == "u" and array.dtype.itemsize == 2:
        return (array >> 8).astype(np.uint8)
    if array.dtype == np.uint8:
        return array
    raise ValueError(f"values of type {array.dtype}")
