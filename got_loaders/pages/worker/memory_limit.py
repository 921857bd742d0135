"""Limits the memory of the worker. Linux alone can do so; elsewhere nothing happens."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["is_over_memory", "limit_memory"]

_BASELINE = 500_000_000
"""Bytes of data that a worker keeps; 400 million with the layout model."""


def is_over_memory(page_bytes: int) -> bool:
    """Whether this process keeps so much that the next of its ``page_bytes`` could be too few."""
    if sys.platform != "linux":
        return False
    data_pages = int(Path("/proc/self/statm").read_text("ascii").split()[5])
    return data_pages * os.sysconf("SC_PAGE_SIZE") > max(page_bytes * 3 // 8, _BASELINE)


def limit_memory(size: int | None) -> None:
    """Let this process have ``size`` bytes of data, mapped memory included; None lifts that.

    Beyond it allocations fail, which decoders report as an error of their own, or die of. It is
    the soft limit: the next request may set another one.
    """
    if sys.platform != "linux":  # macOS takes the limit and does not heed it
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = hard if size is None else size
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    if soft != limit:
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
