"""How much memory the worker may take. Linux alone can bound it; elsewhere nothing happens."""

from __future__ import annotations

import sys

__all__ = ["bound_memory"]


def bound_memory(size: int | None) -> None:
    """Let this process have ``size`` bytes of data, mapped memory included; None lifts that.

    Beyond it allocations fail, which decoders report as an error of their own, or die of. It is
    the soft limit: the next request may set another one.
    """
    if sys.platform != "linux":  # macOS takes the limit and does not heed it
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = hard if size is None else size
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != wanted:
        resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))
