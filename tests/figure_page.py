"""A small page with a figure between two paragraphs, which layout finds in its picture."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFont

from got_loaders.types import Box

__all__ = ["FIGURE", "figure_page"]

FIGURE = Box(100, 290, 520, 540)
"""Where the figure is, in pixels; below it stands a caption."""

_LINE = "the words of a paragraph that fills its line as others do"


def figure_page(drawing: Image.Image | None = None) -> Image.Image:
    """The page, 620 by 800 pixels; ``drawing`` is brought to the figure's size."""
    page = Image.new("RGB", (620, 800), "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(16)
    for y in (*range(60, 260, 24), *range(620, 760, 24)):
        draw.text((60, y), _LINE, "black", font)
    size = (int(FIGURE.width), int(FIGURE.height))
    drawing = drawing or Image.effect_mandelbrot(size, (-2, -1.2, 1, 1.2), 60)
    page.paste(drawing.resize(size), (int(FIGURE.x0), int(FIGURE.y0)))
    draw.text((160, 556), "Figure 1: the set of numbers", "black", font)
    return page
