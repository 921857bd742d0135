"""Whether functions can be compiled here, and what is said if they can't."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache
from typing import TypeVar

from got_loaders.engine.numba_cpu.openmp import OpenMP, openmp

__all__ = ["compiled_by_numba"]

_log = logging.getLogger(__name__)

T = TypeVar("T")


def compiled_by_numba(make: Callable[[OpenMP], T | None]) -> T | None:
    """What ``make`` gives; None where there is no numba or no OpenMP, or where it fails.

    numba keeps what it has compiled on the disk; the first time takes some seconds. It is an
    optimisation: whatever goes wrong, decoding goes on without it.
    """
    threads = openmp()
    if threads is None or not _has_numba():
        return None
    try:
        return make(threads)
    except Exception as error:  # noqa: BLE001  # numba raises what it likes
        _log.warning("numba can't compile for this machine, decoding will be slower: %r", error)
        return None


def _has_numba() -> bool:
    try:
        import numba
    except ImportError:
        _say_once()
        return False
    return not numba.config.DISABLE_JIT


@cache
def _say_once() -> None:
    _log.info('numba is not installed: pip install "got-loaders[cpu]" makes the CPU faster')
