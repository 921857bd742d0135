"""Whether something stands out from the paper that is neither noise nor dirt. Knows pixels only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from got_loaders.layout.blank.specks import Numbers, only_specks
from got_loaders.layout.ink import MIN_CONTRAST, NOISE_SIGMAS, Pixels

__all__ = ["COARSE", "FINE", "Sensitivity", "shows_ink"]


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What counts as ink: so many grey levels of 255, and so many times the paper's own noise."""

    contrast: int
    noise_sigmas: float


FINE = Sensitivity(MIN_CONTRAST, NOISE_SIGMAS)
COARSE = Sensitivity(16, 5.0)
"""At half the size, where there is less noise, for faint things; a shine-through is fainter."""

_MAX_NOISE = 16.0
"""Grey levels: no paper is noisier. Noise is taken from the middle of all differences, and where
ink is everywhere that is the ink's."""
_MIN_INK_PIXELS = 5
"""So many in a square of 8 x 8 are worth a look. A hyphen of 9 points on an A4 page that is
squeezed into 1024 pixels has just these. Where pixels stand out all over the page, it must be more
than come together by chance."""
_MAX_SHARE = 0.04
"""A larger share of the page is no dirt."""
_SPECK = 1 / 256
"""Of the page's shorter side: the size of the largest speck. Letters of 9 points are larger."""
_DUSTY = 30
"""So many pixels that stand out alone make a dusty page."""


def shows_ink(around: Pixels, part: Pixels, sensitivity: Sensitivity, *, side: int) -> bool:
    """Whether there is more than noise and dirt in a part of a page.

    Given are differences from the paper: of what lies ``around`` it, which tells how noisy that
    is, and of the ``part`` itself. ``side`` is the page's shorter one, which tells how large dirt
    may be.
    """
    noise = min(_noise(around), _MAX_NOISE)
    threshold = int(np.ceil(max(sensitivity.contrast, sensitivity.noise_sigmas * noise)))
    places = np.flatnonzero(part >= threshold)
    if len(places) > _MAX_SHARE * part.size:
        return True
    rows, columns = np.divmod(places, part.shape[1])
    dense = _dense(rows, columns, part.shape)
    dusty = len(places) - int(dense.sum()) >= _DUSTY
    rows, columns = rows[dense], columns[dense]
    speck = max(1, int(side * _SPECK))
    levels = part[rows, columns]
    return bool(len(rows)) and not only_specks(rows, columns, levels, speck=speck, dusty=dusty)


def _noise(difference: Pixels) -> float:
    """The standard deviation of what is no ink: 1.48 times the median, between its two levels."""
    counts = np.cumsum(np.bincount(difference[::2, ::2].ravel(), minlength=256))
    half = counts[-1] / 2
    median = int(np.searchsorted(counts, half))
    below = counts[median - 1] if median else 0
    return float(max(0.0, median - 0.5 + (half - below) / (counts[median] - below))) * 1.4826


def _dense(rows: Numbers, columns: Numbers, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """For each pixel whether it lies in a square of 8 x 8 with enough others."""
    down, across = shape[0] // 4 + 3, shape[1] // 4 + 3
    cells = (rows // 4 + 1) * across + columns // 4 + 1
    counts = np.bincount(cells, minlength=down * across).reshape(down, across)
    usual = 64 * len(rows) / (shape[0] * shape[1])
    threshold = int(_MIN_INK_PIXELS - 1 + usual + 5 * usual**0.5)
    squares = counts[:-1, :-1] + counts[1:, :-1] + counts[:-1, 1:] + counts[1:, 1:]
    full = squares >= max(_MIN_INK_PIXELS, threshold)
    dense = np.zeros(counts.shape, np.bool_)
    for y, x in ((0, 0), (0, 1), (1, 0), (1, 1)):
        dense[y : y + down - 1, x : x + across - 1] |= full
    result: npt.NDArray[np.bool_] = dense.ravel()[cells]
    return result
