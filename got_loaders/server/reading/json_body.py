"""Texts of requests that are JSON."""

from __future__ import annotations

from got_loaders.server.errors import ApiError
from got_loaders.server.json_text import load_json

__all__ = ["parse_json"]


def parse_json(text: bytes | str, what: str) -> object:
    """The JSON of ``what``; :class:`ApiError` where it is none."""
    try:
        return load_json(text)
    except ValueError as error:
        raise ApiError("invalid_request", f"{what} is not JSON: {error}") from None
