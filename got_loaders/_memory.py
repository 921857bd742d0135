"""How much memory this machine, or the container that the process runs in, has."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["host_memory"]

_CGROUP = Path("/sys/fs/cgroup")


def host_memory() -> tuple[int, int] | None:
    """Free and total bytes; None where the system does not tell."""
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        free, total = page * os.sysconf("SC_AVPHYS_PAGES"), page * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
    return _within_container(max(free, _available() or 0), total)


def _available() -> int | None:
    """Linux' own estimate, which counts the file cache that it would give up."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    sizes = dict(line.split(":", 1) for line in lines if ":" in line)
    available = sizes.get("MemAvailable", "").split()
    return int(available[0]) * 1024 if available else None


def _within_container(free: int, total: int) -> tuple[int, int]:
    """The same, held to the limit of a container (control groups, version 2)."""
    try:
        limit = int((_CGROUP / "memory.max").read_text(encoding="ascii"))
        used = int((_CGROUP / "memory.current").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return free, total
    return max(0, min(free, limit - used)), min(total, limit)
