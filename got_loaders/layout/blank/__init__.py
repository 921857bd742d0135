"""Tells a blank page by its picture: the model invents text on pages that have none.

It errs on the side of ink: a page is blank only where nothing stands out from its paper but what
scanners add. Paper may be of any colour, unevenly lit, noisy, folded, with the other side shining
through; dirt is small and apart from everything else; black borders and punched holes lie at the
edges. Whatever is larger, or not where such things are, is ink: a stain or a hair, too. It looks
at the picture alone; what a document says about its page is not known here.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import ImageChops

from got_loaders._image_ops import flatten, is_gray
from got_loaders.layout.blank.borders import Flags, border_mask, punch_holes
from got_loaders.layout.blank.contrast import COARSE, FINE, Sensitivity, shows_ink
from got_loaders.layout.ink import MIN_CONTRAST, Pixels, local_paper
from got_loaders.types import Box

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

__all__ = ["is_blank"]

_MAX_SIDE = 8192
"""Pixels of a side; a page as the model sees it has far fewer."""
_SMALL = 150
"""Pixels of the shorter side: a smaller picture is a line or a word, and no page."""
_PIECE = 256
"""Pixels of the shorter side: in a smaller box no borders and holes of its page are looked for."""

_AROUND = 128
"""Pixels beside such a box that are looked at, too."""

_WIDE = 12
"""Pixels to a side: a box this large with ``_EVEN`` grey levels at most holds no whole letter."""
_EVEN = 6


class _Window(NamedTuple):
    """Whole pixels of a picture, right and bottom outside."""

    left: int
    top: int
    right: int
    bottom: int

    def of(self, pixels: Pixels) -> Pixels:
        """What ``pixels`` hold here."""
        return pixels[self.top : self.bottom, self.left : self.right]

    def reduced(self, across: int, down: int) -> _Window:
        """It in a picture that was reduced by these factors."""
        left, top = self.left // across, self.top // down
        return _Window(left, top, -(-self.right // across), -(-self.bottom // down))


def is_blank(image: Picture, box: Box | None = None) -> bool:
    """Whether ``image``, or what ``box`` (pixels) shows of it, is nothing but paper.

    A box is judged by the paper and the dirt of its page, for a strip as high as its letters may
    hold more ink than paper. Some 10 ms for a page of 1024 x 1448 pixels.
    """
    image = flatten(image)
    window = _window(box, image.size)
    across, down = (math.ceil(side / _MAX_SIDE) for side in image.size)
    if across > 1 or down > 1:
        image, window = image.reduce((across, down)), window.reduced(across, down)
    side = min(image.size)
    is_piece = min(window.right - window.left, window.bottom - window.top) < _PIECE
    if is_piece:
        image, window = _surroundings(image, window)
    gray = image.convert("L")
    pixels = np.asarray(gray)
    if side < _SMALL and _levels_differ(window.of(pixels)):
        return False
    if is_piece and _is_even(image.crop(window)):
        return True
    hidden = None if is_piece else border_mask(pixels)
    if _has_ink(gray, window, hidden, side, FINE, COARSE):
        return False
    if image.mode == "L":
        return True
    step = min(2, *image.size)
    half = image.reduce(step)
    if is_gray(half):
        return True
    window, hidden = window.reduced(step, step), None if hidden is None else hidden[::step, ::step]
    return not any(_has_ink(band, window, hidden, side // step, COARSE) for band in half.split())


def _window(box: Box | None, size: tuple[int, int]) -> _Window:
    """The pixels that a box touches, one at least; all where there is none.

    A box that ends with its page may end a rounding error beyond the image.
    """
    width, height = size
    x0, y0, x1, y1 = box or (0, 0, width, height)
    left, top = min(max(0, int(x0)), width - 1), min(max(0, int(y0)), height - 1)
    right, bottom = min(math.ceil(x1), width), min(math.ceil(y1), height)
    return _Window(left, top, max(right, left + 1), max(bottom, top + 1))


def _surroundings(image: Picture, window: _Window) -> tuple[Picture, _Window]:
    """The part of the page that is enough to tell the paper in the window; the window in it."""
    left, top = max(0, window.left - _AROUND), max(0, window.top - _AROUND)
    right = min(image.width, window.right + _AROUND)
    bottom = min(image.height, window.bottom + _AROUND)
    moved = (window.left - left, window.top - top, window.right - left, window.bottom - top)
    return image.crop((left, top, right, bottom)), _Window(*moved)


def _is_even(part: Picture) -> bool:
    """Whether a part too wide for a stroke has one colour: beside large letters, or inside one."""
    if min(part.size) < _WIDE:
        return False
    return int(np.ptp(np.asarray(part), axis=(0, 1)).max()) <= _EVEN


def _levels_differ(pixels: Pixels) -> bool:
    """Whether there are two levels at least, uneven light aside.

    In a small picture it can't be told which of them is paper, but neither stands there alone.
    """
    levels = pixels.ravel().astype(np.float64)
    y, x = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    places = np.stack([np.ones(levels.size), y.ravel(), x.ravel()], axis=1)
    levels -= places @ np.linalg.lstsq(places, levels)[0]
    low, high = np.quantile(levels, (0.02, 0.98))
    return bool(high - low >= 2 * MIN_CONTRAST)


def _has_ink(
    band: Picture, window: _Window, hidden: Flags | None, side: int, *sensitivities: Sensitivity
) -> bool:
    """Whether the band, or it at half its size, shows ink in the window beside what is ``hidden``.

    Punch holes are found at the fine sensitivity, and hidden from then on. ``side`` is the shorter
    one of the page.
    """
    paper = local_paper(band)
    for halves, sensitivity in enumerate(sensitivities, 1):
        step = min(halves, *band.size)  # a strip of one pixel is not halved
        reduced = band.reduce(step)
        difference = np.array(ImageChops.difference(reduced, paper.at(reduced.size)))
        if hidden is not None:
            if sensitivity is FINE:
                hidden |= punch_holes(np.asarray(band), difference)
            difference[hidden[::step, ::step]] = 0
        part = window.reduced(step, step).of(difference)
        if shows_ink(difference, part, sensitivity, side=side // step):
            return True
    return False
