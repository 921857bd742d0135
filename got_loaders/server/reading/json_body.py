"""Texts of requests that are JSON."""

from __future__ import annotations

import json
from typing import NoReturn

from got_loaders.server.errors import ApiError

__all__ = ["parse_json"]


def parse_json(text: bytes | str, what: str) -> object:
    """The JSON of ``what``; :class:`ApiError` where it is none."""
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise ApiError("invalid_request", f"{what} is not JSON") from None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")
