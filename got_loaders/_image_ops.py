"""What the engine, the pages and the layout all do to Pillow images. Importing it loads no Pillow.

Only what is the same to the pixel: each of them reduces images in a way of its own.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Levels", "flatten", "is_gray"]

Levels = tuple[float, float]
"""The values that become black and white."""

_WITH_COLOR_KEY = ("1", "L", "P", "RGB")
"""Modes in which one colour, or entries of the palette, may stand for what is transparent."""
_MAX_16_BITS = 65535.0
_DARK = 96
"""Grey levels by which something would stand out from white: then it is no light ink."""
_LIGHT = 192
"""Grey levels of ink, on the average, that would hardly be seen on white."""
_SHEET = 0.5
"""Of the picture: a light shape as large as this, without gaps or holes, is paper and no ink."""


def flatten(image: Image, *, levels: Levels | None = None) -> Image:
    """``image`` as L or RGB, 8 bits and opaque; it may be of any mode.

    What is transparent becomes white; black where all that can be seen is light ink, which white
    would swallow. More than 8 bits are scaled, not clipped: ``levels`` are the values of black and
    white where the file says them, and 0 and 65535 are likely ones otherwise.
    """
    if image.mode in ("L", "RGB") and "transparency" not in image.info:
        return image
    deep = image.mode.startswith("I") or image.mode == "F"
    alpha = _opaque_values(image) if deep else None
    image = _plain(_to_8_bits(image, levels)) if deep else image
    if image.mode not in _WITH_COLOR_KEY:
        image = _plain(image)
    if image.has_transparency_data:
        layer = _with_alpha(image)
        image, alpha = layer.convert("RGB"), layer.getchannel("A")
    image = image if image.mode in ("L", "RGB") else image.convert("RGB")
    return image if alpha is None else _on_ground(image, alpha)


def is_gray(image: Image) -> bool:
    """Whether an RGB image has no colour: its red, green and blue are the same everywhere."""
    from PIL import ImageChops

    red, green, blue = image.split()
    return all(ImageChops.difference(red, other).getbbox() is None for other in (green, blue))


def _plain(image: Image) -> Image:
    """``image`` without a colour that stands for transparency, which conversions stumble over."""
    if "transparency" not in image.info:
        return image
    image = image.copy()
    del image.info["transparency"]
    return image


def _with_alpha(image: Image) -> Image:
    """RGBA without its transparent colour, which is none where the image can't have it."""
    if image.mode == "La":  # Pillow knows no other way out of it
        image = image.convert("LA")
    try:
        return _plain(image.convert("RGBA"))
    except (TypeError, ValueError, OverflowError):
        return _plain(image).convert("RGBA")


def _opaque_values(image: Image) -> Image | None:
    """Which pixels of a gray image of more than 8 bits do not have its transparent value."""
    import numpy as np  # here: 0.1 s that only such rarities are worth
    from PIL import Image as pillow  # noqa: N813  # its class has the name

    value = image.info.get("transparency")
    if not isinstance(value, int):
        return None
    return pillow.fromarray(np.where(np.asarray(image) == value, 0, 255).astype(np.uint8))


def _on_ground(image: Image, alpha: Image) -> Image:
    """The image, by how opaque it is, on white; or on black, if it is all light ink."""
    from PIL import Image as pillow  # noqa: N813  # its class has the name

    if alpha.getextrema() == (255, 255):
        return image
    ground = pillow.new(image.mode, image.size, "black" if _is_light_ink(image, alpha) else "white")
    ground.paste(image, mask=alpha)
    return ground


def _is_light_ink(image: Image, alpha: Image) -> bool:
    """Whether all that can be seen is light, and it is letters or lines, not a sheet of paper."""
    from PIL import ImageChops, ImageStat

    gray = image.convert("L")
    on_white = ImageChops.multiply(ImageChops.invert(gray), alpha)
    if on_white.getextrema()[1] >= _DARK:  # type: ignore[operator]  # one band: numbers
        return False
    opaque, light = (
        ImageStat.Stat(band).sum[0] for band in (alpha, ImageChops.multiply(gray, alpha))
    )
    return opaque > 0 and 255 * light >= _LIGHT * opaque and not _is_sheet(alpha)


def _is_sheet(alpha: Image) -> bool:
    """Whether this is one large shape, as a scan is whose corners are transparent."""
    import numpy as np  # here: as above

    solid: Any = np.asarray(alpha) >= 128
    if solid.mean() < _SHEET:
        return False
    runs = (each[:, 0] + (each[:, 1:] & ~each[:, :-1]).sum(axis=1) for each in (solid, solid.T))
    return all(float((count <= 1).mean()) > 0.98 for count in runs)


def _to_8_bits(image: Image, levels: Levels | None) -> Image:
    """A gray image of more than 8 bits (I, I;16, F) → L, by its range."""
    if image.mode == "F":
        image = _replace_non_finite(image)
    else:
        levels = levels or _integer_levels(image)
        image = image.convert("I").convert("F")
    black, white = levels or _guess_levels(image)
    scale = 255 / (white - black) if white != black else 0.0
    return image.point(lambda value: value * scale + (0.5 - black * scale)).convert("L")


def _integer_levels(image: Image) -> Levels | None:
    """16 bits, unless the values can't be that. A dark page is no reason to brighten it."""
    low, high = image.getextrema() if image.mode == "I" else (0, 0)
    is_16_bits = low >= 0 and high <= _MAX_16_BITS  # type: ignore[operator]  # one band: numbers
    return (0.0, _MAX_16_BITS) if is_16_bits else None


def _replace_non_finite(image: Image) -> Image:
    low, high = image.getextrema()
    if math.isfinite(low) and math.isfinite(high):  # type: ignore[arg-type]  # one band: numbers
        return image
    import numpy as np  # here: as above
    from PIL import Image as pillow  # noqa: N813  # its class has the name

    values: Any = np.asarray(image)
    known = values[np.isfinite(values)]
    low, high = (known.min(), known.max()) if known.size else (0.0, 0.0)
    return pillow.fromarray(np.clip(np.nan_to_num(values, nan=high), low, high))


def _guess_levels(image: Image) -> Levels:
    """The values that become black and white where the file does not say: the likeliest scale."""
    low, high = (float(value) for value in image.getextrema())  # type: ignore[arg-type]  # as above
    if low < 0 or high > _MAX_16_BITS:
        return low, high
    if high <= 2.0:  # 0 to 1, overshooting at most
        return 0.0, max(high, 1.0)
    return 0.0, 255.0 if high <= 255.0 else _MAX_16_BITS
