"""Lists what a path or pattern stands for in a file system, by the rules for folders of a machine.

Nothing is opened. A folder is listed by one walk through all below it; a pattern as deep as it goes
and no deeper.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from got_loaders.errors import OptionError, SourceError, UnsupportedSourceError, shown
from got_loaders.ray.storage.stored_path import StoredPath
from got_loaders.ray.storage.stored_search import Found, search
from got_loaders.sources import FOLDER_SUFFIXES, Source
from got_loaders.sources.pattern_parts import ANY_DEPTH
from got_loaders.sources.patterns import Pattern, has_wildcards

__all__ = ["stored_sources"]


def stored_sources(path: StoredPath, glob: str | None) -> Iterator[Source | SourceError]:
    """The files that a path, a folder or a pattern stands for, in natural order; a folder that
    can't be listed is an error in its place. Raises :class:`SourceError` where there is nothing."""
    _check_stays(path)
    info, kinds = path.info(), _kinds()
    if info.type == kinds.NotFound and (plain := unquote(path.path)) != path.path:
        decoded = replace(path, path=plain)
        _check_stays(decoded)
        if (known := decoded.info()).type != kinds.NotFound:
            path, info = decoded, known
    if info.type == kinds.File:
        yield path.source(info.size)
    elif info.type == kinds.Directory:
        yield from _from_folder(path, glob)
    elif info.type == kinds.NotFound and has_wildcards(path.path):
        yield from _from_pattern(path, glob)
    else:
        is_missing = info.type == kinds.NotFound
        text = "there is no such file or folder" if is_missing else "it is not a regular file"
        raise SourceError(f"{path.name}: {text} in this storage", source=path.name)


def _from_folder(folder: StoredPath, glob: str | None) -> Iterator[Source | SourceError]:
    """The PDFs and images in and below a folder, or what matches ``glob``, hidden ones left out."""
    found = search(folder, (ANY_DEPTH,) if glob is None else _glob_parts(glob))
    files = {
        file: size
        for file, size in found.files.items()
        if not file.startswith(".")
        and "/." not in file
        and (glob is not None or posixpath.splitext(file)[1].lower() in FOLDER_SUFFIXES)
    }
    yield from _listed(folder, Found(files, [], found.errors))
    if not files and not found.errors:
        kind = "PDFs or images" if glob is None else f"files that match {glob!r}"
        raise SourceError(f"{folder.name}: there are no {kind} in this folder", source=folder.name)


def _from_pattern(path: StoredPath, glob: str | None) -> Iterator[Source | SourceError]:
    """The files that match; the files of the folders that match, where no file does."""

    def is_there(text: str) -> bool:
        return bool(path.at(text).info().type != _kinds().NotFound)

    pattern = Pattern.from_text(path.path, is_there)
    top = path.at(pattern.folder)
    found = search(top, pattern.parts)
    if pattern.only_folders:
        found.files.clear()
    if not found.files:
        for folder in found.folders:
            yield from _from_folder(top.below(folder), glob)
    yield from _listed(top, found)
    if not found.files and not found.folders and not found.errors:
        text = "no file matches this pattern" if pattern.must_match else "there is no such file"
        raise SourceError(f"{path.name}: {text} in this storage", source=path.name)


def _listed(folder: StoredPath, found: Found) -> Iterator[Source | SourceError]:
    for file, size in found.files.items():
        yield folder.below(file).source(size, Path(file))
    yield from found.errors


def _check_stays(path: StoredPath) -> None:
    """No path leads up: a file system may be all that somebody is given of a larger one."""
    if ".." in path.path.split("/"):
        text = "'..' is not followed in storage"
        raise UnsupportedSourceError(f"{path.name}: {text}", source=path.name)


def _glob_parts(glob: str) -> tuple[str, ...]:
    parts = tuple(part for part in glob.split("/") if part not in ("", "."))
    if not parts or glob.startswith("/") or ".." in parts:
        raise OptionError(f"glob={shown(glob)}: expected a pattern of paths below a folder")
    return parts


def _kinds() -> Any:
    from pyarrow.fs import FileType

    return FileType
