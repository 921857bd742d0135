"""Request bodies that are JSON."""

from __future__ import annotations

import json

from starlette.requests import Request

from got_loaders.server.errors import ApiError

__all__ = ["parse_json", "read_json"]


async def read_json(request: Request) -> object:
    """The body's JSON; :class:`ApiError` where it is none."""
    return parse_json(await request.body(), "the body")


def parse_json(text: bytes | str, what: str) -> object:
    """The JSON of ``what``."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ApiError("invalid_request", f"{what} is not JSON") from None
