"""Connected components of ink, and their boxes as they would stand on the deskewed page.

It knows pixels only; what a component shows (a letter, a rule, a picture) is decided elsewhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from got_loaders.layout.scan.binarize import Mask

__all__ = ["Boxes", "Components", "Indices", "find_components"]

Boxes = NDArray[np.float64]
"""One row a box: left, top, right, bottom."""
Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Components:
    """Connected components, as runs of pixels: row ``y``, columns ``x0`` up to before ``x1``.

    The runs of a component follow each other, from number ``first[component]`` on.
    """

    y: Indices
    x0: Indices
    x1: Indices
    first: Indices

    def __len__(self) -> int:
        return len(self.first)

    @property
    def areas(self) -> NDArray[np.float64]:
        """The pixels of each component."""
        if not len(self):
            return np.zeros(0)
        return np.add.reduceat(self.x1 - self.x0, self.first).astype(np.float64)

    def boxes(self, skew: float = 0.0) -> Boxes:
        """Each component's box, the page being turned about its top left corner so that lines that
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


def find_components(mask: Mask) -> Components:
    """The components of a mask, eight neighbours being connected; in the order of their tops."""
    height, width = mask.shape
    padded = np.zeros((height, width + 2), np.int8)
    padded[:, 1:-1] = mask
    steps = np.flatnonzero(np.diff(padded, axis=1))
    y, x = np.divmod(steps, width + 1)
    y, x0, x1 = y[::2], x[::2], x[1::2]
    labels = _union(len(y), *_touching(y, x0, x1, width + 2))
    order = np.argsort(labels, kind="stable")
    first = np.flatnonzero(np.diff(labels[order], prepend=-1))
    return Components(y[order], x0[order], x1[order], first)


def _touching(y: Indices, x0: Indices, x1: Indices, stride: int) -> tuple[Indices, Indices]:
    """The pairs of runs that touch, one below the other."""
    below = (y + 1) * stride
    start = np.searchsorted(y * stride + x1, below + x0, "left")
    end = np.searchsorted(y * stride + x0, below + x1, "right")
    counts = np.maximum(end - start, 0)
    upper = np.repeat(np.arange(len(y)), counts)
    offset = np.arange(len(upper)) - np.repeat(np.cumsum(counts) - counts, counts)
    return upper, np.repeat(start, counts) + offset


def _union(count: int, upper: Indices, lower: Indices) -> Indices:
    """For each of ``count`` runs the first one that it is connected with, by pairs of runs."""
    labels = np.arange(count)
    while len(upper):
        low = np.minimum(labels[upper], labels[lower])
        np.minimum.at(labels, labels[upper], low)
        np.minimum.at(labels, labels[lower], low)
        while not np.array_equal(labels, labels[labels]):
            labels = labels[labels]
        apart = labels[upper] != labels[lower]
        upper, lower = upper[apart], lower[apart]
    return labels
