"""Whatever a user passes → sources: a path, bytes, a file object, a folder, a list of these.

Expanding opens no document: a path that does not exist is reported by
:func:`got_loaders.pages.open_document`. What is known to be wrong here (a URL, a file opened as
text, an empty folder) is *yielded* as an error in its place instead of raised, so that the other
sources of a list are not lost.

This module knows paths and bytes; it must not know what is in them.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from got_loaders.errors import OptionError, SourceError, UnsupportedSourceError

__all__ = ["FOLDER_SUFFIXES", "Source", "check_file", "clean_text", "file_sources"]

FOLDER_SUFFIXES = frozenset({
    ".apng", ".avif", ".bmp", ".dib", ".gif", ".ico", ".j2c", ".j2k", ".jfif", ".jp2", ".jpc",
    ".jpe", ".jpeg", ".jpf", ".jpg", ".jpx", ".mpo", ".pbm", ".pcx", ".pdf", ".pgm", ".png",
    ".pnm", ".ppm", ".psd", ".qoi", ".sgi", ".tif", ".tiff", ".webp",
})  # fmt: skip
"""What is read from a folder without a ``glob``; what a file *is* is told from its content."""

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file to read: exactly one of ``path`` and ``data`` is set.

    ``name`` is the ``source`` of metadata: the path as it was given, or ``sha256:…`` of the bytes.
    ``file_type`` is a media type that somebody claims; pages tell it from the content instead.
    """

    name: str
    path: Path | None = None
    data: bytes | None = field(default=None, repr=False)
    file_name: str | None = None
    file_type: str | None = None

    def __post_init__(self) -> None:
        if (self.path is None) == (self.data is None):
            raise ValueError(f"source {self.name!r}: expected either a path or data")


def file_sources(obj: object, *, glob: str | None = None) -> Iterator[Source | SourceError]:
    """The files that ``obj`` stands for, lazily and in order; errors come as values.

    ``obj`` is a path, ``bytes``, a binary file object (read from its start where it can seek, its
    position restored), a folder, or a list or tuple of these. A folder gives every PDF and image
    in it and below, or what matches ``glob``, in natural order, hidden files left out.
    """
    if isinstance(obj, list | tuple):
        for item in obj:
            yield from file_sources(item, glob=glob)
    elif isinstance(obj, bytes | bytearray | memoryview):
        yield _of_bytes(bytes(obj))
    elif isinstance(obj, str | os.PathLike):
        yield from _of_path(os.fsdecode(obj), glob)
    elif hasattr(obj, "read"):
        try:
            yield _of_file(obj)
        except SourceError as error:
            yield error
    else:
        yield UnsupportedSourceError(
            f"a {type(obj).__name__} is not a source: pass a path, bytes, a binary file object, a "
            "folder or a list of these"
        )


def check_file(source: Source) -> None:
    """Raise :class:`SourceError` unless there is a readable, regular, non-empty file (or data)."""
    name = source.name
    if source.path is None:
        if not source.data:
            raise SourceError(f"{name}: there are no bytes in it", source=name)
        return
    try:
        found = source.path.stat()
    except FileNotFoundError as error:
        hint = "" if source.path.is_absolute() else "; relative paths start at the current folder"
        raise SourceError(f"{name}: there is no such file{hint}", source=name) from error
    except (OSError, ValueError) as error:
        raise SourceError(f"{name}: can't be read: {_reason(error, name)}", source=name) from error
    if not stat.S_ISREG(found.st_mode):
        text = f"{name}: not a regular file; pass its bytes or a file object"
        raise SourceError(text, source=name)
    if not found.st_size:
        raise SourceError(f"{name}: the file is empty", source=name)
    if not os.access(source.path, os.R_OK):
        raise SourceError(f"{name}: no permission to read it", source=name)


def clean_text(text: str) -> str:
    """``text`` as metadata may hold it: no NULs, lone surrogates replaced by U+FFFD.

    Lone surrogates come from file names that are no UTF-8 and from damaged documents; they can't
    be encoded, so one of them would fail a whole index.
    """
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\0", "")


def _of_bytes(data: bytes, *, name: str | None = None) -> Source:
    name = name or f"sha256:{hashlib.sha256(data).hexdigest()}"
    file_name = None if name.startswith("sha256:") else PurePath(name).name
    return Source(name=name, data=data, file_name=file_name)


def _of_file(file: object) -> Source:
    """A file object's bytes; its ``name`` where that is a text."""
    name = getattr(file, "name", None)
    name = clean_text(name) if isinstance(name, str) and name else None
    shown = name or f"file object {type(file).__name__}"
    if isinstance(file, io.TextIOBase):
        raise UnsupportedSourceError(f'{shown}: opened as text; open it with "rb"', source=name)
    try:
        data = _read_all(file)
    except (OSError, ValueError) as error:
        text = f"{shown}: can't be read: {_reason(error, shown)}"
        raise SourceError(text, source=name) from error
    if not isinstance(data, bytes | bytearray | memoryview):
        if hasattr(data, "close"):
            data.close()  # a coroutine that nobody will await
        text = f"{shown}: its read() gives {type(data).__name__}, not bytes; open it as binary"
        raise UnsupportedSourceError(text, source=name)
    return _of_bytes(bytes(data), name=name)


def _read_all(file: object) -> object:
    seekable = getattr(file, "seekable", None)
    if seekable is None or not seekable():
        return file.read()  # type: ignore[attr-defined]  # the caller checked that it has one
    position = file.tell()  # type: ignore[attr-defined]  # seekable
    file.seek(0)  # type: ignore[attr-defined]  # seekable
    try:
        return file.read()  # type: ignore[attr-defined]  # as above
    finally:
        file.seek(position)  # type: ignore[attr-defined]  # seekable


def _of_path(given: str, glob: str | None) -> Iterator[Source | SourceError]:
    if not given:  # Path("") is the current folder: a setting that was forgotten would read it all
        yield SourceError('the path is empty; for the current folder pass "."', source=given)
        return
    if _URL.match(given):
        yield UnsupportedSourceError(
            f"{given}: URLs are not built in yet; download the file and pass its path or bytes",
            source=given,
        )
        return
    path = Path(given)
    if given.startswith("~") and not os.path.lexists(path):
        path = Path(os.path.expanduser(given))  # noqa: PTH111  # Path.expanduser raises for ~nobody
    try:
        is_folder = path.is_dir()
    except (OSError, ValueError):  # a NUL in it, say: opening the file tells what is wrong
        is_folder = False
    if is_folder:
        yield from _of_folder(path, given, glob)
    else:
        yield Source(name=clean_text(given), path=path, file_name=clean_text(path.name))


def _of_folder(folder: Path, given: str, glob: str | None) -> Iterator[Source | SourceError]:
    name = clean_text(given)
    if not os.access(folder, os.R_OK | os.X_OK):
        yield SourceError(f"{name}: no permission to list this folder", source=name)
        return
    errors: list[OSError] = []
    files = _walk(folder, errors) if glob is None else _match(folder, glob)
    found = sorted(files, key=_natural)
    for part in found:
        where = clean_text(os.path.join(given, part))  # noqa: PTH118  # the folder as given
        yield Source(name=where, path=folder / part, file_name=clean_text(part.name))
    for error in errors:
        where = clean_text(os.fsdecode(error.filename or folder))
        yield SourceError(f"{where}: can't be listed: {_reason(error, where)}", source=where)
    if not found and not errors:
        wanted = "PDFs or images" if glob is None else f"files that match glob={glob!r}"
        yield SourceError(f"{name}: there are no {wanted} in this folder", source=name)


def _walk(folder: Path, errors: list[OSError]) -> Iterator[Path]:
    """PDFs and images in and below ``folder``; links to folders are not followed (loops)."""
    for root, folders, files in os.walk(folder, onerror=errors.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            path = Path(root, name)
            if path.suffix.lower() in FOLDER_SUFFIXES and not name.startswith("."):
                yield path.relative_to(folder)


def _match(folder: Path, glob: str) -> Iterator[Path]:
    try:
        matches = list(folder.glob(glob))
    except (ValueError, NotImplementedError, IndexError) as error:
        raise OptionError(f"glob={glob!r}: {_reason(error, glob)}") from error
    for path in matches:
        part = path.relative_to(folder)
        if path.is_file() and not any(name.startswith(".") for name in part.parts):
            yield part


def _natural(path: Path) -> tuple[list[list[str | int]], str]:
    """Sorts page2 before page10, and folder by folder."""
    parts: list[list[str | int]] = [
        [int(run) if run.isdecimal() else run for run in re.split(r"(\d+)", part.casefold())]
        for part in path.parts
    ]
    return parts, str(path)


def _reason(error: Exception, name: str) -> str:
    """What went wrong with ``name``; the error's kind where its text says no more than the name."""
    text = getattr(error, "strerror", None) or str(error)
    return type(error).__name__ if text in name else text
