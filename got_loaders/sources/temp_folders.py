"""Temporary folders that tell whether their process still lives, so that others can clear up.

A process that is killed removes nothing. Its number may belong to another one by now, or to one of
another container that shares the place; so the process locks its folder, and the system unlocks it
when the process ends, however it ends. On Windows nothing is cleared up.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl

__all__ = ["TempFolder", "make_folder", "remove_abandoned_folders"]

_PREFIX = "got_loaders-url-"
_UNLOCKED = ".got_loaders-url-"


class TempFolder:
    """A new folder of this process at ``path``; ``OSError`` where there is none to be had.

    ``remove`` removes it, but not in a forked child, which has to make its own: ``is_own``. It also
    goes when nobody holds it any more, and when the process ends.
    """

    def __init__(self) -> None:
        remove_abandoned_folders()
        self.path, lock = make_folder()
        self._pid = os.getpid()
        self.remove = weakref.finalize(self, _remove_own, self.path, lock, self._pid)

    @property
    def is_own(self) -> bool:
        """Whether this process has made it."""
        return self._pid == os.getpid()


def make_folder() -> tuple[Path, int | None]:
    """A new folder, and the handle of the lock that it is held by; ``OSError`` where there is none.

    Who closes the handle gives the folder up. It is None where the system has no such locks.
    """
    folder = Path(tempfile.mkdtemp(prefix=_UNLOCKED))
    if sys.platform == "win32":
        return folder, None
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        locked = folder.with_name(folder.name.replace(_UNLOCKED, _PREFIX, 1))
        folder.rename(locked)  # under this name it is never seen unlocked but abandoned
    except OSError:  # a file system without locks: nobody will take it for abandoned
        os.close(handle)
        return folder, None
    return locked, handle


def remove_abandoned_folders() -> None:
    """Remove the folders that ended processes of this user have left. Raises nothing."""
    if sys.platform == "win32":
        return
    with suppress(OSError):
        for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
            with suppress(OSError):
                _remove_abandoned(folder)


def _remove_own(path: Path, lock: int | None, pid: int) -> None:
    if pid == os.getpid():
        shutil.rmtree(path, ignore_errors=True)
    if lock is not None:
        os.close(lock)


def _remove_abandoned(folder: Path) -> None:
    """Remove one, unless it is somebody else's or in use."""
    if sys.platform == "win32":
        return
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(handle)
