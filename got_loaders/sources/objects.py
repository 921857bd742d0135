"""Bytes and binary file objects → sources."""

from __future__ import annotations

import hashlib
import io
from pathlib import PurePath
from typing import Any

from got_loaders.errors import SourceError, SourceRefusedError, UnsupportedSourceError
from got_loaders.sources.sanitize import error_text, sanitize_text
from got_loaders.sources.source import Source

__all__ = ["from_bytes", "from_file"]

_CHUNK = 2**20


def from_bytes(data: bytes, *, name: str | None = None) -> Source:
    """These bytes, named by their digest unless they have a name."""
    name = name or f"sha256:{hashlib.sha256(data).hexdigest()}"
    file_name = None if name.startswith("sha256:") else PurePath(name).name
    return Source(name=name, data=data, file_name=file_name)


def from_file(file: object, max_bytes: int) -> Source:
    """A file object's bytes; its ``name`` where that is a text. Reads no more than it must."""
    name = getattr(file, "name", None)
    name = sanitize_text(name) if isinstance(name, str) and name else None
    label = name or f"file object {type(file).__name__}"
    if isinstance(file, io.TextIOBase):
        raise UnsupportedSourceError(f'{label}: opened as text; open it with "rb"', source=name)
    try:
        data = _read_all(file, max_bytes)
    except (OSError, ValueError) as error:
        text = f"{label}: can't be read: {error_text(error, label)}"
        raise SourceError(text, source=name) from error
    if not isinstance(data, bytes | bytearray | memoryview):
        if hasattr(data, "close"):
            data.close()  # a coroutine that nobody will await
        text = f"{label}: its read() gives {type(data).__name__}, not bytes; open it as binary"
        raise UnsupportedSourceError(text, source=name)
    if len(data) > max_bytes:
        if hasattr(file, "close") and not hasattr(file, "seekable"):
            file.close()  # it was opened by reading from it
        raise SourceRefusedError(f"{label}: more than max_file_bytes={max_bytes}", source=name)
    return from_bytes(bytes(data), name=name)


def _read_all(file: object, max_bytes: int) -> object:
    seekable = getattr(file, "seekable", None)
    if seekable is None or not seekable():
        return _read(file, max_bytes)
    position = file.tell()  # type: ignore[attr-defined]  # seekable
    file.seek(0)  # type: ignore[attr-defined]  # seekable
    try:
        return _read(file, max_bytes)
    finally:
        file.seek(position)  # type: ignore[attr-defined]  # seekable


def _read(file: Any, max_bytes: int) -> object:
    """All of it, or a little more than ``max_bytes``; whatever its ``read`` gives if not bytes."""
    try:
        chunk = file.read(_CHUNK)
    except TypeError:  # its read() knows no size
        return file.read()
    if not isinstance(chunk, bytes | bytearray | memoryview):
        return chunk
    data = bytearray()
    while chunk and len(data) <= max_bytes:
        data += chunk
        chunk = file.read(_CHUNK)
    return data
