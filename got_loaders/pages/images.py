"""Pillow images of every mode → upright RGB on white. Pure.

Nothing is resized, and what has more than 8 bits is scaled, not clipped.
"""

from __future__ import annotations

import math
from typing import Any

from PIL import Image, ImageOps

_ORIENTATION = 0x0112
_TURNED = (5, 6, 7, 8)
_DEEP = ("I", "F")


def upright_rgb(image: Image.Image, *, peak: float | None = None) -> Image.Image:
    """``image`` as a person sees it: EXIF orientation applied, on white, 8-bit RGB.

    ``peak`` is the value that means white in an image of more than 8 bits, where the file says so
    (12-bit scans: 4095). Loads the pixels; raises what Pillow raises on damaged data.
    """
    image.load()
    image = _turned(image)
    if image.mode.startswith(_DEEP):
        image = _eight_bits(image, peak)
    if image.has_transparency_data:
        return _on_white(image)
    return image if image.mode == "RGB" else image.convert("RGB")


def shown_size(image: Image.Image) -> tuple[int, int]:
    """Width and height after :func:`upright_rgb`, without loading the pixels."""
    width, height = image.size
    # Pillow turns TIFFs itself, and reports the size as turned from the start
    if image.format != "TIFF" and orientation(image) in _TURNED:
        return height, width
    return width, height


def shown_dpi(image: Image.Image) -> tuple[float, float] | None:
    """Horizontal and vertical dots per inch as the file claims, of the image as it is shown."""
    try:
        across, down = (float(value) for value in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    if not (math.isfinite(across) and math.isfinite(down)):
        return None
    return (down, across) if orientation(image) in _TURNED else (across, down)


def orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 where there is none or it can't be read."""
    try:
        value: Any = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001  # Pillow raises anything on damaged EXIF; the pixels are fine
        return 1
    return value if value in range(1, 9) else 1


def _turned(image: Image.Image) -> Image.Image:
    if orientation(image) == 1:
        return image
    return ImageOps.exif_transpose(image)


def _on_white(image: Image.Image) -> Image.Image:
    layer = image.convert("RGBA")
    white = Image.new("RGB", layer.size, "white")
    white.paste(layer, mask=layer.getchannel("A"))
    return white


def _eight_bits(image: Image.Image, peak: float | None) -> Image.Image:
    """A grey image of more than 8 bits (I, I;16, F) → L, by its range."""
    low, high = _range(image, peak)
    if image.mode != "F":
        image = image.convert("I")
    scale = 255 / (high - low) if high > low else 0.0
    return image.convert("F").point(lambda value: value * scale + (0.5 - low * scale)).convert("L")


def _range(image: Image.Image, peak: float | None) -> tuple[float, float]:
    """The values that become black and white."""
    if peak:
        return 0.0, peak
    if image.mode.startswith("I;16"):
        return 0.0, 65535.0
    low, high = (float(value) for value in image.getextrema())  # type: ignore[arg-type]  # one band
    likely = (1.0, 255.0, 65535.0) if image.mode == "F" else (65535.0,)
    for top in likely:
        if low >= 0 and high <= top:
            return 0.0, top
    return low, high
