"""The C library's heap: memory that was freed and that it has not given back."""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Callable
from functools import cache
from typing import Any

__all__ = ["HeapTrimmer", "trim_heap"]

_TRIM_EVERY = 64
"""Sequences that are read in before the heap is trimmed."""

_MIN_INTERVAL_S = 10.0
"""And so many seconds: at 30 pages a second the former alone would hold the engine's thread up for
35 ms every two seconds. The heap grows with what is in flight, hardly with time."""


class HeapTrimmer:
    """Trims the heap now and then while an engine reads. ``clock`` gives seconds."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        trim: Callable[[], None] | None = None,
    ) -> None:
        self._clock, self._trim = clock, trim or trim_heap
        self._count = 0
        self._due_at = clock()

    def count(self, sequences: int) -> None:
        """So many sequences more were read in; trims if that is due."""
        self._count += sequences
        if self._count >= _TRIM_EVERY and self._clock() >= self._due_at:
            self._count = 0
            self._due_at = self._clock() + _MIN_INTERVAL_S
            self._trim()


def trim_heap() -> None:
    """Give the system what the C library keeps of memory that was freed; 10 to 35 ms.

    Large arrays come and go in several threads, and glibc's heaps keep the gaps between those that
    stay: some 100 MB, and slowly more. Other C libraries need no such call.
    """
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@cache
def _malloc_trim() -> Any:
    return getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
