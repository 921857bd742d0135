"""Recognizes texts that hold a document instead of naming one, for errors that help. Pure.

No such text is decoded here: what is meant by it would be guessed.
"""

from __future__ import annotations

import re

__all__ = ["MAX_SHOWN", "clip", "describe_inline"]

MAX_SHOWN = 200
"""Characters of a text that are shown of it, and kept as its name."""

_MAX_PATH = 300
"""A text that is longer and no file's path is taken for something else."""

_HEAD = 1024
"""Characters that are looked at."""

_DATA_URL = re.compile(r"\s*data:[\w.+/-]*(?:;[^,]*)?,", re.IGNORECASE)
_BYTES = re.compile(r"\s*b['\"](?=.*(?:%PDF-|\\x))", re.DOTALL)
_MAGIC = re.compile(
    r".?PNG\r?\n|GIF8[79]a|II\*\0|MM\0\*|\xff\xd8\xff|.{4,16}JFIF\0|RIFF.{4,12}WEBP", re.DOTALL
)
_BASE64 = re.compile(r"[A-Za-z0-9+/_\s-]+={0,2}\s*")
_BASE64_MAGIC = re.compile(r"\s*(?:JVBERi0|iVBORw0KGgo|/9j/|R0lGOD|SUkqAA|TU0AKg|UklGR)")
_HEX = re.compile(r"[0-9A-Fa-f\s]+")
_HEX_MAGIC = re.compile(r"\s*(?:255044462d|89504e47|ffd8ff)", re.IGNORECASE)
_JSON = re.compile(r"\s*[\[{]\s*[\"\[{]")


def clip(text: str) -> str:
    """The beginning of a long text."""
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def describe_inline(text: str) -> str | None:
    """What a text seems to be, and what to do with it; None where it may well be a path."""
    head = text[:_HEAD]
    if _DATA_URL.match(head):
        return "data: URLs are not read; decode it and pass the bytes"
    if _BYTES.match(head):
        return "it is bytes written as a text; pass the bytes themselves"
    if _MAGIC.match(head) or ("%PDF-" in head and re.search("[\0\r\n]", text)):
        text = "it is a file's content, damaged by decoding it as a text"
        return f'{text}; pass its bytes, as open(…, "rb").read() gives them'
    is_long = len(text) > _MAX_PATH
    if _HEX.fullmatch(head) and (is_long or _HEX_MAGIC.match(head)):
        return "it looks like hexadecimal digits; decode it (bytes.fromhex) and pass the bytes"
    if _BASE64.fullmatch(head) and (is_long or (len(text) > 40 and _BASE64_MAGIC.match(head))):
        return "it looks like base64; decode it (base64.b64decode) and pass the bytes"
    if _JSON.match(head) and (is_long or text.rstrip().endswith(("}", "]"))):
        return "it looks like JSON; pass the path, the URL or the bytes that it holds"
    if is_long:
        text = f"there is no such file, and no path is likely to have {len(text)} characters"
        return f"{text}; what a document holds is passed as bytes"
    return None
