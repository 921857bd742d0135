"""Draws a page as it is shown, without its text, and its text alone. Runs in the worker only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from got_loaders.types import Box

_PIXELS = 1_200_000
"""Of each picture; on A4 1.5 a point, so that a comma of 6 pt is one pixel."""

_TEXT = ("fill_text", "stroke_text")
"""What MuPDF's devices are called to do for text that is painted in one colour."""

_NOT_TEXT = (
    "fill_path", "stroke_path", "fill_shade", "fill_image", "fill_image_mask",
    "clip_path", "clip_stroke_path", "clip_text", "clip_stroke_text", "clip_image_mask", "pop_clip",
    "begin_mask", "end_mask", "begin_group", "end_group", "begin_tile", "end_tile",
)  # fmt: skip
"""All else that draws or hides; what opens and what closes it go together."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PagePixels:
    """Three pictures of a page, of ``zoom`` pixels a point, as numpy arrays of bytes.

    ``shown`` is the page in RGB as a reader sees it, ``ground`` the same without its text, and
    ``glyphs`` how much of each pixel the letters fill (255 is all of it), wherever they are
    clipped, covered or the colour of what is behind them. Text that is painted with a pattern or a
    picture is no text here: it stays in ``ground``.
    """

    zoom: float
    shown: Any
    ground: Any
    glyphs: Any

    def holds(self, box: Sequence[float]) -> bool:
        """Whether the middle of a box in points is on the page."""
        x, y = (box[0] + box[2]) / 2 * self.zoom, (box[1] + box[3]) / 2 * self.zoom
        height, width = self.glyphs.shape
        return bool(0 <= x <= width and 0 <= y <= height)

    def cut(self, box: Box) -> tuple[slice, slice]:
        """The rows and columns of a box in points; none beyond the page."""
        x0, y0 = max(0, math.floor(box.x0 * self.zoom)), max(0, math.floor(box.y0 * self.zoom))
        rows = slice(y0, max(y0, math.ceil(box.y1 * self.zoom)))
        return rows, slice(x0, max(x0, math.ceil(box.x1 * self.zoom)))


def draw_page(pymupdf: Any, page: Any, commands: Any) -> PagePixels:
    """The pictures of a page, from the display list that shows it in points."""
    width, height = page.rect.width, page.rect.height
    zoom = math.sqrt(_PIXELS / (width * height))
    size = max(1, round(width * zoom)), max(1, round(height * zoom))
    return PagePixels(
        zoom=zoom,
        shown=_draw(pymupdf, commands, zoom, size, pymupdf.csRGB, ()),
        ground=_draw(pymupdf, commands, zoom, size, pymupdf.csRGB, _TEXT),
        glyphs=_draw(pymupdf, commands, zoom, size, None, _NOT_TEXT),
    )


def _draw(
    pymupdf: Any,
    commands: Any,
    zoom: float,
    size: tuple[int, int],
    colors: Any,
    ignored: Sequence[str],
) -> Any:
    """The page on white, or how much its pixels are filled where no ``colors`` are named."""
    import numpy as np

    mupdf, transparent = pymupdf.mupdf, colors is None
    space = mupdf.FzColorspace() if transparent else colors.this
    pixmap = mupdf.fz_new_pixmap(space, *size, mupdf.FzSeparations(), transparent)
    if transparent:
        mupdf.fz_clear_pixmap(pixmap)
    else:
        mupdf.fz_clear_pixmap_with_value(pixmap, 255)
    device = mupdf.fz_new_draw_device(mupdf.FzMatrix(zoom, 0, 0, zoom, 0, 0), pixmap)
    for name in ignored:
        setattr(device.m_internal, name, None)  # MuPDF passes over what a device lacks
    everywhere = mupdf.FzRect(mupdf.FzRect.Fixed_INFINITE)
    mupdf.fz_run_display_list(commands.this, device, mupdf.FzMatrix(), everywhere, mupdf.FzCookie())
    mupdf.fz_close_device(device)
    samples = np.frombuffer(mupdf.fz_pixmap_samples_memoryview(pixmap), dtype=np.uint8)
    shape = (size[1], size[0]) if transparent else (size[1], size[0], 3)
    return samples.reshape(shape).copy()  # MuPDF frees its own
