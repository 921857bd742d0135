"""Converts Pillow images of every mode to upright RGB on white. Pure.

Nothing is resized, and what has more than 8 bits is scaled, not clipped.
"""

from __future__ import annotations

import math
from typing import Any

from PIL import Image, ImageOps

from got_loaders._image_ops import flatten_on_white

_ORIENTATION = 0x0112
_SIDEWAYS = (5, 6, 7, 8)
_MAX_16_BITS = 65535.0

Levels = tuple[float, float]
"""The values that become black and white."""


def upright_rgb(image: Image.Image, *, levels: Levels | None = None) -> Image.Image:
    """``image`` as a person sees it: EXIF orientation applied, on white, 8-bit RGB.

    ``levels`` are the values of black and white in a gray image of more than 8 bits, where the
    file gives other ones than 0 and 65535 (12-bit scans: 4095; TIFFs where 0 is white). Loads the
    pixels; raises what Pillow raises on damaged data.
    """
    image.load()
    image = _apply_orientation(image)
    if image.mode.startswith("I"):
        image = _to_8_bits(image, levels or _default_integer_levels(image))
    elif image.mode == "F":
        image = _to_8_bits(image, levels)
    elif image.mode == "La":
        image = image.convert("LA")
    if image.has_transparency_data:
        return flatten_on_white(image)
    return image if image.mode == "RGB" else image.convert("RGB")


def display_size(image: Image.Image) -> tuple[int, int]:
    """Width and height after :func:`upright_rgb`, without loading the pixels."""
    width, height = image.size
    # Pillow turns TIFFs itself, and reports the size as turned from the start
    if image.format != "TIFF" and orientation(image) in _SIDEWAYS:
        return height, width
    return width, height


def display_dpi(image: Image.Image) -> tuple[float, float] | None:
    """Horizontal and vertical dots per inch as the file claims, of the image as it is shown."""
    try:
        across, down = (float(value) for value in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    if not (math.isfinite(across) and math.isfinite(down)):
        return None
    return (down, across) if orientation(image) in _SIDEWAYS else (across, down)


def orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 where there is none or it can't be read."""
    try:
        value: Any = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001  # Pillow raises anything on damaged EXIF; the pixels are fine
        return 1
    return value if value in range(1, 9) else 1


def _apply_orientation(image: Image.Image) -> Image.Image:
    if orientation(image) == 1:
        return image
    return ImageOps.exif_transpose(image)


def _default_integer_levels(image: Image.Image) -> Levels | None:
    """16 bits, unless the values can't be that. A dark page is no reason to brighten it."""
    low, high = image.getextrema() if image.mode == "I" else (0, 0)
    is_16_bits = low >= 0 and high <= _MAX_16_BITS  # type: ignore[operator]  # one band: numbers
    return (0.0, _MAX_16_BITS) if is_16_bits else None


def _to_8_bits(image: Image.Image, levels: Levels | None) -> Image.Image:
    """A gray image of more than 8 bits (I, I;16, F) → L, by its range."""
    image = _replace_non_finite(image) if image.mode == "F" else image.convert("I").convert("F")
    black, white = levels or _guess_levels(image)
    scale = 255 / (white - black) if white != black else 0.0
    return image.point(lambda value: value * scale + (0.5 - black * scale)).convert("L")


def _replace_non_finite(image: Image.Image) -> Image.Image:
    low, high = image.getextrema()
    if math.isfinite(low) and math.isfinite(high):  # type: ignore[arg-type]  # one band: numbers
        return image
    import numpy as np  # here: 0.1 s that only such a rarity is worth

    values = np.asarray(image)
    known = values[np.isfinite(values)]
    low, high = (known.min(), known.max()) if known.size else (0.0, 0.0)
    return Image.fromarray(np.clip(np.nan_to_num(values, nan=high), low, high))


def _guess_levels(image: Image.Image) -> Levels:
    """The values that become black and white where the file does not say: the likeliest scale."""
    low, high = (float(value) for value in image.getextrema())  # type: ignore[arg-type]  # as above
    if low < 0 or high > _MAX_16_BITS:
        return low, high
    if high <= 2.0:  # 0 to 1, overshooting at most
        return 0.0, max(high, 1.0)
    return 0.0, 255.0 if high <= 255.0 else _MAX_16_BITS
