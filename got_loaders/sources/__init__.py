"""Turns what a user passes into sources: a path, URL, bytes, file object, folder, or list of these.

Expanding opens no document: a path that does not exist is reported by
:func:`got_loaders.pages.open_document`. What is known to be wrong here (a URL that is not allowed,
a file opened as text, an empty folder) is *yielded* as an error in its place instead of raised, so
that the other sources of a list are not lost.

This package knows paths, bytes and the looks of URLs; it must not know what is in them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from got_loaders.errors import SourceError, SourceRefusedError, UnsupportedSourceError
from got_loaders.sources.download import check_url
from got_loaders.sources.folders import FOLDER_SUFFIXES, files_in
from got_loaders.sources.inline import clip, describe_inline
from got_loaders.sources.objects import from_bytes, from_file, is_file_object
from got_loaders.sources.root import RootFolder
from got_loaders.sources.sanitize import display_path, error_text, sanitize_text
from got_loaders.sources.source import Source, as_of_now, check_file, file_version
from got_loaders.types import Limits

__all__ = [
    "FOLDER_SUFFIXES",
    "RootFolder",
    "Source",
    "as_of_now",
    "check_file",
    "describe_inline",
    "display_path",
    "file_sources",
    "file_version",
    "looks_like_url",
    "sanitize_text",
]

_URL = re.compile(r"\s*(?:[A-Za-z][A-Za-z0-9+.-]*://|https?:)")
"""What is taken for a URL, also one that is written wrong: it may hold a password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """What may be a source."""

    glob: str | None
    root: RootFolder | None
    urls: bool
    max_bytes: int


def file_sources(
    obj: object,
    *,
    glob: str | None = None,
    root: str | None = None,
    urls: bool = True,
    max_bytes: int = Limits().file_bytes,
) -> Iterator[Source | SourceError]:
    """The files that ``obj`` stands for, lazily and in order; errors come as values.

    ``obj`` is a path, an http(s) URL, ``bytes``, a binary file object (read from its start where it
    can seek, its position restored; at most ``max_bytes``), a folder, or a list or tuple of these.
    A folder gives every PDF and image in it and below, or what matches ``glob``, in natural order,
    hidden files left out. With ``root`` no path may lead out of that folder.
    """
    folder = None if root is None else RootFolder.from_path(root)
    yield from _sources(obj, _Rules(glob=glob, root=folder, urls=urls, max_bytes=max_bytes))


def looks_like_url(text: str) -> bool:
    """Whether it is taken for a URL, and not for a path; the URL may be wrong."""
    return _URL.match(text) is not None


def _sources(obj: object, rules: _Rules) -> Iterator[Source | SourceError]:
    if isinstance(obj, list | tuple) and "body" not in getattr(obj, "_fields", ()):
        for item in obj:
            yield from _sources(item, rules)
        return
    try:
        if isinstance(obj, bytes | bytearray | memoryview):
            yield from_bytes(bytes(obj))
        elif isinstance(obj, str | os.PathLike):
            yield from _from_text(os.fsdecode(obj), rules)
        elif is_file_object(obj):
            yield from_file(obj, rules.max_bytes)
        else:  # Sanic's uploads, too: named tuples (type, body, name)
            raise UnsupportedSourceError(
                f"a {type(obj).__name__} is not a source: pass a path, a URL, bytes, a binary file "
                "object, a folder or a list of these"
            )
    except SourceError as error:
        yield error


def _from_text(text: str, rules: _Rules) -> Iterator[Source | SourceError]:
    if not text:  # Path("") is the current folder: a setting that was forgotten would read it all
        raise SourceError('the path is empty; for the current folder pass "."', source=text)
    if looks_like_url(text):
        yield _from_url(text, rules)
        return
    inline = describe_inline(text)
    if inline is not None and not _is_there(text, rules.root):
        raise UnsupportedSourceError(f"{clip(text)}: {inline}", source=display_path(clip(text)))
    path = _resolve_path(text, rules.root)
    try:
        is_folder = path.is_dir()
    except (OSError, ValueError):  # a NUL in it, say: opening the file tells what is wrong
        is_folder = False
    if is_folder:
        yield from _from_folder(path, text, rules)
    else:
        yield Source(name=display_path(text), path=path, file_name=display_path(Path(text).name))


def _is_there(text: str, root: RootFolder | None) -> bool:
    """Whether a text is a path after all."""
    try:
        return os.path.lexists(_resolve_path(text, root))
    except SourceRefusedError:
        return False


def _from_url(url: str, rules: _Rules) -> Source:
    name = check_url(url)
    if not rules.urls:
        raise SourceRefusedError(f"{name}: URLs may not be read here (urls=False)", source=name)
    file_name = PurePosixPath(unquote(urlsplit(name).path)).name
    return Source(name=name, url=url, file_name=sanitize_text(file_name) or None)


def _resolve_path(text: str, root: RootFolder | None) -> Path:
    if root is not None:
        return root.resolve(text)
    path = Path(text)
    if text.startswith("~") and not os.path.lexists(path):
        return Path(os.path.expanduser(text))  # noqa: PTH111  # Path.expanduser raises for ~nobody
    return path


def _from_folder(folder: Path, text: str, rules: _Rules) -> Iterator[Source | SourceError]:
    """The files in ``folder``, which the user named by ``text``."""
    name = display_path(text)
    if not os.access(folder, os.R_OK | os.X_OK):
        raise SourceError(f"{name}: no permission to list this folder", source=name)
    errors: list[OSError] = []
    files = files_in(folder, rules.glob, errors)
    if rules.root is not None:  # a glob goes through links; what it sees there is not told
        files = [file for file in files if rules.root.contains(folder / file.parent)]
    for file in files:
        yield _in_folder(folder, text, file, rules)
    for error in errors:
        subfolder = display_path(_subfolder(text, folder, error))
        message = f"{subfolder}: can't be listed: {error_text(error, subfolder)}"
        yield SourceError(message, source=subfolder)
    if not files and not errors:
        kinds = "PDFs or images" if rules.glob is None else f"files that match {rules.glob!r}"
        raise SourceError(f"{name}: there are no {kinds} in this folder", source=name)


def _in_folder(folder: Path, text: str, file: Path, rules: _Rules) -> Source | SourceError:
    name = display_path(os.path.join(text, file))  # noqa: PTH118  # the folder as the user has it
    path = folder / file
    if rules.root is not None:  # a link may lead anywhere, and a glob upwards
        try:
            path = rules.root.resolve(os.fspath(path), name=name)
        except SourceRefusedError as error:
            return error
    return Source(name=name, path=path, file_name=display_path(file.name))


def _subfolder(text: str, folder: Path, error: OSError) -> str:
    """The folder that can't be listed, by the name that the user has for ``folder``."""
    path = os.fsdecode(error.filename or folder)
    return os.path.normpath(os.path.join(text, os.path.relpath(path, folder)))  # noqa: PTH118
