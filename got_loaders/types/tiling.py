"""The grid of tiles that the model's processor cuts a picture into: arithmetic, no pictures."""

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
    best, best_distance = (1, 1), math.inf
    for columns, rows in _grids(min_patches, max_patches):
        distance = abs(ratio - columns / rows)
        large_enough = area > 0.5 * tile * tile * columns * rows
        if distance < best_distance or (distance == best_distance and large_enough):
            best, best_distance = (columns, rows), distance
    return best


def _grids(min_patches: int, max_patches: int) -> list[tuple[int, int]]:
    """Every grid of so many tiles, the fewest tiles first, then the narrowest."""
    sides = range(1, max_patches + 1)
    grids = [(c, r) for c in sides for r in range(1, max_patches // c + 1) if c * r >= min_patches]
    return sorted(grids, key=lambda grid: grid[0] * grid[1])
