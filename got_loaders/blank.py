"""Tells a blank page by its picture: the model invents text on pages that have none.

It errs on the side of ink: a page is blank only where nothing stands out from its paper, be that
white, coloured or unevenly lit, save for specks of a few pixels. It looks at the picture alone;
what a document says about its page is not known here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageFilter

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

__all__ = ["is_blank"]

_CONTRAST = 24
"""Grey levels (of 255) by which ink differs from the paper around it; scanners' noise has less."""
_INK_PIXELS = 5
"""So many inked pixels in a square of 5 x 5 are no speck. A hyphen of 9 points on an A4 page that
is squeezed into 1024 pixels has just these."""
_PAPER_TILE = 32
"""Pixels along the side of the squares whose mean colour tells the paper's."""


def is_blank(image: Picture) -> bool:
    """Whether ``image`` shows nothing but paper. Some 10 ms for a page of 1024 x 1448 pixels."""
    return not any(map(_has_ink, image.convert("RGB").split()))


def _has_ink(band: Picture) -> bool:
    difference = ImageChops.difference(band, _paper(band))
    ink = difference.point([255 if level >= _CONTRAST else 0 for level in range(256)])
    if ink.getbbox() is None:
        return False
    shares = ink.filter(ImageFilter.BoxBlur(2)).histogram()  # of ink in each square of 5 x 5
    return any(shares[255 * _INK_PIXELS // 25 - 1 :])


def _paper(band: Picture) -> Picture:
    """The band without what is small on it: the paper, with its shades."""
    tiles = band.reduce(min(_PAPER_TILE, *band.size)).filter(ImageFilter.MedianFilter(3))
    return tiles.resize(band.size, Image.Resampling.BILINEAR)
