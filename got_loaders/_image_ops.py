"""What the engine, the pages and the layout all do to Pillow images. Importing it loads no Pillow.

Only what is the same to the pixel: each of them reduces images, and decides which of them have
transparent parts, in a way of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["flatten_on_white", "is_gray"]


def flatten_on_white(image: Image) -> Image:
    """``image`` in RGB, what is transparent in it blended with white; it may be of any mode."""
    from PIL import Image

    layer = image.convert("RGBA")
    white = Image.new("RGB", layer.size, "white")
    white.paste(layer, mask=layer.getchannel("A"))
    return white


def is_gray(image: Image) -> bool:
    """Whether an RGB image has no colour: its red, green and blue are the same everywhere."""
    from PIL import ImageChops

    red, green, blue = image.split()
    return all(ImageChops.difference(red, other).getbbox() is None for other in (green, blue))
