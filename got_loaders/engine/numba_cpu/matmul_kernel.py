"""Products of a few rows with a matrix, and what follows them in a decoder."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from got_loaders.engine.numba_cpu.intrinsics import FAST, ONE, ZERO, exponential, next_item

__all__ = ["ADDED", "GATED", "NORMED", "OUTPUTS", "multiply"]

OUTPUTS = 16
"""Outputs that one thread computes at a time, a multiple of 4."""

NORMED, ADDED, GATED = 0, 1, 2
"""What becomes of a product: times the row's norm, plus the bias; added to what is there; or the
SiLU of its first half times its second half, both times the row's norm."""


@njit(inline="always")
def _tile(states: Any, row: Any, matrix: Any, first: Any, tile: Any, size: Any) -> None:
    """Four rows of ``states`` times four of ``matrix``, in ``tile`` (4, 4)."""
    aa = ab = ac = ad = ba = bb = bc = bd = ZERO
    ca = cb = cc = cd = da = db = dc = dd = ZERO
    for k in range(size):
        a, b = matrix[first, k], matrix[first + 1, k]
        c, d = matrix[first + 2, k], matrix[first + 3, k]
        state = states[row, k]
        aa, ab, ac, ad = aa + state * a, ab + state * b, ac + state * c, ad + state * d
        state = states[row + 1, k]
        ba, bb, bc, bd = ba + state * a, bb + state * b, bc + state * c, bd + state * d
        state = states[row + 2, k]
        ca, cb, cc, cd = ca + state * a, cb + state * b, cc + state * c, cd + state * d
        state = states[row + 3, k]
        da, db, dc, dd = da + state * a, db + state * b, dc + state * c, dd + state * d
    tile[0, 0], tile[0, 1], tile[0, 2], tile[0, 3] = aa, ab, ac, ad
    tile[1, 0], tile[1, 1], tile[1, 2], tile[1, 3] = ba, bb, bc, bd
    tile[2, 0], tile[2, 1], tile[2, 2], tile[2, 3] = ca, cb, cc, cd
    tile[3, 0], tile[3, 1], tile[3, 2], tile[3, 3] = da, db, dc, dd


@njit(inline="always")
def _line(states: Any, row: Any, matrix: Any, first: Any, tile: Any, size: Any) -> None:
    """One row of ``states`` times four of ``matrix``, in the first row of ``tile``."""
    a, b, c, d = ZERO, ZERO, ZERO, ZERO
    for k in range(size):
        state = states[row, k]
        a += state * matrix[first, k]
        b += state * matrix[first + 1, k]
        c += state * matrix[first + 2, k]
        d += state * matrix[first + 3, k]
    tile[0, 0], tile[0, 1], tile[0, 2], tile[0, 3] = a, b, c, d


@njit(inline="always")
def _silu(value: Any) -> Any:
    small = exponential(-abs(value))
    return value * (ONE if value >= ZERO else small) / (ONE + small)


@njit(inline="always")
def _norms(states: Any, rows: Any, size: Any, epsilon: Any, norms: Any) -> None:
    """One over the root mean square of each row (Zhang and Sennrich, 2019)."""
    for row in range(rows):
        total = ZERO
        for k in range(size):
            total += states[row, k] * states[row, k]
        norms[row] = ONE / np.sqrt(total / np.float32(size) + epsilon)


@njit(fastmath=FAST, error_model="numpy")
def multiply(
    block: Any, phase: Any, kind: Any, states: Any, matrix: Any, bias: Any, out: Any, epsilon: Any
) -> None:
    """``states`` (rows, size) times ``matrix`` (outputs, size), by all threads; into ``out``.

    ``kind`` says what becomes of it. Each thread takes its share by ``block[phase]``.
    """
    rows, size = states.shape
    outputs = out.shape[1]
    tile, other = np.empty((4, 4), np.float32), np.empty((4, 4), np.float32)
    norms = np.empty(rows, np.float32)
    if kind != ADDED:
        _norms(states, rows, size, epsilon, norms)
    while True:
        start = next_item(block, phase) * OUTPUTS
        if start >= outputs:
            break
        for first in range(start, min(start + OUTPUTS, outputs), 4):
            row = 0
            while row < rows:
                count = 4 if row + 4 <= rows else 1
                if count == 4:
                    _tile(states, row, matrix, first, tile, size)
                    if kind == GATED:
                        _tile(states, row, matrix, outputs + first, other, size)
                else:
                    _line(states, row, matrix, first, tile, size)
                    if kind == GATED:
                        _line(states, row, matrix, outputs + first, other, size)
                for r in range(count):
                    for o in range(4):
                        at, to = row + r, first + o
                        if kind == ADDED:
                            out[at, to] += tile[r, o]
                        elif kind == NORMED:
                            out[at, to] = tile[r, o] * norms[at] + bias[to]
                        else:
                            gate, up = tile[r, o] * norms[at], other[r, o] * norms[at]
                            out[at, to] = _silu(gate) * up
                row += count
