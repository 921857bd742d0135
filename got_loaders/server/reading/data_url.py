"""``data:`` URLs (RFC 2397), as clients put documents into JSON. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

from got_loaders.server.errors import ApiError

__all__ = ["decode_data_url", "is_data_url"]

_HEAD = re.compile(r"\s*data:(?P<type>[^;,]{0,200})(?P<parameters>(?:;[^;,]{0,200}){0,8}),", re.I)
_BLANKS = str.maketrans("", "", " \t\r\n")
_URL_SAFE = str.maketrans("-_", "+/")


def is_data_url(text: str) -> bool:
    """Whether it begins like one."""
    return text[:64].lstrip()[:5].lower() == "data:"


def decode_data_url(url: str, *, param: str) -> bytes:
    """The bytes in it; :class:`ApiError` where it is malformed.

    What it says of its type is not looked at: that is told from the bytes. Base64 may be wrapped,
    lack its padding, or be of the alphabet for URLs.
    """
    head = _HEAD.match(url)
    if head is None:
        raise _malformed(param, "it is not like data:application/pdf;base64,…")
    body = url[head.end() :]
    if not head["parameters"].lower().endswith(";base64"):
        return unquote_to_bytes(body)
    if "%" in body:
        body = unquote_to_bytes(body).decode("latin-1")
    text = body.translate(_BLANKS).translate(_URL_SAFE).rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise _malformed(param, "what follows the comma is not base64") from None


def _malformed(param: str, reason: str) -> ApiError:
    return ApiError("invalid_request", f"{param}: a malformed data: URL: {reason}", param=param)
