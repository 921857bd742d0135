"""Converts Pillow images of every mode to upright, opaque RGB. Pure.

Nothing is resized, and what has more than 8 bits is scaled, not clipped.
"""

from __future__ import annotations

import math
from typing import Any

from PIL import Image, ImageOps

from got_loaders._image_ops import Levels, flatten

_ORIENTATION = 0x0112
_SIDEWAYS = (5, 6, 7, 8)


def upright_rgb(image: Image.Image, *, levels: Levels | None = None) -> Image.Image:
    """``image`` as a person sees it: EXIF orientation applied, 8-bit RGB, on white;
    on black where it is light ink alone.

    ``levels`` are the values of black and white in a gray image of more than 8 bits, where the
    file gives other ones than 0 and 65535 (12-bit scans: 4095; TIFFs where 0 is white). Loads the
    pixels; raises what Pillow raises on damaged data.
    """
    image.load()
    image = flatten(_apply_orientation(image), levels=levels)
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
