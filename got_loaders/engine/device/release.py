"""Gives the system what libraries keep of a device's memory."""

from __future__ import annotations

import logging
from typing import Any

import torch

__all__ = ["clear_cublas_workspaces", "release_device_memory"]

_log = logging.getLogger(__name__)


def release_device_memory(device: torch.device) -> None:
    """Give back what torch keeps of the memory that was freed on ``device``; never raises.

    cuBLAS' workspaces, tens of MB for each stream, lie in torch's memory and would stay as long as
    the process. Who needs one again gets a new one.
    """
    try:
        if device.type == "cuda":
            clear_cublas_workspaces()
            torch.cuda.empty_cache()
        elif device.type == "mps":
            torch.mps.empty_cache()
    except RuntimeError:  # the GPU may be lost, and its memory with it
        _log.debug("the memory of %s can't be given back", device, exc_info=True)


def clear_cublas_workspaces() -> None:
    """Have torch forget cuBLAS' workspaces, where it can.

    A graph that used one from before it was captured goes on using it: so this has to be called
    before a capture, too. The graph then has one in its own memory, as torch's compiler sees to it.
    """
    clear: Any = getattr(
        torch._C, "_cuda_clearCublasWorkspaces", None
    )  # not public, but torch's own way
    if clear is not None:
        clear()
