"""The bars of a chart: filled, of one thickness, and standing on one line."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from got_loaders.layout.scan.components import Boxes
from got_loaders.layout.scan.intervals import clusters, sizes, split

__all__ = ["find_bars"]

_FILLED = 0.8
"""Of a bar's box this is ink at least."""
_THICK, _LONG = 0.8, 2.5
"""In letter heights: thinner is a rule, and shorter (while thicker) may be a letter."""
_LEVEL = 0.4
"""The ends of bars lie so exactly on their line, in letter heights,"""
_ALIKE = 0.15
"""and by this share their thicknesses may differ."""
_APART = 4.0
"""Bars stand no further apart, in their thickness."""
_MIN_BARS = 3
_MAX_BARS = 500
"""More filled boxes are a pattern."""


def find_bars(boxes: Boxes, areas: NDArray[np.float64], x_height: float) -> list[Boxes]:
    """The bars of each chart, upright or level, some of them of other lengths."""
    charts: list[Boxes] = []
    width, height = sizes(boxes)
    short, long = np.minimum(width, height), np.maximum(width, height)
    solid = (areas > _FILLED * width * height) & (short > _THICK * x_height)
    bars = boxes[solid & (long > _LONG * x_height)]
    if not _MIN_BARS <= len(bars) <= _MAX_BARS:
        return charts
    for along, across in ((1, 0), (0, 1)):  # upright ones, and level ones
        ends = (bars[:, 3], bars[:, 1]) if along else (bars[:, 0], bars[:, 2])
        for end in ends:
            level = clusters(end, end, _LEVEL * x_height)
            for row in split(np.arange(len(bars)), level):
                charts += _charts(bars[row], along, across)
    return charts


def _charts(bars: Boxes, along: int, across: int) -> list[Boxes]:
    """Those of the bars on one line that are as thick as their neighbours, chart by chart."""
    if len(bars) < _MIN_BARS:
        return []
    size = bars[:, across + 2] - bars[:, across]
    usual = float(np.median(size))
    bars = bars[np.abs(size - usual) <= max(2.0, _ALIKE * usual)]
    gaps = clusters(bars[:, across], bars[:, across + 2], _APART * usual)
    groups = [bars[group] for group in split(np.arange(len(bars)), gaps)] if len(bars) else []
    return [group for group in groups if _is_chart(group, along, usual)]


def _is_chart(bars: Boxes, along: int, thick: float) -> bool:
    """Whether there are enough, and they are of several lengths, one longer than it is thick."""
    length = bars[:, along + 2] - bars[:, along]
    several = np.ptp(length) > 0.1 * length.max()
    return bool(len(bars) >= _MIN_BARS and several and length.max() > 1.5 * thick)
