"""Pictures as clients send them."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from typing import Any

from PIL import Image

__all__ = ["bomb", "data_url", "encoded", "question"]


def encoded(image: Image.Image, format: str = "PNG", **settings: Any) -> bytes:
    """The bytes of a file."""
    stream = io.BytesIO()
    image.save(stream, format, **settings)
    return stream.getvalue()


def data_url(content: bytes, kind: str = "image/png") -> str:
    """Content as a URL."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def question(*contents: bytes | str, text: str | None = "OCR", **fields: Any) -> dict[str, Any]:
    """The body of a chat completion about pictures; none stands for a small white one."""
    urls = [each if isinstance(each, str) else data_url(each) for each in contents]
    urls = urls or [data_url(encoded(Image.new("L", (20, 10), "white")))]
    parts: list[dict[str, Any]] = [{"type": "image_url", "image_url": {"url": u}} for u in urls]
    if text is not None:
        parts.append({"type": "text", "text": text})
    return {"messages": [{"role": "user", "content": parts}], **fields}


def bomb(width: int, height: int) -> bytes:
    """A PNG that claims to be huge; a decoder that believes it takes that much memory."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(bytes(1_000_000))
    magic = b"\x89PNG\r\n\x1a\n"
    return magic + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
