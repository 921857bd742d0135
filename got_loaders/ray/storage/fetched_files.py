"""Files that a process has fetched, kept for the next work unit of the same document.

A document of many pages is many work units, and a worker process gets several of them: it fetches
the document once. What nobody uses any more is let go of, the least recently used first, when there
is too much of it. This module knows files and their content, and not where they come from.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path

from got_loaders._registry import Registry
from got_loaders.sources.temp_folders import TempFolder

__all__ = ["FetchedFile", "FetchedFiles", "shared_files"]

MAX_FILES = 16
"""Files that are kept although nobody uses them."""

MAX_BYTES = 500_000_000
"""Bytes of these but the last one, which may be a large document in many parts. A node has as many
such stores as processes that fetch."""

_DIGEST_BYTES = 7
"""Of a content's digest: it fits a signed integer of 64 bits, and one change in 2^56 is missed."""


@dataclass(eq=False, slots=True)
class FetchedFile:
    """Where a file is, what tells its content from another's (its bytes, and a digest of them),
    and how many tasks use it."""

    path: Path
    pin: tuple[int, int]
    users: int = 0


class FetchedFiles:
    """A temporary folder of fetched files. From any thread; it goes when the process ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folder: TempFolder | None = None
        self._files: OrderedDict[Hashable, FetchedFile] = OrderedDict()

    def borrow(self, key: Hashable, pin: tuple[int, int] | None) -> FetchedFile | None:
        """The file of this key, if it is there with this content; to be given back."""
        with self._lock:
            file = None if pin is None else self._files.get(key)
            if file is None or file.pin != pin or not file.path.exists():
                return None
            self._files.move_to_end(key)
            file.users += 1
            return file

    def add(self, key: Hashable, fetch: Callable[[Path], Path]) -> FetchedFile:
        """The file that ``fetch`` makes in the folder, kept in the place of an older one; to be
        given back. ``OSError`` where there is no folder, or the file can't be read."""
        path = fetch(self._own_folder())
        try:
            file = FetchedFile(path, _pin(path), users=1)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        with self._lock:
            older = self._files.pop(key, None)
            self._files[key] = file
            if older is not None and not older.users:
                older.path.unlink(missing_ok=True)
        return file

    def give_back(self, file: FetchedFile) -> None:
        """Its borrower needs it no more; it stays while there is room."""
        with self._lock:
            file.users -= 1
            if not file.users and file not in self._files.values():
                file.path.unlink(missing_ok=True)
            self._trim()

    def _trim(self) -> None:
        unused = [(key, file) for key, file in self._files.items() if not file.users]
        count, size = len(unused), sum(file.pin[0] for _, file in unused)
        for key, file in unused[:-1]:
            if count <= MAX_FILES and size <= MAX_BYTES:
                return
            del self._files[key]
            file.path.unlink(missing_ok=True)
            count, size = count - 1, size - file.pin[0]

    def _own_folder(self) -> Path:
        with self._lock:
            if self._folder is None or not self._folder.path.is_dir():
                self._folder = TempFolder()
            return self._folder.path


def _pin(path: Path) -> tuple[int, int]:
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").digest()
    return path.stat().st_size, int.from_bytes(digest[:_DIGEST_BYTES], "big")


_SHARED: Registry[str, FetchedFiles] = Registry()


def shared_files() -> FetchedFiles:
    """Those of this process; a forked child has its own."""
    return _SHARED.get_or_create("files", FetchedFiles)
