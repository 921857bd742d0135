"""The folder of one run on one machine that outlives its processes, and goes with the last of them.

A process that is killed removes nothing; nor may the next one remove what it has left, which it is
started for to count. So each holds a lock, and whoever ends last removes the folder; where all were
killed, a later run does.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
import time
import weakref
from contextlib import suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl

__all__ = ["StrikeFolder"]

_PREFIX = "got_loaders-strikes-"
_ACTOR = "actor-"
"""A file for each actor that has not ended as it should."""

_ABANDONED_S = 3600
"""Seconds without a process after which nobody is taken to come any more: Ray may have to wait for
a GPU before it starts one again."""


class StrikeFolder:
    """Small files that processes of one ``run`` leave each other in ``parent``. Raises nothing:
    what can't be written is not there."""

    def __init__(self, parent: Path, run: str, actor: str) -> None:
        _remove_abandoned(parent)
        self._path = parent / f"{_PREFIX}{run}"
        self._make()
        self.append(_life(os.getpid()), b"")
        locks = [_lock(self._path), _lock(self._path / _life(os.getpid()), alone=True)]
        self.append(f"{_ACTOR}{actor}", b"")
        self._finalizer = weakref.finalize(
            self, _leave, self._path, f"{_ACTOR}{actor}", locks, os.getpid()
        )

    def leave(self) -> None:
        """What the end of the process, or of this object, does: remove the folder if it is the
        last one's."""
        self._finalizer()

    def is_alive(self, pid: int) -> bool:
        """Whether a process that has used this folder still runs; one that has ended and is not
        yet taken note of by its parent does not."""
        life = self._path / _life(pid)
        if sys.platform != "win32" and life.exists():
            lock = _lock(life)
            if lock is not None:
                os.close(lock)
            return lock is None
        with suppress(OSError):
            os.kill(pid, 0)
            return True
        return False

    def names(self) -> list[str]:
        """What its files are called."""
        return _names(self._path)

    def size(self, name: str) -> int:
        """Bytes of a file; 0 where there is none."""
        try:
            return (self._path / name).stat().st_size
        except OSError:
            return 0

    def append(self, name: str, data: bytes) -> None:
        """Write behind what is in a file, which is made if need be."""
        with suppress(OSError):
            if not self._path.is_dir():
                self._make()  # somebody cleared up
            with (self._path / name).open("ab") as file:
                file.write(data)

    def write(self, name: str, data: bytes) -> None:
        """Put a file in the place of what was there."""
        with suppress(OSError):
            handle, temporary = tempfile.mkstemp(dir=self._path, prefix=".")
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(temporary).replace(self._path / name)

    def read(self, name: str) -> bytes:
        """What is in a file; nothing where there is none."""
        try:
            return (self._path / name).read_bytes()
        except OSError:
            return b""

    def remove(self, name: str) -> bool:
        """Remove a file; whether it was there."""
        try:
            (self._path / name).unlink()
        except OSError:
            return False
        return True

    def _make(self) -> None:
        with suppress(OSError):
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)


def _names(path: Path) -> list[str]:
    try:
        return [file.name for file in path.iterdir()]
    except OSError:
        return []


def _life(pid: int) -> str:
    """The file that a process has locked as long as it runs."""
    return f"process-{pid}"


def _lock(path: Path, *, alone: bool = False) -> int | None:
    """The handle of a lock, which others may hold as well unless ``alone``; None where it is not to
    be had."""
    if sys.platform == "win32":
        return None
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(handle, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def _leave(path: Path, actor: str, locks: list[int | None], pid: int) -> None:
    """Give the locks back; remove the folder where no actor is left, not even one that died: who is
    started in its place needs the counts, whoever made them."""
    for lock in locks:
        if lock is not None:
            os.close(lock)
    if pid != os.getpid():
        return
    with suppress(OSError):
        (path / actor).unlink()
    if not any(name.startswith(_ACTOR) for name in _names(path)):
        _remove_unlocked(path)


def _remove_unlocked(path: Path) -> None:
    lock = _lock(path, alone=True)
    if lock is not None:
        shutil.rmtree(path, ignore_errors=True)
        os.close(lock)


def _remove_abandoned(parent: Path) -> None:
    """Remove the folders of this user's runs of which nothing was heard for long."""
    if sys.platform == "win32":
        return
    with suppress(OSError):
        for folder in parent.glob(f"{_PREFIX}*"):
            with suppress(OSError):
                status = folder.lstat()
                is_own = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
                if is_own and time.time() - status.st_mtime > _ABANDONED_S:
                    _remove_unlocked(folder)
