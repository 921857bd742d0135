"""Pillow images and numpy arrays → sources. Importing it loads neither Pillow nor numpy.

A picture is kept as a file of its pixels, without loss, so that it is read as any file is.
"""

from __future__ import annotations

import hashlib
import io
import logging
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from got_loaders._image_ops import flatten
from got_loaders.errors import SourceError, SourceRefusedError, UnsupportedSourceError
from got_loaders.sources.sanitize import display_path, error_text
from got_loaders.sources.source import Source

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

__all__ = ["array_to_image", "from_picture", "is_picture"]

_log = logging.getLogger(__name__)

_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
"""By the number of channels."""

_OVERSHOOT = 0.1
"""By which floats leave 0 to 1 where a picture was resized or filtered; they are clipped."""

_EXPECTED = "expected (height, width), or (height, width, 3), with 4 for RGBA"
_ONE_FRAME = ("PSD", "MPO")
"""Formats whose other frames are layers, or previews in a camera's JPEG."""


def is_picture(obj: object) -> bool:
    """Whether it is a Pillow image or a numpy array of numbers; its shape may be wrong."""
    return _is_image(obj) or _is_array(obj)


def from_picture(
    picture: Any,  # a Pillow image or an array: see is_picture
    *,
    name: str | None,
    max_pixels: int,
) -> Source:
    """The pixels as a source; every frame of a Pillow image is a page, as those of its file are.

    Its name is ``name``, else the image's ``filename``, else a digest of the pixels.
    """
    filename = getattr(picture, "filename", "")
    if name is None and isinstance(filename, str) and filename:
        name = display_path(filename)
    label = name or f"a {type(picture).__name__}"
    width, height = (*picture.shape[1::-1], 1, 1)[:2] if _is_array(picture) else picture.size
    pixels = width * height
    if pixels > max_pixels:
        text = f"{label}: {pixels} pixels; more than max_image_pixels={max_pixels} are not decoded"
        raise SourceRefusedError(text, source=name)
    image: Image = array_to_image(picture, name) if _is_array(picture) else picture
    if not pixels:
        raise UnsupportedSourceError(f"{label}: there are no pixels in it", source=name)
    try:
        data, digest = _encode(image, max_pixels)
    except Exception as error:  # Pillow's plugins raise anything on damaged data
        text = f"{label}: its pixels can't be read: {error_text(error, label)}"
        raise SourceError(text, source=name) from error
    return Source(name=name or f"sha256:{digest}", data=data)


def array_to_image(array: NDArray[Any], name: str | None = None) -> Image:
    """The picture that an array holds, of shape (height, width) or (height, width, 1 to 4).

    Booleans are black and white, integers of 8 and 16 bits their whole range, floats 0 to 1.
    :class:`UnsupportedSourceError` says of anything else what would be right.
    """
    import numpy as np
    from PIL import Image as pillow  # noqa: N813  # its class has the name

    try:
        mode = _mode(array.shape)
        pixels = _to_uint8(np.asarray(array))  # all of one that is masked
    except ValueError as error:
        text = f"{name or 'an array'}: not a picture as a numpy array: {error}"
        raise UnsupportedSourceError(text, source=name) from error
    height, width = pixels.shape[:2]
    return pillow.frombytes(mode, (width, height), pixels.tobytes())


def _is_image(obj: object) -> bool:
    pillow = sys.modules.get("PIL.Image")
    return pillow is not None and isinstance(obj, pillow.Image)


def _is_array(obj: object) -> bool:
    """Whether it is an array, but for a row of paths."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not isinstance(obj, numpy.ndarray):
        return False
    return obj.dtype.kind not in "UO" or obj.ndim != 1


def _to_uint8(array: NDArray[Any]) -> NDArray[Any]:
    """The values as bytes: 0 black, 255 white."""
    import numpy as np

    kind, size = array.dtype.kind, array.dtype.itemsize
    if kind == "b":
        return array.astype(np.uint8) * np.uint8(255)
    if kind == "u" and size <= 2:
        return array if size == 1 else (array >> 8).astype(np.uint8)
    if kind == "f":
        return _scale_floats(array)
    raise ValueError(f"values of type {array.dtype}: pass array.astype(np.uint8), 0 to 255")


def _scale_floats(array: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    low, high = (float(array.min()), float(array.max())) if array.size else (0.0, 0.0)
    if not (low >= -_OVERSHOOT and high <= 1 + _OVERSHOOT):  # nor is NaN
        text = f"floats from 0 to 1 are a picture, and these go from {low:g} to {high:g}"
        raise ValueError(f"{text}: scale them, or pass array.astype(np.uint8), 0 to 255")
    scaled: NDArray[Any] = np.rint(np.clip(array, 0, 1) * 255).astype(np.uint8)
    return scaled


def _mode(shape: tuple[int, ...]) -> str:
    """The mode of a picture of this shape; a ``ValueError`` says which shapes there are."""
    channels = shape[2] if len(shape) == 3 else 1
    if len(shape) in (2, 3) and all(shape) and channels in _MODES:
        return _MODES[channels]
    hint = ""
    if len(shape) == 4 or (len(shape) == 3 and shape[0] not in _MODES):
        hint = "; of several pictures pass list(array)"
    elif len(shape) == 3:
        hint = "; if its channels stand first, pass np.moveaxis(array, 0, -1)"
    raise ValueError(f"a shape of {shape}: {_EXPECTED}{hint}")


def _encode(image: Image, max_pixels: int) -> tuple[bytes, str]:
    """A PNG, or a TIFF where there are several frames, and the digest of all pixels."""
    file, digest = io.BytesIO(), hashlib.sha256()
    if _frame_count(image) == 1:
        _save(_opaque(image), file, "PNG", digest, compress_level=1)
        return file.getvalue(), digest.hexdigest()
    from PIL.TiffImagePlugin import AppendingTiffWriter

    with AppendingTiffWriter(file) as tiff:
        for frame in _frames(image, max_pixels):
            _save(frame, tiff, "TIFF", digest, compression="tiff_adobe_deflate")
            tiff.newFrame()
        data = file.getvalue()
    return data, digest.hexdigest()


def _save(image: Image, file: Any, form: str, digest: Any, **options: Any) -> None:
    digest.update(f"{image.mode} {image.size}".encode())
    digest.update(image.tobytes())
    image.save(file, form, **options)


def _frames(image: Image, max_pixels: int) -> Iterator[Image]:
    """All frames, of ``max_pixels`` each; in the end the image stands where it stood."""
    position = image.tell()
    try:
        for number in range(_frame_count(image)):
            image.seek(number)
            if (pixels := image.width * image.height) > max_pixels:
                raise ValueError(f"frame {number + 1} has {pixels}: max_image_pixels={max_pixels}")
            yield _opaque(image)
    finally:
        image.seek(position)


def _frame_count(image: Image) -> int:
    return 1 if image.format in _ONE_FRAME else int(getattr(image, "n_frames", 1))


def _opaque(image: Image) -> Image:
    """The frame as a person sees it, upright, gray or RGB."""
    from PIL import ImageOps

    image.load()
    try:
        image = ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001  # nor is EXIF always what it should be; the pixels are fine
        _log.debug("EXIF can't be read", exc_info=True)
    return flatten(image)
