"""Pages drawn by Pillow, where PyMuPDF is not installed: a bare GPU image, say.

In the DejaVu fonts if the system or matplotlib has them, else in the one font that Pillow brings. A
model that learned these reads Helvetica, Times and Courier worse than one that learned them.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from .pages import Page, Rgb

NAME = "Pillow"
FILES = {
    "helv": "DejaVuSans.ttf",
    "hebo": "DejaVuSans-Bold.ttf",
    "heit": "DejaVuSans-Oblique.ttf",
    "tiro": "DejaVuSerif.ttf",
    "tibo": "DejaVuSerif-Bold.ttf",
    "tiit": "DejaVuSerif-Italic.ttf",
    "cour": "DejaVuSansMono.ttf",
    "cobo": "DejaVuSansMono-Bold.ttf",
}
"""By PyMuPDF's short names for its fonts."""
UNITS = 1000
"""Pixels at which letters are measured."""
WHITE: Rgb = (1.0, 1.0, 1.0)

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def render(page: Page, zoom: float, background: Rgb | None) -> Image.Image:
    """An image of `zoom` pixels per point: RGB, or grey if nothing is framed."""
    size = round(page.width * zoom), round(page.height * zoom)
    image = Image.new("RGB", size, _color(background or WHITE))
    draw = ImageDraw.Draw(image)
    for box, color, width in page.frames:
        corners = [zoom * side for side in (box.x0, box.y0, box.x1, box.y1)]
        draw.rectangle(corners, outline=_color(color), width=max(1, round(width * zoom)))
    for start, end in page.rules:
        line = [(zoom * x, zoom * y) for x, y in (start, end)]
        draw.line(line, fill="black", width=max(1, round(zoom)))
    for (x, y), text, face in page.runs:
        font, widths = _font(face.font, face.size * zoom), advances(face.font)
        for char in text:  # one by one, so that each stands where the page says
            draw.text((x * zoom, y * zoom), char, _color(face.color), font, anchor="ls")
            x += widths[ord(char)] * face.size
    return image if page.frames else image.convert("L")


@cache
def advances(font: str) -> tuple[float, ...]:
    """Glyph widths of the ASCII characters, in units of the type size."""
    face = _font(font, UNITS)
    return tuple(
        face.getlength(chr(code)) / UNITS if 32 <= code < 127 else 0.0 for code in range(128)
    )


def _font(name: str, size: float) -> Font:
    path = _path(name)
    return ImageFont.load_default(size) if path is None else ImageFont.truetype(path, size)


@cache
def _path(name: str) -> str | None:
    """Where the font's file lies, if it does; matplotlib itself is not imported."""
    try:
        return str(ImageFont.truetype(FILES[name], UNITS).path)
    except OSError:
        pass
    plots = find_spec("matplotlib")
    if plots is None or plots.origin is None:
        return None
    path = Path(plots.origin).parent / "mpl-data" / "fonts" / "ttf" / FILES[name]
    return str(path) if path.exists() else None


def _color(color: Rgb) -> tuple[int, int, int]:
    red, green, blue = (round(255 * part) for part in color)
    return red, green, blue
