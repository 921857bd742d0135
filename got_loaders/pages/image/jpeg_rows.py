"""How much of a JPEG is there. Runs in the worker only."""

from __future__ import annotations

import io

from PIL import Image

from got_loaders.pages.image.truncated import decoded_share

__all__ = ["complete_share"]


def complete_share(data: bytes) -> float | None:
    """The share of its rows that the data suffice for, 0 to 1; None where that can't be told.

    1.0 where the mark at its end alone is missing. It can't be told of a progressive one, of which
    all rows are there, but blurred.
    """
    try:
        image = Image.open(io.BytesIO(data), formats=("JPEG",))
    except Exception:  # noqa: BLE001  # Pillow's plugins raise anything on damaged data
        return None
    try:
        image.load()
    except Exception:  # noqa: BLE001  # as above
        return None if "progressive" in image.info else decoded_share(image)
    return 1.0
