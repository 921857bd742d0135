"""Differences and sums of pixels. Pure; pictures are numpy arrays of bytes, rows first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from got_loaders.types import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WEIGHTS = (0.3, 0.59, 0.11)
"""How much red, green and blue count for the eye (ITU-R BT.601)."""


def difference(picture: Any, other: Any) -> NDArray[Any]:
    """How much an eye sees two RGB pictures differ, pixel by pixel: 0 to 255, as bytes."""
    import numpy as np

    apart = picture.astype(np.int16) - np.asarray(other, dtype=np.int16)
    where = apart.any(axis=2)
    result = np.zeros(where.shape, dtype=np.uint8)
    result[where] = np.rint(np.sqrt((apart[where].astype(np.float32) ** 2) @ _weights()))
    return result


def _weights() -> NDArray[Any]:
    import numpy as np

    return np.array(_WEIGHTS, dtype=np.float32)


def at_most(picture: Any, fill: Any, part: float) -> NDArray[Any]:
    """The picture's bytes, of which each is no more than this part of the byte in ``fill``."""
    import numpy as np

    limit = np.rint(np.arange(256) * part).astype(np.uint8)
    result: NDArray[Any] = np.minimum(picture, limit[fill])
    return result


def lightness(picture: Any) -> Any:
    """Of RGB pixels, from 0 to 1."""
    return picture @ _weights() / 255


def places(boxes: Sequence[Box], zoom: float, shape: tuple[int, int]) -> list[NDArray[Any]]:
    """Left, top, right and bottom of the boxes in pixels, a pixel large at least."""
    import numpy as np

    height, width = shape
    edges = np.nan_to_num(np.array(boxes, dtype=float) * zoom, posinf=1e6, neginf=-1e6)
    x0, y0, x1, y1 = np.rint(np.clip(edges, -1e6, 1e6)).astype(np.int64).T
    x1, y1 = np.maximum(x1, x0 + 1), np.maximum(y1, y0 + 1)
    return [
        np.clip(x0, 0, width),
        np.clip(y0, 0, height),
        np.clip(x1, 0, width),
        np.clip(y1, 0, height),
    ]


def sums(picture: Any, where: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """The sum of the picture's bytes in each place, by its summed-area table."""
    import numpy as np

    table = np.zeros((picture.shape[0] + 1, picture.shape[1] + 1), dtype=np.int64)
    table[1:, 1:] = picture.cumsum(axis=0, dtype=np.int64).cumsum(axis=1)
    x0, y0, x1, y1 = where
    result: NDArray[Any] = table[y1, x1] - table[y0, x1] - table[y1, x0] + table[y0, x0]
    return result
