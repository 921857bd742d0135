"""Bytes, binary file objects, uploads and pictures → sources."""

from __future__ import annotations

import hashlib
import inspect
import io
import os
import re
from dataclasses import replace
from pathlib import PurePath
from typing import Any, TypeGuard

from got_loaders.errors import SourceError, SourceRefusedError, UnsupportedSourceError
from got_loaders.sources.inline import clip
from got_loaders.sources.pictures import from_picture, is_picture
from got_loaders.sources.sanitize import display_path, error_text
from got_loaders.sources.source import Source

__all__ = ["from_content", "is_content", "is_named_content"]

_CHUNK = 2**20
_MAX_NAME = 1_000
"""Characters of a file object's name; one that is longer is none."""

_USER = re.compile(r"^(\s*[A-Za-z][A-Za-z0-9+.-]*://)[^/?#]*@")
"""A user and password in a URL: names go into metadata, and from there to anybody."""

_DRIVE = re.compile(r"[A-Za-z]:[\\/]|\\\\")


def is_content(obj: object) -> bool:
    """Whether it holds what is to be read: bytes, what bytes can be read from, or a picture."""
    return (
        isinstance(obj, bytes | bytearray | memoryview) or _is_file_object(obj) or is_picture(obj)
    )


def is_named_content(obj: object) -> TypeGuard[tuple[str | os.PathLike[str], object]]:
    """Whether it is a pair (name, content)."""
    if not isinstance(obj, tuple) or len(obj) != 2 or not isinstance(obj[0], str | os.PathLike):
        return False
    return is_content(obj[1])


def from_content(
    content: object,
    *,
    max_bytes: int,
    max_pixels: int,
    name: str | os.PathLike[str] | None = None,
) -> Source:
    """Bytes, or those of a file object or an upload, or a picture, by ``name`` or its own.

    Reads no more than it must. An upload's own name is its ``filename``, never its ``name``, which
    may be that of the form's field; any other file's is its ``name``. Where there is none that is a
    text, a digest of what is in it stands for it.
    """
    given = None if name is None else _checked_name(os.fsdecode(name))
    if isinstance(content, bytes | bytearray | memoryview):
        return _from_bytes(bytes(content), given, _base_name(given, upload=False))
    if is_picture(content):
        source = from_picture(content, name=given, max_pixels=max_pixels)
        has_name = not source.name.startswith("sha256:")
        return replace(
            source, file_name=_base_name(source.name, upload=False) if has_name else None
        )
    names = _names(content) if given is None else (given, _base_name(given, upload=False))
    return _from_file(content, max_bytes, *names)


def _checked_name(name: str) -> str:
    """A name that a user gave; raises where it names nothing."""
    if not name.strip():
        raise SourceError(f"({name!r}, …): the name is empty", source=name)
    if len(name) > _MAX_NAME:
        text = f"({clip(name)!r}, …): a name has at most {_MAX_NAME} characters"
        raise SourceError(text, source=clip(name))
    return _USER.sub(r"\1", display_path(name))


def _is_file_object(obj: object) -> bool:
    """Whether it can be read, or has a ``file`` that can: an upload of a web framework."""
    return hasattr(obj, "read") or hasattr(getattr(obj, "file", None), "read")


def _from_bytes(data: bytes, name: str | None, file_name: str | None) -> Source:
    """These bytes, named by their digest unless they have a name."""
    name = name or f"sha256:{hashlib.sha256(data).hexdigest()}"
    return Source(name=name, data=data, file_name=file_name)


def _from_file(file: object, max_bytes: int, name: str | None, file_name: str | None) -> Source:
    label = name or f"file object {type(file).__name__}"
    file = _synchronous(file)
    if isinstance(file, io.TextIOBase):
        raise UnsupportedSourceError(f'{label}: opened as text; open it with "rb"', source=name)
    try:
        data = _read_all(file, max_bytes)
    except (OSError, ValueError) as error:
        text = f"{label}: can't be read: {error_text(error, label)}"
        raise SourceError(text, source=name) from error
    if not isinstance(data, bytes | bytearray | memoryview):
        raise UnsupportedSourceError(f"{label}: {_not_bytes(data)}", source=name)
    if len(data) > max_bytes:
        if hasattr(file, "close") and not hasattr(file, "seekable"):
            file.close()  # it was opened by reading from it
        raise SourceRefusedError(f"{label}: more than max_file_bytes={max_bytes}", source=name)
    return _from_bytes(bytes(data), name, file_name)


def _names(file: object) -> tuple[str | None, str | None]:
    """What a file object is called as a source, and the file's own name; None where it has none."""
    if isinstance(file, io.IOBase):  # whose class may have a `filename` that warns
        name = _as_text(getattr(file, "name", None)) or _as_text(_attributes(file).get("filename"))
        return name, _base_name(name, upload=False)
    if hasattr(file, "filename"):
        name = _as_text(file.filename)
        return name, _base_name(name, upload=True)
    name = _as_text(getattr(file, "name", None))
    return name, _base_name(name, upload=False)


def _attributes(file: object) -> dict[str, object]:
    """What was set on it; files written in C take nothing."""
    return getattr(file, "__dict__", {})


def _as_text(name: object) -> str | None:
    """A name that says something: neither a number, nor ``<stdin>``, nor longer than a path is."""
    if not isinstance(name, str | bytes | os.PathLike):
        return None
    text = display_path(os.fsdecode(name))
    if not text.strip() or len(text) > _MAX_NAME or (text.startswith("<") and text.endswith(">")):
        return None
    return _USER.sub(r"\1", text)


def _base_name(name: str | None, *, upload: bool) -> str | None:
    """The last part of a name. Browsers send those of any system, and clients of any will."""
    if name is None:
        return None
    if upload or _DRIVE.match(name):
        base = re.split(r"[\\/]", name.rstrip("\\/"))[-1]
    else:
        base = PurePath(name).name
    return None if base.strip() in ("", ".", "..") else base


def _synchronous(file: Any) -> Any:
    """What can be read without awaiting: where ``read`` is a coroutine, the file in the upload."""
    inner = getattr(file, "file", None)
    if hasattr(inner, "read") and (
        not hasattr(file, "read") or inspect.iscoroutinefunction(file.read)
    ):
        return inner
    return file


def _not_bytes(data: object) -> str:
    """Why what ``read`` gave is no content."""
    if inspect.isawaitable(data):
        if hasattr(data, "close"):
            data.close()  # a coroutine that nobody will await
        return "its read() is asynchronous; await it, and pass the bytes"
    return f"its read() gives {type(data).__name__}, not bytes; open it as binary"


def _read_all(file: object, max_bytes: int) -> object:
    seekable = getattr(file, "seekable", lambda: hasattr(file, "seek") and hasattr(file, "tell"))
    if not seekable():
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
