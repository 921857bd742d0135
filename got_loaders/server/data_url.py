"""``data:`` URLs (RFC 2397), as clients put documents and pictures into JSON. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

from got_loaders.server.errors import ApiError

__all__ = ["decode_data_url", "is_data_url"]

_HEAD = re.compile(r"\s*data:(?P<type>[^;,]{0,200})(?P<parameters>(?:;[^;,]{0,200}){0,8}),", re.I)
_ESCAPES = {"%2B": "+", "%2F": "/", "%3D": "=", "%0A": "", "%0D": "", "%09": "", "%20": ""}
"""Of what stands in base64. Python's decoder makes an object of each, and took 20 s for 30 MB."""
_MOST_ESCAPES = 100_000
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
    elif body.count("%") > _MOST_ESCAPES:
        text = f"{param}: more than {_MOST_ESCAPES} escapes with %: send it in base64"
        raise ApiError(code, text, param=param)
    else:
        content = unquote_to_bytes(body)
    if not content:
        raise ApiError(code, f"{param}: there is nothing in it", param=param)
    return content


def _from_base64(text: str) -> bytes | None:
    if "%" in text:
        for escape, char in _ESCAPES.items():
            text = text.replace(escape, char).replace(escape.lower(), char)
    text = text.translate(_BLANKS).translate(_URL_SAFE).rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
