"""Connected patches of ink, and their boxes as they would stand on the levelled page.

It knows pixels only; what a patch shows (a letter, a rule, a picture) is decided elsewhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from got_loaders.layout.scan.binarize import Mask

__all__ = ["Blobs", "Boxes", "Indices", "find_blobs"]

Boxes = NDArray[np.float64]
"""One row a box: left, top, right, bottom."""
Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Blobs:
    """Patches of ink, as runs of pixels: row ``y``, columns ``x0`` up to before ``x1``.

    The runs of a patch follow each other, from number ``first[patch]`` on.
    """

    y: Indices
    x0: Indices
    x1: Indices
    first: Indices

    def __len__(self) -> int:
        return len(self.first)

    @property
    def areas(self) -> NDArray[np.float64]:
        """The pixels of each patch."""
        if not len(self):
            return np.zeros(0)
        return np.add.reduceat(self.x1 - self.x0, self.first).astype(np.float64)

    def boxes(self, skew: float = 0.0) -> Boxes:
        """Each patch's box, the page being turned about its top left corner so that lines that
        fall by ``skew`` degrees are level."""
        if not len(self):
            return np.zeros((0, 4))
        cos, sin = math.cos(math.radians(skew)), math.sin(math.radians(skew))
        low, high = min(sin, 0.0), max(sin, 0.0)
        left = np.minimum.reduceat(self.x0 * cos + self.y * sin + low, self.first)
        right = np.maximum.reduceat(self.x1 * cos + self.y * sin + high, self.first)
        down, up = (self.x1, self.x0) if sin > 0 else (self.x0, self.x1)
        top = np.minimum.reduceat(self.y * cos - down * sin, self.first)
        bottom = np.maximum.reduceat((self.y + 1) * cos - up * sin, self.first)
        return np.stack([left, top, right, bottom], axis=1)

    @property
    def ends(self) -> Indices:
        """``first``, and the number of all runs after it."""
        return np.append(self.first, len(self.y))


def find_blobs(mask: Mask) -> Blobs:
    """The patches of a mask, eight neighbours being connected; in the order of their tops."""
    height, width = mask.shape
    padded = np.zeros((height, width + 2), np.int8)
    padded[:, 1:-1] = mask
    steps = np.flatnonzero(np.diff(padded, axis=1))
    y, x = np.divmod(steps, width + 1)
    y, x0, x1 = y[::2], x[::2], x[1::2]
    labels = _joined(len(y), *_touching(y, x0, x1, width + 2))
    order = np.argsort(labels, kind="stable")
    first = np.flatnonzero(np.diff(labels[order], prepend=-1))
    return Blobs(y[order], x0[order], x1[order], first)


def _touching(y: Indices, x0: Indices, x1: Indices, stride: int) -> tuple[Indices, Indices]:
    """The pairs of runs that touch, one below the other."""
    below = (y + 1) * stride
    start = np.searchsorted(y * stride + x1, below + x0, "left")
    end = np.searchsorted(y * stride + x0, below + x1, "right")
    counts = np.maximum(end - start, 0)
    upper = np.repeat(np.arange(len(y)), counts)
    offset = np.arange(len(upper)) - np.repeat(np.cumsum(counts) - counts, counts)
    return upper, np.repeat(start, counts) + offset


def _joined(count: int, one: Indices, other: Indices) -> Indices:
    """For each of ``count`` things the least one that it hangs together with."""
    labels = np.arange(count)
    while len(one):
        low = np.minimum(labels[one], labels[other])
        np.minimum.at(labels, labels[one], low)
        np.minimum.at(labels, labels[other], low)
        while not np.array_equal(labels, labels[labels]):
            labels = labels[labels]
        apart = labels[one] != labels[other]
        one, other = one[apart], other[apart]
    return labels
