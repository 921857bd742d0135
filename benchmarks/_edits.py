"""How far two texts are apart."""

from __future__ import annotations


def edit_distance(one: str, other: str) -> int:
    """Insertions, deletions and replacements from one text to the other."""
    row = list(range(len(other) + 1))
    for above, left in enumerate(one, 1):
        diagonal, row[0] = row[0], above
        for column, up in enumerate(other, 1):
            best = min(row[column] + 1, row[column - 1] + 1, diagonal + (left != up))
            diagonal, row[column] = row[column], best
    return row[-1]
