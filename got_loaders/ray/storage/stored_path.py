"""A path in storage, and a file that was found there."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from got_loaders.ray.storage.errors import storage_error
from got_loaders.sources import Source, display_path

if TYPE_CHECKING:
    from pyarrow.fs import FileInfo, FileSystem

__all__ = ["Pin", "PinnedSource", "StoredPath", "StoredSource"]

Pin = tuple[int, int]
"""What a file is known again by on any node: its bytes, and the nanoseconds of its last change, or
a digest of its content where it was fetched. Not its device and inode, as two nodes see the same
shared folder under different ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedSource(Source):
    """A file that several tasks read parts of; ``pin``: that of the file that they mean."""

    pin: Pin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSource(PinnedSource):
    """A file in a file system that is no node's own; its ``url`` is its name.

    ``key`` is its path there. ``root`` is the URI of the file system, with the credentials that the
    user wrote into it; None where the user passed one. ``size`` are its bytes as it was listed.
    """

    key: str
    root: str | None = field(default=None, repr=False)
    size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPath:
    """A ``path`` in a file system, below what its keys begin with, ``prefix``.

    ``place`` is what its name begins with, and ``label`` the path in it, as the user wrote both;
    ``is_bare``: the place alone, without a slash.
    """

    filesystem: FileSystem
    path: str
    label: str
    prefix: str = ""
    place: str = ""
    is_bare: bool = False
    root: str | None = None
    secrets: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What metadata and errors call it."""
        return self.place[:-1] if self.is_bare else display_path(self.place + self.label)

    @property
    def key(self) -> str:
        """What the file system calls it."""
        key = (self.prefix + self.path).removeprefix("./")
        return (key.rstrip("/") or key[:1]) if key != "." else ""

    def at(self, path: str) -> StoredPath:
        """Another path of the same place."""
        return replace(self, path=path, label=path, is_bare=False)

    def below(self, path: str) -> StoredPath:
        """A path below this one."""
        return replace(
            self,
            path=posixpath.join(self.path, path),
            label=posixpath.join(self.label, path),
            is_bare=False,
        )

    def info(self) -> FileInfo:
        """What the file system says of it; raises :class:`SourceError`."""
        try:
            return self.filesystem.get_file_info(self.key)
        except Exception as error:  # noqa: BLE001  # file systems of others raise anything
            told = storage_error(self.name, error, doing="read", secrets=self.secrets)
            raise told from (None if self.secrets else error)

    def source(self, size: int | None, inner: Path | None = None) -> StoredSource:
        """It as a file to read."""
        name = self.name
        return StoredSource(
            name=name,
            url=name,
            file_name=display_path(posixpath.basename(self.path)) or None,
            inner=inner,
            key=self.key,
            root=self.root,
            size=size,
        )
