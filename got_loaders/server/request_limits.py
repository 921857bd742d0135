"""Numbers of a request that would keep the server busy, or fill its memory, if they were large."""

from __future__ import annotations

from collections.abc import Mapping

from got_loaders.errors import shown
from got_loaders.server.errors import ApiError

__all__ = ["check_numbers"]

_MOST = {
    "min_patches": 64,
    "max_patches": 64,
    "multi_page": 32,
    "max_regions": 1_000,
    "max_new_tokens": 1_000_000,
}
"""The most of each. The model has learnt 12 tiles, and holds the tokens of a few dozen; of pages in
one request all pictures are in memory."""


def check_numbers(values: Mapping[str, object], *, prefix: str = "") -> None:
    """Raise :class:`ApiError` (400) for a number that is larger than a server takes it."""
    for name, most in _MOST.items():
        value = values.get(name)
        if isinstance(value, int) and value > most:
            param = f"{prefix}{name}"
            text = f"{param}={shown(value)}: at most {most} here"
            raise ApiError("invalid_option", text, param=param)
