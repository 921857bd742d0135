"""Where a file is, wherever that is → a file of this machine, for as long as a task reads it."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Hashable
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from got_loaders.errors import SourceError
from got_loaders.pages.document import CHANGED
from got_loaders.ray.storage.fetched_files import MAX_BYTES, MAX_FILES, FetchedFile, shared_files
from got_loaders.ray.storage.file_systems import as_file_system
from got_loaders.ray.storage.stored_copy import copy_from_storage
from got_loaders.ray.storage.stored_path import Pin, PinnedSource, StoredSource
from got_loaders.sources import Source, as_of_now
from got_loaders.sources.download import fetch as download

if TYPE_CHECKING:
    from got_loaders.options import ReadOptions

__all__ = ["FileFetcher"]


class FileFetcher:
    """Gives the files of one task; use it in a ``with`` block. ``filesystem`` is the one that they
    were listed in; ``stopped`` is asked while one is fetched.

    Fetched files stay where they are for the block, but the oldest where there are too many; after
    it as well while there is room for them, so that the next task in this process does not fetch
    them again.
    """

    def __init__(
        self,
        options: ReadOptions,
        filesystem: object = None,
        *,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._filesystem = as_file_system(filesystem)
        self._filesystem_key = None if filesystem is None else pickle.dumps(self._filesystem)
        self._policy = options.download_policy
        self._stopped = stopped
        self._borrowed: dict[Hashable, FetchedFile] = {}  # the least recently used first

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Need none of the files any more."""
        while self._borrowed:
            self._give_back_oldest()

    def fetch(self, source: Source) -> Source:
        """The source as a file of this machine, with the version that it has here. Blocks.

        It is the same file for the whole of the block. One that is :class:`PinnedSource` has the
        content that it had where it was pinned. Raises :class:`SourceError` where it is not to be
        had, or was changed.
        """
        if source.data is not None:
            return source
        pin = source.pin if isinstance(source, PinnedSource) else None
        local = as_of_now(source if source.path is not None else self._fetched(source, pin))
        if local.version is not None and pin is not None and self._pin(local) != pin:
            raise SourceError(f"{source.name}: {CHANGED}", source=source.name)
        return local

    def pinned(self, source: Source, local: Source) -> Source:
        """The ``source`` that ``fetch`` made ``local`` of, for other tasks: there it is this
        content, or an error. One in this process does not fetch it again."""
        pin = self._pin(local)
        if isinstance(source, StoredSource):
            return replace(source, pin=pin)
        known = {f.name: getattr(source, f.name) for f in fields(Source)}
        return PinnedSource(**known | {"version": None, "pin": pin})

    def _pin(self, local: Source) -> Pin | None:
        for file in self._borrowed.values():
            if file.path == local.path:
                return file.pin
        return local.stamp

    def _fetched(self, source: Source, pin: Pin | None) -> Source:
        key = self._key(source)
        file = self._borrowed.pop(key, None)
        if file is not None and not (file.path.exists() and pin in (None, file.pin)):
            shared_files().give_back(file)
            file = None
        self._borrowed[key] = file = file or self._borrow(source, key, pin)
        while len(self._borrowed) > 1 and (
            len(self._borrowed) > MAX_FILES
            or sum(file.pin[0] for file in self._borrowed.values()) > MAX_BYTES
        ):
            self._give_back_oldest()
        return Source(
            name=source.name,
            path=file.path,
            file_name=source.file_name,
            file_type=source.file_type,
            is_download=True,
            inner=source.inner,
        )

    def _borrow(self, source: Source, key: Hashable, pin: Pin | None) -> FetchedFile:
        """It from an earlier task of this process, where it is pinned; else fetched now."""
        files = shared_files()
        try:
            return files.borrow(key, pin) or files.add(key, partial(self._download, source))
        except OSError as error:
            text = f"{source.name}: there is no room to download it to: {error.strerror}"
            raise SourceError(text, source=source.name) from error

    def _give_back_oldest(self) -> None:
        shared_files().give_back(self._borrowed.pop(next(iter(self._borrowed))))

    def _key(self, source: Source) -> Hashable:
        """What tells one file from another, and whether it may be read here."""
        if isinstance(source, StoredSource):
            return source.root or self._filesystem_key, source.key, self._policy
        return source.url, self._policy

    def _download(self, source: Source, folder: Path) -> Path:
        if isinstance(source, StoredSource):
            return copy_from_storage(
                source, self._filesystem, folder, self._policy, stopped=self._stopped
            )
        assert source.url is not None
        return download(source.url, folder, self._policy, stopped=self._stopped)
