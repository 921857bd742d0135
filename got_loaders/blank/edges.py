"""What scanners leave at a page's edges: black borders and punched holes. Knows pixels only."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from got_loaders.blank.dirt import Numbers, Pixels, boxes, connected

__all__ = ["without_edges"]

Flags = npt.NDArray[np.bool_]

_EDGE = 0.1
"""Of the page's sides: how far in a border may reach, or a hole lie."""
_DARK = 48
"""Grey levels by which borders and holes differ from the paper."""
_MARGIN = 8
"""Pixels around them that JPEG may have spoilt."""
_LONG = 1 / 64
"""Of its side: a shorter piece of border may be a letter that the page's edge cuts."""
_SMALLEST, _LARGEST = 0.012, 0.06
"""Of the shorter side, a hole's diameter: 5 to 8 mm of A4, with room for other pages."""
_ROUND = 0.88
"""The part that a hole and a disc of its area share; no letter is that round and that full."""
_LEAST_SIDE = 64
_DEEP = -1
_CELLS = 256


def without_edges(pixels: Pixels) -> Pixels:
    """``pixels``, changed in place: borders and holes get the colour of the paper beside them."""
    if min(pixels.shape) < _LEAST_SIDE:
        return pixels
    paper = int(np.median(pixels[::8, ::8]))
    for turns in range(4):
        _fill_border(np.rot90(pixels, turns), paper)
    _fill_holes(pixels, paper)
    return pixels


def _fill_border(page: Pixels, paper: int) -> None:
    """Fill what is dark from the upper edge on, column by column, where it is no letter."""
    runs = _dark_runs(page, paper)
    if not _is_plain(runs):
        return
    runs = _most(np.where(runs == _DEEP, 0, runs), _MARGIN)
    columns = np.flatnonzero(runs)
    if not len(columns):
        return
    ends = np.minimum(runs[columns] + _MARGIN, len(page) - 1)
    inner = np.pad(page[ends, columns], 15, mode="edge")
    colors = np.median(np.lib.stride_tricks.sliding_window_view(inner, 31), axis=1)
    rows = np.arange(int(ends.max()))[:, None]
    strip = page[: len(rows), columns]
    page[: len(rows), columns] = np.where(rows < ends, colors.astype(np.uint8), strip)


def _dark_runs(page: Pixels, paper: int) -> Numbers:
    """How far down each column is dark; _DEEP where that is more than a border is."""
    depth = int(_EDGE * len(page))
    runs = np.zeros(page.shape[1], np.int64)
    for start, end in _pieces(_is_far(page[0], paper)):
        if end - start >= max(16, _LONG * len(runs)):
            far = _is_far(page[:depth, start:end], paper)
            runs[start:end] = np.where(far.all(0), _DEEP, far.argmin(0))
    return runs


def _is_plain(runs: Numbers) -> bool:
    """Whether the border's inner side is straight: where it jumps, something stands in the border.

    Not in the corners, where another border begins.
    """
    jumps = np.abs(np.diff(runs)) > _MARGIN
    jumps &= (runs[1:] > 0) & (runs[:-1] > 0)
    corner = int(_EDGE * len(runs))
    if (runs[:corner] == _DEEP).any():
        jumps[:corner] = False
    if (runs[-corner:] == _DEEP).any():
        jumps[-corner:] = False
    return not jumps.any()


def _is_far(pixels: Pixels, paper: int) -> Flags:
    return (pixels <= paper - _DARK) | (pixels >= paper + _DARK)


def _pieces(far: Flags) -> list[tuple[int, int]]:
    """Start and end of each run of True."""
    changes = np.flatnonzero(np.diff(np.concatenate([[False], far, [False]]))).tolist()
    return list(zip(changes[::2], changes[1::2], strict=True))


def _most(values: Numbers, reach: int) -> Numbers:
    """The greatest value within ``reach`` of each place."""
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, reach), 2 * reach + 1)
    greatest: Numbers = windows.max(1)
    return greatest


def _fill_holes(page: Pixels, paper: int) -> None:
    """Fill discs of a punched hole's size near the edges."""
    cell = max(1, min(page.shape) // _CELLS)
    far = _is_far(page[::cell, ::cell], paper)
    down, across = (max(1, int(_EDGE * side)) for side in far.shape)
    far[down:-down, across:-across] = False
    rows, columns = np.nonzero(far)
    groups = connected(rows, columns) if len(rows) else None
    if groups is None:
        return
    for left, top, right, bottom in zip(*boxes(rows, columns, groups), strict=True):
        box = np.array([left - 1, top - 1, right + 1, bottom + 1]) * cell
        if _is_hole(page, *box.tolist()):
            x0, y0 = np.maximum(box[:2] - _MARGIN, 0).tolist()
            x1, y1 = (box[2:] + _MARGIN).tolist()
            patch = page[y0:y1, x0:x1]
            patch[:] = np.median(_rim(patch))


def _is_hole(page: Pixels, x0: int, y0: int, x1: int, y1: int) -> bool:
    """Whether a disc, and nothing else, lies in this box, which is some pixels larger."""
    height, width = page.shape
    sizes = [size / min(page.shape) for size in (x1 - x0, y1 - y0)]
    if min(sizes) < _SMALLEST or max(sizes) > _LARGEST + 2 * _MARGIN / min(page.shape):
        return False
    if x0 < 0 or y0 < 0 or x1 > width or y1 > height:
        return False
    patch = page[y0:y1, x0:x1]
    far = _is_far(patch, int(np.median(_rim(patch))))
    rows, columns = np.nonzero(far)
    if not len(rows):
        return False
    y, x = np.mgrid[: len(patch), : patch.shape[1]]
    disc = (y - rows.mean()) ** 2 + (x - columns.mean()) ** 2 <= len(rows) / np.pi
    return bool((disc & far).sum() >= _ROUND * (disc | far).sum())


def _rim(patch: Pixels) -> Pixels:
    """The pixels along the four sides."""
    sides = (patch[:2], patch[-2:], patch[:, :2], patch[:, -2:])
    return np.concatenate([side.ravel() for side in sides])
