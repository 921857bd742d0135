"""A file to read: its path, bytes or URL."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field, replace
from pathlib import Path

from got_loaders.errors import SourceError, SourceRefusedError
from got_loaders.sources.sanitize import error_text

__all__ = ["FileVersion", "Source", "as_of_now", "check_file", "file_version"]

FileVersion = tuple[int, int, int, int]
"""Device, inode, bytes and nanoseconds of the last change: what differs when a file was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file to read: exactly one of ``path``, ``data`` and ``url`` is set.

    ``name`` is the ``source`` of metadata: the path or URL as it was given, or ``sha256:…`` of the
    bytes. ``file_type`` is a media type that somebody claims; pages tell it from the content. A
    ``url`` has to be downloaded before it can be opened. ``version`` is that of the file when its
    reading began: another one is not read in its place. A download is a temporary file. ``inner``
    is the path of a file that nobody named below the folder, or below the beginning of the pattern,
    that somebody did.
    """

    name: str
    path: Path | None = None
    data: bytes | None = field(default=None, repr=False)
    url: str | None = None
    file_name: str | None = None
    file_type: str | None = None
    version: FileVersion | None = None
    is_download: bool = False
    inner: Path | None = None

    def __post_init__(self) -> None:
        if sum(value is not None for value in (self.path, self.data, self.url)) != 1:
            raise ValueError(f"source {self.name!r}: expected one of a path, data and a URL")

    @property
    def stamp(self) -> tuple[int, int] | None:
        """Bytes and nanoseconds of the last change of the user's file; None where it is none."""
        return None if self.version is None or self.is_download else self.version[2:]


def check_file(source: Source, *, max_bytes: int | None = None) -> None:
    """Raise :class:`SourceError` unless there is a readable, regular, non-empty file (or data).

    :class:`SourceRefusedError` where it has more than ``max_bytes``.
    """
    name = source.name
    if source.path is None:
        if not source.data:
            raise SourceError(f"{name}: there are no bytes in it", source=name)
        _check_size(name, len(source.data), max_bytes)
        return
    try:
        status = source.path.stat()
    except FileNotFoundError as error:
        hint = "" if source.path.is_absolute() else "; relative paths start at the current folder"
        raise SourceError(f"{name}: there is no such file{hint}", source=name) from error
    except (OSError, ValueError) as error:
        raise SourceError(
            f"{name}: can't be read: {error_text(error, name)}", source=name
        ) from error
    if not stat.S_ISREG(status.st_mode):
        text = f"{name}: not a regular file; pass its bytes or a file object"
        raise SourceError(text, source=name)
    if not status.st_size:
        raise SourceError(f"{name}: the file is empty", source=name)
    if not os.access(source.path, os.R_OK):
        raise SourceError(f"{name}: no permission to read it", source=name)
    _check_size(name, status.st_size, max_bytes)


def file_version(source: Source) -> FileVersion | None:
    """The version of a source's file as it is now; None where there is none to be seen."""
    if source.path is None:
        return None
    try:
        status = source.path.stat()
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def as_of_now(source: Source) -> Source:
    """The source with its file's version, and a path that no change of the folder leads astray.

    Where there is no such file it is left as it is; :func:`check_file` says so.
    """
    version = file_version(source)
    if source.path is None or version is None:
        return source
    path = Path(os.path.abspath(source.path))  # noqa: PTH100  # keeps links
    return replace(source, path=path, version=version)


def _check_size(name: str, size: int, max_bytes: int | None) -> None:
    if max_bytes is not None and size > max_bytes:
        text = f"{name}: {size} bytes, more than max_file_bytes={max_bytes}"
        raise SourceRefusedError(text, source=name)
