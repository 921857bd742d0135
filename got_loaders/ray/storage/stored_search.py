"""Finds what a pattern matches below a folder of a file system."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from got_loaders.errors import SourceError
from got_loaders.ray.storage.errors import storage_error
from got_loaders.ray.storage.stored_folders import list_folder, lists_deep
from got_loaders.ray.storage.stored_path import StoredPath
from got_loaders.sources.folders import natural_key
from got_loaders.sources.pattern_parts import PatternParts, PatternStates

__all__ = ["Found", "search"]


@dataclass(slots=True)
class Found:
    """Relative paths in natural order: of files, with their bytes where the file system tells them,
    and of folders; ``errors`` are of folders that can't be listed."""

    files: dict[str, int | None] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    errors: list[SourceError] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _StoredEntry:
    """What is in a folder, by its path from there."""

    path: str
    is_folder: bool
    is_file: bool
    size: int | None


def search(folder: StoredPath, parts: tuple[str, ...]) -> Found:
    """What matches, upper and lower case being different. Where ``**`` may follow, all below is
    listed at once by storages that can do that; else it is folder by folder."""
    pattern, found = PatternParts(parts, fnmatchcase), Found()
    pending = [("", pattern.start)]
    while pending:
        pending += _step(folder, pattern, found, *pending.pop())
    return Found(
        dict(sorted(found.files.items(), key=lambda item: natural_key(Path(item[0])))),
        sorted(found.folders, key=lambda path: natural_key(Path(path))),
        found.errors,
    )


def _step(
    folder: StoredPath, pattern: PatternParts, found: Found, below: str, states: PatternStates
) -> Iterator[tuple[str, PatternStates]]:
    """Sorts out what a folder holds; gives the folders to go on with."""
    deep = pattern.goes_deep(states) and lists_deep(folder.filesystem)
    try:
        entries = list(_entries(folder.below(below) if below else folder, deep=deep))
    except FileNotFoundError:  # a pattern's beginning, or a folder that was removed just now
        return
    except Exception as error:  # noqa: BLE001  # file systems of others raise anything
        name = folder.below(below).name if below else folder.name
        found.errors.append(storage_error(name, error, doing="listed", secrets=folder.secrets))
        return
    for entry in entries:
        reached = _reached(pattern, states, entry)
        path = f"{below}/{entry.path}" if below else entry.path
        if pattern.is_match(reached) and entry.is_folder:
            found.folders.append(path)
        elif pattern.is_match(reached) and entry.is_file:
            found.files[path] = entry.size
        ahead = pattern.ahead(reached)
        if ahead and entry.is_folder and not deep:
            yield path, ahead


def _entries(folder: StoredPath, *, deep: bool) -> Iterator[_StoredEntry]:
    """What is in a folder, or at any depth below it."""
    start = len(folder.key.strip("/"))
    for path, kind, size in list_folder(folder.filesystem, folder.key, deep=deep):
        relative = path.strip("/")[start:].strip("/")
        if relative:  # some list the folder itself
            yield _StoredEntry(relative, kind == "directory", kind == "file", size)


def _reached(pattern: PatternParts, states: PatternStates, entry: _StoredEntry) -> set[int]:
    """What an entry reaches; each name of its path but the last is a folder's."""
    *folders, name = entry.path.split("/")
    for parent in folders:
        states = pattern.ahead(pattern.after(states, parent, lambda: True))
    return pattern.after(states, name, lambda: entry.is_folder)
