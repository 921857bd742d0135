"""JSON of strangers → values, of which a small text may not become many. Pure."""

from __future__ import annotations

import json
from typing import NoReturn

__all__ = ["load_json"]

_MOST_VALUES = 100_000
"""A request has a few dozen. Python reads JSON in one go, during which it does nothing else: the
50 MB of ``[[],[],…`` were a gigabyte, and 12 seconds in which nobody was answered."""


def load_json(text: bytes | str) -> object:
    """What it says; ``ValueError``, which says why, where it is none, or of too many values."""
    raw = text.encode("utf-8", "replace") if isinstance(text, str) else text
    if sum(raw.count(mark) for mark in (b"[", b"{", b",", b":")) > _MOST_VALUES:
        raise ValueError(f"more than {_MOST_VALUES} values are not taken")
    try:
        return json.loads(text, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("it is too deeply nested") from None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")
