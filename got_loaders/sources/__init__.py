"""Whatever a user passes → sources: a path, URL, bytes, a file object, a folder, a list of these.

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
from got_loaders.sources.objects import from_bytes, from_file
from got_loaders.sources.root import RootFolder
from got_loaders.sources.sanitize import display_path, error_text, sanitize_text, strip_controls
from got_loaders.sources.source import Source, check_file
from got_loaders.types import Limits

__all__ = [
    "FOLDER_SUFFIXES",
    "RootFolder",
    "Source",
    "check_file",
    "display_path",
    "file_sources",
    "looks_like_url",
    "sanitize_text",
    "strip_controls",
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
    where = None if root is None else RootFolder.from_path(root)
    yield from _sources(obj, _Rules(glob=glob, root=where, urls=urls, max_bytes=max_bytes))


def looks_like_url(text: str) -> bool:
    """Whether it is taken for a URL, and not for a path; the URL may be wrong."""
    return _URL.match(text) is not None


def _sources(obj: object, rules: _Rules) -> Iterator[Source | SourceError]:
    if isinstance(obj, list | tuple):
        for item in obj:
            yield from _sources(item, rules)
        return
    try:
        if isinstance(obj, bytes | bytearray | memoryview):
            yield from_bytes(bytes(obj))
        elif isinstance(obj, str | os.PathLike):
            yield from _of_text(os.fsdecode(obj), rules)
        elif hasattr(obj, "read"):
            yield from_file(obj, rules.max_bytes)
        else:
            raise UnsupportedSourceError(
                f"a {type(obj).__name__} is not a source: pass a path, a URL, bytes, a binary file "
                "object, a folder or a list of these"
            )
    except SourceError as error:
        yield error


def _of_text(given: str, rules: _Rules) -> Iterator[Source | SourceError]:
    if not given:  # Path("") is the current folder: a setting that was forgotten would read it all
        raise SourceError('the path is empty; for the current folder pass "."', source=given)
    if looks_like_url(given):
        yield _of_url(given, rules)
        return
    path = _path(given, rules.root)
    try:
        is_folder = path.is_dir()
    except (OSError, ValueError):  # a NUL in it, say: opening the file tells what is wrong
        is_folder = False
    if is_folder:
        yield from _of_folder(path, given, rules)
    else:
        yield Source(name=display_path(given), path=path, file_name=display_path(Path(given).name))


def _of_url(given: str, rules: _Rules) -> Source:
    name = check_url(given)
    if not rules.urls:
        raise SourceRefusedError(f"{name}: URLs may not be read here (urls=False)", source=name)
    file_name = PurePosixPath(unquote(urlsplit(name).path)).name
    return Source(name=name, url=given, file_name=sanitize_text(file_name) or None)


def _path(given: str, root: RootFolder | None) -> Path:
    if root is not None:
        return root.path(given)
    path = Path(given)
    if given.startswith("~") and not os.path.lexists(path):
        return Path(os.path.expanduser(given))  # noqa: PTH111  # Path.expanduser raises for ~nobody
    return path


def _of_folder(folder: Path, given: str, rules: _Rules) -> Iterator[Source | SourceError]:
    name = display_path(given)
    if not os.access(folder, os.R_OK | os.X_OK):
        raise SourceError(f"{name}: no permission to list this folder", source=name)
    errors: list[OSError] = []
    found = files_in(folder, rules.glob, errors)
    if rules.root is not None:  # a glob goes through links; what it sees there is not told
        found = [part for part in found if rules.root.contains(folder / part.parent)]
    for part in found:
        yield _in_folder(folder, given, part, rules)
    for error in errors:
        where = display_path(_below(given, folder, error))
        yield SourceError(f"{where}: can't be listed: {error_text(error, where)}", source=where)
    if not found and not errors:
        wanted = "PDFs or images" if rules.glob is None else f"files that match {rules.glob!r}"
        raise SourceError(f"{name}: there are no {wanted} in this folder", source=name)


def _in_folder(folder: Path, given: str, part: Path, rules: _Rules) -> Source | SourceError:
    where = display_path(os.path.join(given, part))  # noqa: PTH118  # the folder as given
    path = folder / part
    if rules.root is not None:  # a link may lead anywhere, and a glob upwards
        try:
            path = rules.root.path(os.fspath(path), shown=where)
        except SourceRefusedError as error:
            return error
    return Source(name=where, path=path, file_name=display_path(part.name))


def _below(given: str, folder: Path, error: OSError) -> str:
    """The folder that can't be listed, as the one given names it."""
    path = os.fsdecode(error.filename or folder)
    return os.path.normpath(os.path.join(given, os.path.relpath(path, folder)))  # noqa: PTH118
