"""Texts of requests that are JSON."""

from __future__ import annotations

import json

from got_loaders.server.errors import ApiError

__all__ = ["parse_json"]


def parse_json(text: bytes | str, what: str) -> object:
    """The JSON of ``what``; :class:`ApiError` where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ApiError("invalid_request", f"{what} is not JSON") from None
