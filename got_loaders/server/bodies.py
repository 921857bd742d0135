"""What came with a request."""

from __future__ import annotations

from starlette.requests import Request

from got_loaders.errors import shown
from got_loaders.server.errors import ApiError

__all__ = ["json_body", "take_body"]


async def json_body(request: Request) -> bytes:
    """The body, which says that it is JSON: a web page can't say so of a form unasked."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and "+json" in kind):
        text = f"content-type: {shown(kind)[1:-1]}" if kind else "there is no content-type"
        raise ApiError("unsupported_media_type", f"{text}; send application/json")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise ApiError("unsupported_media_type", "send the body as it is, not compressed")
    return await take_body(request)


async def take_body(request: Request) -> bytes:
    """The body, of which the request keeps no copy; can be asked for once."""
    return b"".join([part async for part in request.stream()])
