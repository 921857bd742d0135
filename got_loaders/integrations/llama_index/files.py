"""Files as LlamaIndex's resources: on an fsspec file system, and what is known of them unopened."""

from __future__ import annotations

import errno
import mimetypes
import os
from datetime import UTC, datetime
from typing import Any, Protocol

from got_loaders.sources import Source, check_file

__all__ = ["FileSystem", "open_on_fs", "resource_info"]


class FileSystem(Protocol):
    """The part of an fsspec file system that is used here."""

    def open(self, path: str, mode: str) -> Any:  # fsspec is untyped
        """The file at ``path``."""


def open_on_fs(fs: FileSystem | None, file: object) -> object:
    """``file`` as a source; its paths, and those in a list, are ``fs``'s where there is one."""
    if fs is None:
        return file
    if isinstance(file, list | tuple):
        return [open_on_fs(fs, item) for item in file]
    return _RemoteFile(fs, os.fspath(file)) if isinstance(file, str | os.PathLike) else file


def resource_info(source: Source) -> dict[str, Any]:
    """What is known of ``source`` without opening it, under LlamaIndex's names."""
    info: dict[str, Any] = {
        "file_path": source.name,
        "file_name": source.file_name,
        "file_type": mimetypes.guess_type(source.file_name or "")[0],
    }
    if source.path is not None:
        check_file(source)
        stat = source.path.stat()
        modified = datetime.fromtimestamp(stat.st_mtime, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        info |= {"file_size": stat.st_size, "last_modified_date": modified}
    return {key: value for key, value in info.items() if value is not None}


class _RemoteFile:
    """A file on an fsspec file system, read when its turn comes."""

    def __init__(self, fs: FileSystem, name: str) -> None:
        self.name = name
        self._fs = fs
        self._file: Any = None

    def read(self, size: int) -> bytes:
        """The next bytes; none at its end, where it is closed."""
        if self._file is None:
            self._file = self._open()
        data: bytes = self._file.read(size)
        if not data:
            self.close()
        return data

    def _open(self) -> Any:
        """The file; of a folder some file systems say that it is not there."""
        try:
            return self._fs.open(self.name, "rb")
        except OSError as error:
            is_folder = getattr(self._fs, "isdir", lambda _: False)
            if not isinstance(error, IsADirectoryError) and not is_folder(self.name):
                raise
            text = "it is a folder; with fs= files are named one by one: pass what fs.find() lists"
            raise OSError(errno.EISDIR, text) from error

    def close(self) -> None:
        """Let go of it; reading would begin anew."""
        if self._file is not None:
            self._file.close()
            self._file = None
