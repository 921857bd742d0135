"""What scanners leave at a page's edges: black borders and punched holes. Knows pixels only."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from got_loaders.layout.blank.specks import Numbers, boxes, connected
from got_loaders.layout.ink import Pixels

__all__ = ["Flags", "border_mask", "punch_holes"]

Flags = npt.NDArray[np.bool_]

_EDGE = 0.1
"""Of the page's sides: how far in a border may reach, or a hole lie."""
_DARK = 40
"""Grey levels by which borders and holes differ from the paper beside them."""
_MARGIN = 12
"""Pixels around such a line that can't be judged: there paper meets what is none."""
_LONG = 1 / 64
"""Of its side: a shorter piece of border may be a letter that the page's edge cuts."""
_STRAIGHT = 61
"""Pixels along a border whose median tells where its line is, whatever stands in the border."""
_RING = 24
"""The least of those grey levels that is left where the paper's colour is not the nearest's."""
_MIN_DIAMETER, _MAX_DIAMETER = 0.012, 0.06
"""Of the shorter side, a hole's diameter: 5 to 8 mm of A4, with room for other pages."""
_ROUND = 0.88
"""The part that a hole and a disc of its area share; no letter is that round and that full."""
_FRAME = 1 / 256
"""Of the shorter side: what is nearer to the edge can't be told from a border."""
_MIN_SIDE = 256
"""Pixels: what is smaller is a piece of a page, which ends elsewhere."""


def border_mask(pixels: Pixels) -> Flags:
    """Where the paper ends and a border begins: True along that line, on both sides of it.

    The border itself is left to be looked at as if it were paper: what stands in it is not lost.
    """
    hidden = np.zeros(pixels.shape, np.bool_)
    if min(pixels.shape) >= _MIN_SIDE:
        paper = int(np.median(pixels[::8, ::8]))
        frame = int(_FRAME * min(pixels.shape))
        for turns in range(4):
            np.rot90(hidden, turns)[:frame] = True
            _hide_line(np.rot90(hidden, turns), np.rot90(pixels, turns), paper)
    return hidden


def punch_holes(pixels: Pixels, difference: Pixels) -> Flags:
    """Where holes are punched near the edges; ``difference`` from the paper is dark around them."""
    hidden = np.zeros(pixels.shape, np.bool_)
    if min(pixels.shape) < _MIN_SIDE:
        return hidden
    far = difference >= _RING
    down, across = (max(1, int(_EDGE * side)) for side in far.shape)
    far[down:-down, across:-across] = False
    rows, columns = np.divmod(np.flatnonzero(far), far.shape[1])
    groups = connected(rows // 4, columns // 4) if len(rows) else None
    if groups is None:
        return hidden
    for left, top, right, bottom in zip(*boxes(rows, columns, groups), strict=True):
        if _is_hole(pixels, left - 4, top - 4, right + 4, bottom + 4):
            y, x = max(0, top - _MARGIN), max(0, left - _MARGIN)
            hidden[y : bottom + _MARGIN, x : right + _MARGIN] = True
    return hidden


def _hide_line(hidden: Flags, page: Pixels, paper: int) -> None:
    """Mark the line of the border at the upper edge, if there is one.

    It is straight, and sharp: a shadow gets lighter bit by bit, and may have text in it.
    """
    columns, ends = _border(page, paper)
    inner, outer = np.minimum(ends + 1, len(page) - 1), np.maximum(ends - 2, 0)
    steps = np.abs(page[inner, columns].astype(np.int16) - page[outer, columns])
    columns, ends = columns[steps >= _DARK], ends[steps >= _DARK]
    gaps = np.flatnonzero(np.diff(columns) > _STRAIGHT) + 1
    for piece, line in zip(np.split(columns, gaps), np.split(ends, gaps), strict=True):
        if len(piece) >= _min_length(page):
            _hide_piece(hidden, piece, line)


def _hide_piece(hidden: Flags, columns: Numbers, ends: Numbers) -> None:
    reach = _STRAIGHT // 2
    around = np.lib.stride_tricks.sliding_window_view(np.pad(ends, reach, "edge"), _STRAIGHT)
    first, last = max(0, int(columns[0]) - reach), min(len(hidden[0]), int(columns[-1]) + reach)
    line = np.interp(np.arange(first, last), columns, np.median(around, axis=1))
    rows = np.arange(min(len(hidden), int(line.max()) + _MARGIN + 1))[:, None]
    hidden[: len(rows), first:last] |= np.abs(rows - line) <= _MARGIN


def _border(page: Pixels, paper: int) -> tuple[Numbers, Numbers]:
    """Columns whose upper end is a border's, and how far down it reaches in each of them."""
    depth, edge = int(_EDGE * len(page)), page[0].astype(np.int16)
    ends = np.zeros(page.shape[1], np.int64)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(edge, 15, "edge"), 31)
    for start, end in _pieces(np.abs(edge - paper) >= _DARK):
        if end - start >= _min_length(page):
            levels = np.median(around[start:end], axis=1).astype(np.int16)
            other = np.abs(page[:depth, start:end] - levels) >= _DARK
            ends[start:end] = other.argmax(0)  # 0 where it is deeper than a border
    columns = np.flatnonzero(ends)
    return columns, ends[columns]


def _min_length(page: Pixels) -> int:
    """Of a border, how long a piece is at least."""
    return max(16, int(_LONG * page.shape[1]))


def _pieces(far: Flags) -> list[tuple[int, int]]:
    """Start and end of each run of True."""
    changes = np.flatnonzero(np.diff(np.concatenate([[False], far, [False]]))).tolist()
    return list(zip(changes[::2], changes[1::2], strict=True))


def _is_hole(page: Pixels, x0: int, y0: int, x1: int, y1: int) -> bool:
    """Whether a disc, and nothing else, lies in this box, which is some pixels larger."""
    height, width = page.shape
    sizes = [(size - 8) / min(page.shape) for size in (x1 - x0, y1 - y0)]
    if min(sizes) < _MIN_DIAMETER or max(sizes) > _MAX_DIAMETER:
        return False
    if x0 < 0 or y0 < 0 or x1 > width or y1 > height:
        return False
    patch = page[y0:y1, x0:x1].astype(np.float64)
    y, x = np.mgrid[: patch.shape[0], : patch.shape[1]]
    far = np.abs(patch - _plane(patch, y, x)) >= _DARK
    rows, columns = np.nonzero(far)
    if not len(rows):
        return False
    disc = (y - rows.mean()) ** 2 + (x - columns.mean()) ** 2 <= len(rows) / np.pi
    return bool((disc & far).sum() >= _ROUND * (disc | far).sum())


def _plane(patch: npt.NDArray[np.float64], y: Numbers, x: Numbers) -> npt.NDArray[np.float64]:
    """The paper under ``patch``, which may be shaded: the plane through the pixels of its rim."""
    rim = np.ones(patch.shape, np.bool_)
    rim[2:-2, 2:-2] = False
    places = np.stack([np.ones(rim.sum()), y[rim], x[rim]], axis=1)
    base, down, across = np.linalg.lstsq(places, patch[rim])[0]
    plane: npt.NDArray[np.float64] = base + down * y + across * x
    return plane
