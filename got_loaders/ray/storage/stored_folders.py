"""Lists folders of Arrow's file systems, and of those of fsspec behind them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from got_loaders.ray.storage.file_systems import fsspec_of

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

__all__ = ["list_folder", "lists_deep"]


def lists_deep(filesystem: FileSystem) -> bool:
    """Whether it lists all below a folder in a few requests, as object storages do.

    fsspec's own way goes folder by folder, and passes over what can't be listed without a word.
    """
    inner = fsspec_of(filesystem)
    if inner is None:
        return True
    from fsspec import AbstractFileSystem
    from fsspec.asyn import AsyncFileSystem
    from fsspec.implementations.dirfs import DirFileSystem

    while isinstance(inner, DirFileSystem):
        inner = inner.fs
    if isinstance(inner, AsyncFileSystem):
        return type(inner)._find is not AsyncFileSystem._find
    return type(inner).find is not AbstractFileSystem.find


def list_folder(
    filesystem: FileSystem, key: str, *, deep: bool
) -> Iterator[tuple[str, str, int | None]]:
    """What is in a folder, or at any depth below: paths, ``"file"``, ``"directory"`` or something
    else, and bytes. A link to a file is one, and one to a folder is not followed. Raises what the
    file system does."""
    inner = fsspec_of(filesystem)
    if inner is not None and not deep:
        for entry in inner.ls(key, detail=True):
            if entry["type"] == "link" and inner.isfile(entry["name"]):
                yield entry["name"], "file", None
            else:
                yield entry["name"], entry["type"], entry.get("size")
        return
    from pyarrow.fs import FileSelector

    for info in filesystem.get_file_info(FileSelector(key, recursive=deep)):
        yield info.path, info.type.name.lower(), info.size
