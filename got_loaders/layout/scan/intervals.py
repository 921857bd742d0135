"""Arithmetic of boxes in rows of an array, and the white gaps between them; numbers only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from got_loaders.layout.scan.components import Boxes, Indices

__all__ = [
    *("Span", "bounding_box", "centers", "clusters", "line_labels", "merge_spans", "sizes"),
    *("spans", "split"),
]

Span = tuple[float, float]


def sizes(boxes: Boxes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The width and the height of each box."""
    return boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]


def centers(boxes: Boxes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The x and the y of each box's middle."""
    return (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2


def clusters(low: NDArray[np.float64], high: NDArray[np.float64], max_gap: float) -> Indices:
    """For each interval the number, in ascending order, of the cluster that it belongs to.

    Between two clusters there is a gap wider than ``max_gap``.
    """
    order = np.argsort(low, kind="stable")
    reach = np.maximum.accumulate(high[order])
    labels = np.zeros(len(low), np.intp)
    labels[order[1:]] = np.cumsum(low[order[1:]] - reach[:-1] > max_gap)
    return labels


def line_labels(boxes: Boxes, max_height: float = np.inf) -> Indices:
    """For each letter the number of its line, from the top: lines may touch, their middles do not.

    Of a letter taller than ``max_height`` no more than that is left away.
    """
    quarter = np.minimum(sizes(boxes)[1], max_height) / 4
    return clusters(boxes[:, 1] + quarter, boxes[:, 3] - quarter, 0)


def split(indices: Indices, labels: Indices) -> list[Indices]:
    """``indices`` by their labels, 0 first."""
    order = np.argsort(labels, kind="stable")
    ends = np.flatnonzero(np.diff(labels[order])) + 1
    return np.split(indices[order], ends)


def spans(boxes: Boxes, max_gap: float) -> list[Span]:
    """What the boxes cover from left to right, gaps of ``max_gap`` and less being bridged."""
    groups = split(np.arange(len(boxes)), clusters(boxes[:, 0], boxes[:, 2], max_gap))
    return [(float(boxes[group, 0].min()), float(boxes[group, 2].max())) for group in groups]


def merge_spans(spans: list[Span], max_gap: float) -> list[Span]:
    """The spans from left to right, gaps of ``max_gap`` and less being bridged."""
    merged: list[Span] = []
    for low, high in sorted(spans):
        if merged and low - merged[-1][1] <= max_gap:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return merged


def bounding_box(boxes: Boxes) -> NDArray[np.float64]:
    """The box around all boxes, of which there is at least one."""
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
