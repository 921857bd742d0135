"""The threads that torch computes with, for compiled functions.

A second pool beside torch's would keep its threads from their cores: both wait actively between any
two operations. So the compiled functions run in the pool of the OpenMP library that torch itself is
linked with, through the call that GCC compiles ``#pragma omp parallel`` to. LLVM's and Intel's
libraries have it too.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache

import torch

__all__ = ["RunInThreads", "openmp"]

RunInThreads = Callable[[int, int], None]
"""Runs the function at the first address with the second in every thread that torch uses.

Other Python threads go on meanwhile."""


@cache
def openmp() -> RunInThreads | None:
    """torch's own threads; None where it computes with others or they can't be found."""
    if not torch.backends.openmp.is_available():  # type: ignore[no-untyped-call]  # torch's own
        return None
    try:
        # A library's handle finds the functions of all that it is linked with.
        parallel = ctypes.CDLL(torch._C.__file__).GOMP_parallel
    except (OSError, AttributeError):
        return None
    parallel.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint]
    parallel.restype = None
    return lambda function, args: parallel(function, args, torch.get_num_threads(), 0)
