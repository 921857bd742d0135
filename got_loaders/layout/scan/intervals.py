"""White gaps between boxes, along one direction at a time; knows numbers only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from got_loaders.layout.scan.components import Boxes, Indices

__all__ = ["Span", "clusters", "hull", "spans", "split", "united"]

Span = tuple[float, float]


def clusters(low: NDArray[np.float64], high: NDArray[np.float64], least: float) -> Indices:
    """For each interval the number, in ascending order, of the cluster that it belongs to.

    Between two clusters there is a gap wider than ``least``.
    """
    order = np.argsort(low, kind="stable")
    reach = np.maximum.accumulate(high[order])
    labels = np.zeros(len(low), np.intp)
    labels[order[1:]] = np.cumsum(low[order[1:]] - reach[:-1] > least)
    return labels


def split(indices: Indices, labels: Indices) -> list[Indices]:
    """``indices`` by their labels, 0 first."""
    order = np.argsort(labels, kind="stable")
    ends = np.flatnonzero(np.diff(labels[order])) + 1
    return np.split(indices[order], ends)


def spans(boxes: Boxes, least: float) -> list[Span]:
    """What the boxes cover from left to right, gaps of ``least`` and less being bridged."""
    labels = clusters(boxes[:, 0], boxes[:, 2], least)
    parts = split(np.arange(len(boxes)), labels)
    return [(float(boxes[part, 0].min()), float(boxes[part, 2].max())) for part in parts]


def united(one: list[Span], other: list[Span], least: float) -> list[Span]:
    """The spans of both together."""
    result: list[Span] = []
    for low, high in sorted(one + other):
        if result and low - result[-1][1] <= least:
            result[-1] = (result[-1][0], max(result[-1][1], high))
        else:
            result.append((low, high))
    return result


def hull(boxes: Boxes) -> NDArray[np.float64]:
    """The box around all boxes, of which there is at least one."""
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
