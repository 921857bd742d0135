"""File systems: what a user passes, or what a URI names → Arrow's interface to it.

Arrow has its own for S3, Google's and Azure's storage and Hadoop; any other scheme is asked of
fsspec. One is opened once a process. Loads Arrow, and fsspec where it is needed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from got_loaders._registry import Registry
from got_loaders.errors import (
    MissingDependencyError,
    OptionError,
    SourceError,
    SourceRefusedError,
    UnsupportedSourceError,
    shown,
)
from got_loaders.ray import MISSING
from got_loaders.ray.storage.errors import error_reason, storage_error
from got_loaders.ray.storage.uri import StorageURI

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

__all__ = [
    "as_file_system",
    "bucket_prefix",
    "fsspec_of",
    "open_file_system",
    "storage_error",
]

_ARROW = frozenset({"s3", "gs", "gcs", "abfs", "abfss", "hdfs", "viewfs"})
"""Schemes that Arrow has file systems for."""

_CONTAINERS = frozenset({"abfs", "abfss"})
"""Schemes whose containers stand before an ``@`` or behind a host: Arrow knows, and asks nobody."""

_REFUSED = frozenset({
    "async_wrapper", "asynclocal", "asyncwrapper", "blockcache", "cached", "data", "dir",
    "filecache", "generic", "git", "libarchive", "local", "mock", "reference", "root",
    "simplecache", "tar", "zip",
})  # fmt: skip
"""What fsspec or Arrow would open, but is no storage: this machine's files by another name, and
file systems that are put in front of others."""

_PROBE = "x"
"""A name that stands for any, to see what paths look like."""


def as_file_system(filesystem: object) -> FileSystem | None:
    """Arrow's file system of what a user passes: Arrow's own, or one of fsspec.

    Raises :class:`OptionError` for anything else. What gives this machine's files is None: they
    need none.
    """
    if filesystem is None:
        return None
    arrow = _arrow()
    if not isinstance(filesystem, arrow.FileSystem):
        try:
            from fsspec import AbstractFileSystem
        except ImportError:
            AbstractFileSystem = ()  # noqa: N806  # a class, or none
        if not isinstance(filesystem, AbstractFileSystem):
            text = "expected one of pyarrow.fs or fsspec; a URI needs none"
            raise OptionError(f"filesystem={shown(filesystem)}: {text}")
        filesystem = arrow.PyFileSystem(arrow.FSSpecHandler(filesystem))
    return None if _is_local(filesystem) else filesystem


def open_file_system(uri: StorageURI) -> tuple[FileSystem, str]:
    """The file system that a URI names, and what the paths of its bucket begin with. May block.

    Raises :class:`SourceError`, about what the URI is called, where there is none to be had.
    """
    return _OPEN.get_or_create(uri.root, lambda: _opened(uri))


def bucket_prefix(filesystem: FileSystem, uri: StorageURI) -> str:
    """What the paths of a URI's bucket begin with in a file system that the user has passed."""
    inner = fsspec_of(filesystem)
    if inner is not None:
        probe = str(inner._strip_protocol(f"{uri.scheme}://{uri.authority}/{_PROBE}"))
        return probe.removesuffix(_PROBE)
    if uri.kind in ("hdfs", "viewfs"):
        return "/"
    if uri.kind in _CONTAINERS and not _lacks_account(uri):
        return _by_arrow(replace(uri, query=""))[1]
    return f"{uri.authority.rpartition('@')[2]}/"


def fsspec_of(filesystem: Any) -> Any:
    """The file system of fsspec that is behind one of Arrow; None where there is none."""
    return getattr(getattr(filesystem, "handler", None), "fs", None)


_OPEN: Registry[str, tuple[FileSystem, str]] = Registry()
"""By the root of URIs: to open one may ask the storage for the bucket's region."""


def _opened(uri: StorageURI) -> tuple[FileSystem, str]:
    if uri.kind in _REFUSED:
        text = f"{uri.scheme}: is no storage; for files of the nodes pass their paths"
        raise SourceRefusedError(f"{uri.name}: {text}", source=uri.name)
    try:
        if uri.kind in _ARROW and not _lacks_account(uri):
            return _by_arrow(uri)
        return _by_fsspec(uri)
    except SourceError:
        raise
    except Exception as error:  # noqa: BLE001  # file systems of others raise anything
        told = storage_error(uri.name, error, doing="opened", secrets=uri.secrets)
        raise told from (None if uri.secrets else error)


def _by_arrow(uri: StorageURI) -> tuple[FileSystem, str]:
    import pyarrow as pa

    probe = f"{uri.kind}://{uri.authority}/{_PROBE}{uri.query}"
    try:
        filesystem, path = _arrow().FileSystem.from_uri(probe)
    except pa.ArrowNotImplementedError:  # Arrow may be built without
        return _by_fsspec(uri)
    return filesystem, path.removesuffix(_PROBE)


def _lacks_account(uri: StorageURI) -> bool:
    """Whether it is ``abfs://container/…``: fsspec has the account from the environment."""
    return uri.kind in _CONTAINERS and not set("@.:") & set(uri.authority)


def _by_fsspec(uri: StorageURI) -> tuple[FileSystem, str]:
    if uri.query:
        text = "what is set by the query of a URI is known for S3, Google, Azure and HDFS alone; "
        text += "pass the file system as filesystem="
        raise UnsupportedSourceError(f"{uri.name}: {text}", source=uri.name)
    try:
        from fsspec.core import url_to_fs
        from fsspec.registry import get_filesystem_class
    except ImportError as error:
        text = f"{uri.scheme}: needs fsspec: pip install fsspec, on every node"
        raise SourceError(f"{uri.name}: {text}", source=uri.name) from error
    try:
        get_filesystem_class(uri.kind)
    except ValueError as error:
        text = f"no file system is known for {uri.scheme}:; pass one as filesystem="
        raise UnsupportedSourceError(f"{uri.name}: {text}", source=uri.name) from error
    except ImportError as error:
        text = f"{uri.scheme}: needs another package, on every node: {error_reason(error)}"
        raise SourceError(f"{uri.name}: {text}", source=uri.name) from error
    filesystem, path = url_to_fs(f"{uri.kind}://{uri.authority}/{_PROBE}")
    arrow = _arrow()
    return arrow.PyFileSystem(arrow.FSSpecHandler(filesystem)), path.removesuffix(_PROBE)


def _is_local(filesystem: Any) -> bool:
    """Whether it gives the files of whatever machine it is on, by their paths."""
    inner = type(fsspec_of(filesystem))
    return filesystem.type_name == "local" or inner.__name__ == "LocalFileSystem"


def _arrow() -> Any:
    try:
        import pyarrow.fs
    except ImportError as error:
        raise MissingDependencyError(MISSING) from error
    return pyarrow.fs
