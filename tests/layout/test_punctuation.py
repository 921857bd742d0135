"""The last full stop of a line is part of its region, however small it is."""

from __future__ import annotations

import numpy as np
import pymupdf
import pytest
from PIL import Image

from got_loaders.layout.scan.analyzer import find_regions
from got_loaders.layout.scan.punctuation import attach_punctuation

LINES = ("The river was high in May, and", "the old bridge is closed for good.", "Call us, friend,")


def page(size: float, dpi: int) -> Image.Image:
    """Three lines; the longest ends in a full stop, the last in a comma."""
    with pymupdf.open() as document:  # type: ignore[no-untyped-call]  # it has no types
        sheet = document.new_page(width=595, height=842)
        for number, line in enumerate(LINES):
            sheet.insert_text((45, 90 + number * size * 1.3), line, fontsize=size)
        pixmap = sheet.get_pixmap(dpi=dpi)
    return Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)


@pytest.mark.parametrize("size", [10.0, 16.0, 31.0])
@pytest.mark.parametrize("dpi", [100, 200, 300])
def test_no_ink_stands_out(size: float, dpi: int) -> None:
    """All of a paragraph lies in its box."""
    image = page(size, dpi)
    (region,) = find_regions(image)
    ink = np.asarray(image.convert("L")) < 128
    x0, y0, x1, y1 = region.box
    ink[int(y0) : int(np.ceil(y1)), int(x0) : int(np.ceil(x1))] = False
    assert not ink.any()


def test_only_what_follows_a_letter_is_a_stop() -> None:
    """Specks above a line, far from it or all around it are dirt."""
    letters = np.array([[0, 0, 8, 10], [10, 0, 18, 10]], dtype=np.float64)
    stop = np.array([[20, 8, 22, 10]], dtype=np.float64)
    assert len(attach_punctuation(letters, stop, 10)) == 3
    for speck in ([20, -6, 22, -4], [30, 8, 32, 10], [20, 17, 22, 19], [4, 4, 5, 5]):
        assert len(attach_punctuation(letters, np.array([speck], dtype=np.float64), 10)) == 2
    assert len(attach_punctuation(letters, np.repeat(stop, 600, axis=0), 10)) == 2
