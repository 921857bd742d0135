"""Pages drawn by PyMuPDF in its built-in fonts: those that the checkpoint was trained on."""

from functools import cache
from typing import Any

import pymupdf
from PIL import Image

from .pages import BLACK, Page, Rgb

NAME = "PyMuPDF"


def render(page: Page, zoom: float, background: Rgb | None) -> Image.Image:
    """An image of `zoom` pixels per point: RGB, or grey if nothing is framed."""
    space, mode = (pymupdf.csRGB, "RGB") if page.frames else (pymupdf.csGRAY, "L")
    with pymupdf.open() as document:  # type: ignore[no-untyped-call]  # it has no types
        drawn = draw(page, document, background)
        scale = pymupdf.Matrix(zoom, zoom)  # type: ignore[no-untyped-call]  # it has no types
        pixels = drawn.get_pixmap(matrix=scale, colorspace=space, alpha=False)
        return Image.frombytes(mode, (pixels.width, pixels.height), pixels.samples)


def draw(page: Page, document: pymupdf.Document, background: Rgb | None) -> pymupdf.Page:
    """Append the page to a PDF document, with real text and vector shapes."""
    drawn = document.new_page(width=page.width, height=page.height)
    shape = drawn.new_shape()  # type: ignore[no-untyped-call]  # it has no types
    if background:
        shape.draw_rect(drawn.rect)
        shape.finish(color=background, fill=background)
    for box, color, line_width in page.frames:
        shape.draw_rect((box.x0, box.y0, box.x1, box.y1))
        shape.finish(color=color, width=line_width)
    for start, end in page.rules:
        shape.draw_line(start, end)
        shape.finish(color=BLACK, width=1)
    for spot, text, face in page.runs:
        shape.insert_text(spot, text, fontname=face.font, fontsize=face.size, color=face.color)
    shape.commit()
    return drawn


@cache
def advances(font: str) -> tuple[float, ...]:
    """Glyph widths of the ASCII characters, in units of the type size."""
    built_in: Any = pymupdf.Font(font)  # type: ignore[no-untyped-call]  # it has no types
    return tuple(built_in.glyph_advance(code) if 32 <= code < 127 else 0.0 for code in range(128))
