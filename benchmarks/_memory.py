"""How much memory is in use: of the process for the CPU, of the device for a GPU."""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import sys
import threading
from pathlib import Path
from typing import Self

import torch

_STATM = Path("/proc/self/statm")
_INTERVAL = 0.02
"""Seconds between two samples."""


def memory_in_use(device: str) -> int:
    """Bytes that are resident, or that torch holds on a GPU.

    Without Linux' /proc: the most that have ever been resident, so that what a later way adds is
    understated.
    """
    if device.startswith("cuda"):
        return torch.cuda.memory_reserved(device)
    if _STATM.exists():
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def memory_of_tree() -> int:
    """Bytes that are resident in this process and in those it has started, such as the workers."""
    total = memory_in_use("cpu")
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[1]) == os.getpid():
                total += int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError, ValueError):  # it has ended meanwhile
            continue
    return total


def free_memory(device: str) -> None:
    """Give back what nobody uses, so that the next one to be measured does not start with it."""
    gc.collect()
    if device.startswith("cuda"):
        torch.cuda.empty_cache()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it, musl has not
        if trim is not None:
            trim(0)


class PeakMemory:
    """The most memory in use within a ``with`` block, in bytes, sampled by a thread of its own."""

    def __init__(self, device: str) -> None:
        self.peak = 0
        self._device = device
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        if self._device.startswith("cuda"):
            torch.cuda.reset_peak_memory_stats(self._device)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._end.set()
        self._thread.join()
        if self._device.startswith("cuda"):  # torch counts exactly what a sample may miss
            self.peak = torch.cuda.max_memory_reserved(self._device)

    def _sample(self) -> None:
        ended = False
        while not ended:
            self.peak = max(self.peak, memory_in_use(self._device))
            ended = self._end.wait(_INTERVAL)
