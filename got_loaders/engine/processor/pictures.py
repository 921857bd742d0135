"""A picture as the model sees it: gray or RGB, squeezed to the size of its view.

Here once, for the engine that reads a picture, and for clients that send it to one elsewhere: both
give the same pixels. Pillow alone.
"""

from __future__ import annotations

from PIL import Image

from got_loaders._image_ops import flatten, is_gray

__all__ = ["resize", "to_gray_or_rgb"]

_COLOR_SAMPLE = (64, 64)


def to_gray_or_rgb(image: Image.Image) -> Image.Image:
    """RGB, or L where nothing has a colour: a channel is resized alone, so one stands for three.

    As the processor's ``convert_to_rgb`` does it, but for modes that this can't show, and for light
    ink on a transparent ground.
    """
    image = flatten(image)
    if image.mode == "L":
        return image
    sample = image.resize(_COLOR_SAMPLE, Image.Resampling.NEAREST)  # tells most pages with colours
    return image.getchannel(0) if is_gray(sample) and is_gray(image) else image


def resize(image: Image.Image, width: int, height: int, resample: Image.Resampling) -> Image.Image:
    """``image`` at this size, its aspect not kept; one that has it already comes out unchanged."""
    return image.resize((width, height), resample)
