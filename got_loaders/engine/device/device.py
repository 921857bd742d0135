"""What this machine has to run a model on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from got_loaders._spelling import closest
from got_loaders.errors import OptionError

__all__ = [
    "is_out_of_memory",
    "resolve_device",
    "set_device",
    "stack_to_device",
    "to_device",
]

_NAMES = ("auto", "cuda", "mps", "cpu")
_OOM_MESSAGES = ("can't allocate memory", "out of memory", "CUBLAS_STATUS_ALLOC_FAILED")
"""Of the errors that the CPU's allocator, MPS and cuBLAS raise as plain RuntimeErrors."""


def resolve_device(name: str) -> str:
    """``name`` as torch spells it, "cuda" with its index; "auto" is the best that is there."""
    if name == "auto":
        if torch.cuda.is_available():
            return "cuda:0"
        return "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise OptionError(_unknown(name)) from error
    if device.type == "cuda":
        index = device.index or 0
        if index >= torch.cuda.device_count():
            raise OptionError(f"device={name!r}: torch sees {torch.cuda.device_count()} GPUs")
        return f"cuda:{index}"
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise OptionError("device='mps': torch sees no Apple GPU")
    if device.type not in ("cpu", "mps"):
        raise OptionError(_unknown(name))
    return device.type


def _unknown(name: str) -> str:
    meant = "cuda" if name.casefold().startswith("gpu") else closest(name, _NAMES)
    question = "" if meant is None else f"; did you mean {meant!r}?"
    return f"device={name!r}: expected 'auto', 'cuda', 'cuda:1', 'mps' or 'cpu'{question}"


def set_device(name: str) -> None:
    """Make ``name`` the calling thread's current device, where streams, events and graphs go."""
    if name.startswith("cuda"):
        torch.cuda.set_device(torch.device(name))


def to_device(array: npt.NDArray[Any], device: torch.device) -> Tensor:
    """A host array on the device; on CUDA the copy is queued and nobody waits for it."""
    host = torch.from_numpy(array)
    if device.type != "cuda":
        return host.to(device)
    return host.pin_memory().to(device, non_blocking=True)


def stack_to_device(arrays: Sequence[npt.NDArray[Any]], device: torch.device) -> Tensor:
    """``np.stack(arrays)`` on the device; on CUDA stacked in memory that it copies from itself."""
    if device.type != "cuda":
        return torch.from_numpy(np.stack(arrays)).to(device)
    like = torch.from_numpy(np.empty(0, arrays[0].dtype))
    host = torch.empty((len(arrays), *arrays[0].shape), dtype=like.dtype, pin_memory=True)
    np.stack(arrays, out=host.numpy())
    return host.to(device, non_blocking=True)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the device, or the host's allocator, had no memory left."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(text in str(error) for text in _OOM_MESSAGES)
