"""A picture as a numpy array in the ``.npy`` format → a PNG: PDF loaders hand over such Blobs."""

from __future__ import annotations

import io
import math

import numpy as np

from got_loaders.errors import UnsupportedSourceError
from got_loaders.sources import array_to_image

__all__ = ["is_array", "npy_to_png"]

_MAGIC = b"\x93NUMPY"  # numpy.lib.format
_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def is_array(data: bytes) -> bool:
    """Whether the bytes call themselves a numpy array."""
    return data.startswith(_MAGIC)


def npy_to_png(data: bytes, name: str | None) -> bytes:
    """The picture that an array holds, see :func:`got_loaders.sources.array_to_image`.

    Raises :class:`UnsupportedSourceError` for anything else; pickled objects are not looked at.
    """
    try:
        array = _load(data)
    except (ValueError, KeyError, OverflowError) as error:
        text = f"{name or 'a Blob'}: not a picture as a numpy array: {error}"
        raise UnsupportedSourceError(text, source=name) from error
    png = io.BytesIO()
    array_to_image(array, name or "a Blob").save(png, "PNG", compress_level=1)
    return png.getvalue()


def _load(data: bytes) -> np.ndarray:
    """The array, checked against its length before anything is allocated."""
    stream = io.BytesIO(data)
    version = np.lib.format.read_magic(stream)
    shape, is_fortran, kind = _HEADERS[version](stream)
    left = memoryview(data)[stream.tell() :]
    if kind.hasobject or math.prod(shape) * kind.itemsize != len(left) or not len(left):
        raise ValueError(f"{len(left)} bytes for {shape} of {kind}")
    return np.frombuffer(left, kind).reshape(shape, order="F" if is_fortran else "C")
