"""``data:`` URLs (RFC 2397), as clients put documents and pictures into JSON. Pure."""

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


def decode_data_url(url: str, param: str, *, code: str = "invalid_request") -> bytes:
    """The bytes in it; :class:`ApiError` with this ``code`` where it is malformed, or empty.

    What it says of its type is not looked at: that is told from the bytes. Base64 may be wrapped,
    lack its padding, or be of the alphabet for URLs.
    """
    head = _HEAD.match(url)
    if head is None:
        raise ApiError(code, f"{param}: expected data:image/png;base64,…", param=param)
    body = url[head.end() :]
    if head["parameters"].lower().endswith(";base64"):
        content = _from_base64(body)
        if content is None:
            text = f"{param}: what follows base64, is not base64"
            raise ApiError(code, text, param=param)
    else:
        content = unquote_to_bytes(body)
    if not content:
        raise ApiError(code, f"{param}: there is nothing in it", param=param)
    return content


def _from_base64(text: str) -> bytes | None:
    if "%" in text:
        text = unquote_to_bytes(text).decode("latin-1")
    text = text.translate(_BLANKS).translate(_URL_SAFE).rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
