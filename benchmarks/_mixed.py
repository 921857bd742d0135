"""Pages of mixed quality: from clean ones to ones that nobody could read. Knows no model."""

import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from examples.train_tiny.layouts import Generator

ZOOM = 1.72
"""Pixels per point: what the library renders for one view of an A4 page."""
MOST_EFFECTS = 3


@dataclass(frozen=True, slots=True)
class MixedPage:
    """A page as a scanner would deliver it; ``damage`` is 0 for none to 1 for the worst."""

    image: Image.Image
    text: str
    damage: float


def mixed_pages(count: int, seed: int) -> Iterator[MixedPage]:
    """So many pages of lines in large type, in random order of their damage, which is spread."""
    rng = random.Random(f"mixed {seed}")
    generator = Generator(rng, held_out=True)
    steps = [number / max(1, count - 1) for number in range(count)]
    for damage in rng.sample(steps, count):
        layout = generator.plain()
        yield MixedPage(damaged(rng, layout.page.render(ZOOM), damage), layout.text, damage)


def damaged(rng: random.Random, image: Image.Image, damage: float) -> Image.Image:
    """``image`` in grey with one to three effects, each about as strong as ``damage`` says."""
    image = image.convert("L")
    for effect in rng.sample(list(EFFECTS), rng.randint(1, MOST_EFFECTS)):
        strength = min(1.0, damage * rng.uniform(0.5, 1.1))
        image = EFFECTS[effect](rng, image, strength)
    return image


def _blur(_: random.Random, image: Image.Image, strength: float) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(strength * image.width / 180))


def _coarse(_: random.Random, image: Image.Image, strength: float) -> Image.Image:
    """As from a scanner of low resolution."""
    divisor = 1 + 7 * strength
    small = image.resize((round(image.width / divisor), round(image.height / divisor)))
    return small.resize(image.size)


def _noise(rng: random.Random, image: Image.Image, strength: float) -> Image.Image:
    arrays = np.random.default_rng(rng.getrandbits(32))
    noise = arrays.standard_normal((image.height, image.width), np.float32) * strength * 110
    return _clipped(np.asarray(image, np.float32) + noise)


def _jpeg(_: random.Random, image: Image.Image, strength: float) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=round(90 - 88 * strength))
    return Image.open(buffer).convert("L")


def _pale(rng: random.Random, image: Image.Image, strength: float) -> Image.Image:
    """Ink that is hardly darker than its paper, with some noise, without which it would be easy."""
    ink = 255 - np.asarray(image, np.float32)
    return _noise(rng, _clipped(255 - 20 * strength - ink * (1 - 0.95 * strength)), 0.06 * strength)


def _skew(rng: random.Random, image: Image.Image, strength: float) -> Image.Image:
    degrees = rng.choice((-1, 1)) * 7 * strength
    return image.rotate(degrees, Image.Resampling.BILINEAR, fillcolor=255)


def _shadow(rng: random.Random, image: Image.Image, strength: float) -> Image.Image:
    """Darker and darker towards one side."""
    across = np.linspace(0, 1, image.width, dtype=np.float32)[:: rng.choice((-1, 1))]
    return _clipped(np.asarray(image, np.float32) * (1 - strength * across**2))


def _clipped(values: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Image.Image:
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


EFFECTS: dict[str, Callable[[random.Random, Image.Image, float], Image.Image]] = {
    "blur": _blur,
    "coarse": _coarse,
    "noise": _noise,
    "jpeg": _jpeg,
    "pale": _pale,
    "skew": _skew,
    "shadow": _shadow,
}
