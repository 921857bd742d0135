"""Makes a rendered page look scanned: skew, grey paper, blur, noise, JPEG.

Knows images only; gives the skew, so that the positions of characters can follow it.
"""

import io
import random

import numpy as np
from PIL import Image, ImageFilter

MOST_SKEW = 0.5
"""Degrees, either way."""


def scanned(rng: random.Random, image: Image.Image, *, color: bool) -> tuple[Image.Image, float]:
    """A light scan of the page, same size, and its skew in degrees, counterclockwise.

    Without `color` the scan is grey, as most scans are.
    """
    if not color:
        image = image.convert("L")
    skew = rng.uniform(-MOST_SKEW, MOST_SKEW) if rng.random() < 0.7 else 0.0
    if skew:
        white = (255, 255, 255) if color else 255
        image = image.rotate(skew, Image.Resampling.BILINEAR, fillcolor=white)
    if rng.random() < 0.4:
        scale = image.width / 600
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 0.7) * scale))
    return _jpeg(rng, _faded(rng, image)), skew


def _faded(rng: random.Random, image: Image.Image) -> Image.Image:
    """Ink that is not black on paper that is not white, with the sensor's noise."""
    darkest, lightest = rng.uniform(0, 60), rng.uniform(215, 255)
    values = np.asarray(image, np.float32) * ((lightest - darkest) / 255) + darkest
    generator = np.random.default_rng(rng.getrandbits(32))
    noise = generator.standard_normal(values.shape, np.float32)
    values += noise * np.float32(rng.uniform(0, 9))
    return Image.fromarray(np.clip(values, 0, 255, out=values).astype(np.uint8))


def _jpeg(rng: random.Random, image: Image.Image) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=rng.randint(45, 95))
    return Image.open(buffer)
