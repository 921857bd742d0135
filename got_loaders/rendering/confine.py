"""Takes from this process what drawing does not need: files, connections, memory, time.

What it can open is bounded by Landlock, which Linux has since 5.13 and grants to any user; it holds
for whatever the process starts, too, and can't be undone. Elsewhere only the limits on resources
are kept. Run as a program (``python -I -S confine.py '{…}' command …``) it confines itself and
becomes the command. Only the standard library is imported here, and nothing of this package.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import stat
import struct
import sys
from collections.abc import Iterable, Mapping

__all__ = ["can_confine", "confine_files", "leave_network", "limit_resources", "main"]

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
"""Numbers of the system calls, the same for all processors; from ``linux/landlock.h`` the rest."""
_VERSION_ONLY = 1
_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | 1 << 14 | 1 << 15
_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""All that can be allowed of files, by the first version that knows it: 13 kinds of access, then
linking to other folders, truncating, and commands to devices."""
_TCP = 0b11
"""Binding and connecting, since version 4; no rule allows them."""
_SCOPES = 0b11
"""Abstract sockets and signals to processes outside, since version 6."""
_NO_NEW_PRIVILEGES = 38
_DIE_WITH_PARENT = 1
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
"""From ``linux/prctl.h`` and ``linux/sched.h``."""


def can_confine() -> bool:
    """Whether this system bounds which files a process may open."""
    return _version() > 0


def confine_files(readable: Iterable[str] = (), writable: Iterable[str] = ()) -> bool:
    """Let this process open only what lies in these folders, or is one of these files; forever.

    What is ``readable`` may be run, too. Paths that do not exist are passed over. Whether the
    system can do so is returned; where it could, but fails, :class:`OSError` is raised.
    """
    version = _version()
    if version < 1:
        return False
    rights = max(bits for since, bits in _RIGHTS.items() if since <= version)
    attributes = struct.pack("QQQ", rights, _TCP, _SCOPES)
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = _call(_CREATE_RULESET, ctypes.create_string_buffer(attributes, 24), size, 0)
    try:
        for path in readable:
            _allow(ruleset, path, _READ & rights)
        for path in writable:
            _allow(ruleset, path, rights & ~_EXECUTE)
        _no_new_privileges()
        _call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return True


def leave_network() -> None:
    """Give this process a network of its own, in which there is nothing, where Linux lets it.

    It must have no second thread yet. Where user namespaces are switched off nothing happens.
    """
    if sys.platform == "linux" and _libc().unshare(_NEW_NETWORK):
        _libc().unshare(_NEW_USER | _NEW_NETWORK)


def limit_resources(limits: Mapping[str, int]) -> None:
    """Set limits by their names in :mod:`resource`: ``{"CPU": 10, "FSIZE": 0}``; seconds, bytes.

    Those that the system does not know, or that are stricter already, stay as they are.
    """
    if sys.platform == "win32":
        return
    import resource

    for name, value in {"CORE": 0, **limits}.items():
        number = getattr(resource, f"RLIMIT_{name}", None)
        if number is not None:
            hard = resource.getrlimit(number)[1]
            bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(number, (bound, bound))


def main() -> None:
    """Confine this process, then become the command."""
    what = json.loads(sys.argv[1])
    if sys.platform == "linux":
        _libc().prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != what["parent"]:  # it is gone already
            sys.exit(1)
    leave_network()
    limit_resources(what["limits"])
    confine_files(what["readable"], what["writable"])
    for name in ("SIGPIPE", "SIGXFSZ"):  # which Python ignores: a file that is too large is the end
        if number := getattr(signal, name, None):
            signal.signal(number, signal.SIG_DFL)
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606  # that is what this program is for


def _version() -> int:
    if sys.platform != "linux":
        return 0
    try:
        return _call(_CREATE_RULESET, None, 0, _VERSION_ONLY)
    except OSError:
        return 0


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)  # type: ignore[attr-defined,unused-ignore]  # Linux has it
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _OF_FILES
        rule = struct.pack("=Qi", rights, descriptor)
        _call(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.create_string_buffer(rule, 12), 0)
    finally:
        os.close(descriptor)


def _no_new_privileges() -> None:
    if _libc().prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(number: int, *arguments: object) -> int:
    wide = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    answer: int = _libc().syscall(ctypes.c_long(number), *wide)
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return answer


if __name__ == "__main__":
    main()
