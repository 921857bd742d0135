"""Paths, folders, patterns, URLs and storage → files to read, and these as files of a node.

The nodes' own paths and http(s) URLs keep to the rules that they have everywhere; any other scheme,
and every path where the user passes a file system, is storage.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from got_loaders.errors import SourceError, SourceRefusedError, UnsupportedSourceError
from got_loaders.ray.storage.fetcher import FileFetcher
from got_loaders.ray.storage.file_systems import as_file_system, bucket_prefix, open_file_system
from got_loaders.ray.storage.stored_files import stored_sources
from got_loaders.ray.storage.stored_path import StoredPath
from got_loaders.ray.storage.uri import StorageURI
from got_loaders.sources import Source, display_path, file_sources

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

    from got_loaders.options import ReadOptions

__all__ = ["FileFetcher", "as_file_system", "list_sources", "resolve_path"]

_URL = re.compile(r"\s*(?:https?|file):", re.IGNORECASE)


def list_sources(
    path: str, options: ReadOptions, filesystem: object = None, *, base: str = ""
) -> Iterator[Source | SourceError]:
    """The files that ``path`` stands for, in natural order; errors come as values. May block.

    ``filesystem`` is one of ``pyarrow.fs`` or of fsspec that all paths are in. Else relative paths
    begin at ``base``, the folder that the driver runs in: a node's is another. Only an option that
    is wrong is raised, as :class:`OptionError`.
    """
    try:
        arrow = as_file_system(filesystem)
        _check_allowed(path, options, arrow)
        stored = resolve_path(path, arrow)
        if stored is not None:
            yield from stored_sources(stored, options.glob)
    except SourceError as error:
        yield error
        return
    if stored is None:
        yield from file_sources(path, base=base, **options.file_rules)


def resolve_path(path: str, filesystem: object = None) -> StoredPath | None:
    """A path in storage; None where it is a node's own, or a URL with rules of its own. May block.

    Raises :class:`SourceError` where there is no such file system, and :class:`OptionError` where
    ``filesystem`` is none.
    """
    uri, arrow = StorageURI.parse(path), as_file_system(filesystem)
    if arrow is not None:
        return _path_in(arrow, path, uri)
    if uri is None:
        return None
    opened, prefix = open_file_system(uri)
    return StoredPath(
        filesystem=opened,
        prefix=prefix,
        path=uri.path,
        place=uri.place,
        label=uri.path,
        is_bare=uri.is_bare,
        root=uri.root,
        secrets=uri.secrets,
    )


def _check_allowed(path: str, options: ReadOptions, filesystem: object) -> None:
    """Raise :class:`SourceRefusedError` where storage may not be read, before anything is asked."""
    uri = StorageURI.parse(path)
    if filesystem is None and uri is None:
        return
    name = display_path(path) if uri is None else uri.name
    if options.root is not None:
        text = "only what is in one folder may be read here (root=), and no storage"
        raise SourceRefusedError(f"{name}: {text}", source=name)
    if filesystem is None and not options.urls:
        raise SourceRefusedError(f"{name}: URLs may not be read here (urls=False)", source=name)


def _path_in(filesystem: FileSystem, path: str, uri: StorageURI | None) -> StoredPath:
    """A path, or a URI, in a file system that the user has passed."""
    if not path:
        raise SourceError('the path is empty; for all of the file system pass "."', source=path)
    if _URL.match(path):
        text = "it is not in the file system that was passed (filesystem=); read URLs without one"
        name = display_path(path.partition("?")[0].rpartition("@")[2])
        raise UnsupportedSourceError(f"{name}: {text}", source=name)
    if uri is None:
        return StoredPath(filesystem=filesystem, path=path, label=path)
    return StoredPath(
        filesystem=filesystem,
        prefix=bucket_prefix(filesystem, uri),
        path=uri.path,
        place=uri.place,
        label=uri.path,
        is_bare=uri.is_bare,
        secrets=uri.secrets,
    )
