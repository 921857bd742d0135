"""The threads that torch computes with, for compiled functions.

A second pool beside torch's would keep its threads from their cores: both wait actively between any
two operations. So the compiled functions run in the pool of the OpenMP library that torch itself is
linked with, through the two calls that GCC compiles ``#pragma omp parallel`` and ``#pragma omp
barrier`` to. LLVM's and Intel's libraries have them too.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch

__all__ = ["OpenMP", "openmp"]


@dataclass(frozen=True, slots=True)
class OpenMP:
    """torch's OpenMP library. ``barrier`` is the address of a function without arguments."""

    parallel: Any
    barrier: int

    def run(self, function: int, block: int, *, most: int | None = None) -> None:
        """Run the function at an address in every thread, with the address ``block``.

        In as many threads as torch uses, ``most`` at most. Other Python threads go on meanwhile.
        """
        threads = torch.get_num_threads()
        self.parallel(function, block, threads if most is None else min(threads, most), 0)


@cache
def openmp() -> OpenMP | None:
    """The library; None where torch computes with other threads or it can't be found."""
    if not torch.backends.openmp.is_available():  # type: ignore[no-untyped-call]  # torch's own
        return None
    try:
        # A library's handle finds the functions of all that it is linked with.
        library = ctypes.CDLL(torch._C.__file__)
        parallel, barrier = library.GOMP_parallel, library.GOMP_barrier
    except (OSError, AttributeError):
        return None
    parallel.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint]
    parallel.restype = None
    address = ctypes.cast(barrier, ctypes.c_void_p).value
    return None if address is None else OpenMP(parallel, address)
