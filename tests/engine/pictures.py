"""Pages for engine tests, drawn with Pillow. The same seed draws the same page."""

from __future__ import annotations

import random

from PIL import Image, ImageDraw

LETTERS = "abcdefghijklmnopqrstuvwxyz ABCDEFGH 0123456789"
FRAMES = {"red": (255, 0, 0), "green": (0, 153, 0), "blue": (0, 0, 255)}


def page(seed: int, width: int = 496, height: int = 700, *, lines: int = 5) -> Image.Image:
    """A white page with lines of large random text, the second of them in coloured frames."""
    rng = random.Random(seed)
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    for line in range(lines):
        top = 20 + line * (height - 40) // lines
        text = "".join(rng.choice(LETTERS) for _ in range(rng.randint(3, 14)))
        draw.text((rng.randint(20, 60), top), text, fill="black", font_size=rng.randint(28, 40))
    for index, color in enumerate(FRAMES.values()):
        top = 14 + index * (height - 40) // lines
        draw.rectangle((12, top, width - 12, top + 50), outline=color, width=3)
    return image
