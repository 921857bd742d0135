"""Into which grid of tiles the model's own processor cuts a picture: arithmetic, no pictures."""

from __future__ import annotations

import math

__all__ = ["TILE", "choose_grid"]

TILE = 1024
"""Pixels along each side of a view."""


def choose_grid(
    width: float, height: float, *, tile: int = TILE, min_patches: int, max_patches: int
) -> tuple[int, int]:
    """The columns and rows that the model's processor cuts a picture of this size into.

    Among the grids of ``min_patches`` to ``max_patches`` tiles it is the one nearest in shape
    (width / height). Of equally near ones the larger wins, while the picture has more than half
    of the pixels that the grid has. As in transformers' ``get_optimal_tiled_canvas``, which took
    it from InternVL's ``dynamic_preprocess``.
    """
    ratio, area = width / height, width * height
    best, nearest = (1, 1), math.inf
    for columns, rows in _grids(min_patches, max_patches):
        distance = abs(ratio - columns / rows)
        enough = area > 0.5 * tile * tile * columns * rows
        if distance < nearest or (distance == nearest and enough):
            best, nearest = (columns, rows), distance
    return best


def _grids(least: int, most: int) -> list[tuple[int, int]]:
    """Every grid of ``least`` to ``most`` tiles, the fewest tiles first, then the narrowest."""
    sides = range(1, most + 1)
    grids = [(c, r) for c in sides for r in range(1, most // c + 1) if c * r >= least]
    return sorted(grids, key=lambda grid: grid[0] * grid[1])
