"""Tells the servers of a folder whether one of them still lives: by a lock, which ends with it.

A number of a process would not do: it may be another one's by now, or of another container. Where
the system or the file system has no such locks nothing is known, and leases have to run out.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl

__all__ = ["Owner"]


class Owner:
    """A server that takes jobs: its ``id``, and the lock that it holds until it is closed."""

    def __init__(self, folder: Path) -> None:
        self.id = secrets.token_hex(8)
        self._folder = folder
        self._handle: int | None = None
        if sys.platform != "win32":
            with suppress(OSError):
                self._handle = _lock(_lock_file(folder, self.id), create=True)

    def find_dead(self, owners: Collection[str]) -> list[str]:
        """Those of ``owners`` that are known to have ended without letting go of their jobs."""
        return [owner for owner in owners if owner != self.id and self._is_dead(owner)]

    def clear(self, *, but: Collection[str]) -> None:
        """Remove the locks of dead servers, but of these: they are told by them to be dead."""
        for file in self._folder.glob("server-*.lock"):
            owner = file.stem.removeprefix("server-")
            if owner not in but and owner != self.id and self._is_dead(owner):
                file.unlink(missing_ok=True)

    def close(self) -> None:
        """Give the lock up; whatever is still this server's is anybody's then."""
        handle, self._handle = self._handle, None
        if handle is not None:
            _lock_file(self._folder, self.id).unlink(missing_ok=True)
            os.close(handle)

    def _is_dead(self, owner: str) -> bool:
        if sys.platform == "win32":
            return False
        file = _lock_file(self._folder, owner)
        try:
            handle = _lock(file, create=False)
        except OSError:  # somebody has it, or there is none
            return False
        os.close(handle)
        return True


def _lock_file(folder: Path, owner: str) -> Path:
    return folder / f"server-{owner}.lock"


def _lock(file: Path, *, create: bool) -> int:
    """The handle of the locked file; ``OSError`` where somebody else has it."""
    if sys.platform == "win32":
        raise OSError("this system has no such locks")
    new = os.O_CREAT | os.O_EXCL if create else 0
    handle = os.open(file, os.O_RDWR | os.O_NOFOLLOW | new, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle
