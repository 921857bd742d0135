"""Errors after which a process can't use its GPU any more."""

from __future__ import annotations

import torch

from got_loaders.engine.device.device import is_out_of_memory

__all__ = ["is_context_lost", "restart_advice"]

_ERRORS = (RuntimeError, *filter(None, [getattr(torch, "AcceleratorError", None)]))
_MESSAGES = ("CUDA error", "HIP error", "Triton Error [CUDA]")
"""As torch and Triton begin the messages of what the driver reports."""

_HARMLESS = (
    "no kernel image",
    "invalid argument",
    "invalid configuration",
    "invalid device function",
    "is capturing",
)
"""Of a call that was refused: those after it may succeed."""


def is_context_lost(error: BaseException | None) -> bool:
    """Whether CUDA has failed under this process: only another one can use the GPU again.

    After an illegal access, a failed assertion on the device or a GPU that fell off its bus, every
    call reports that same error. A shortage of memory is none of these. What was raised because of
    such an error counts as it does.
    """
    while error is not None:
        text = str(error)
        if (
            isinstance(error, _ERRORS)
            and any(message in text for message in _MESSAGES)
            and not is_out_of_memory(error)
        ):
            return not any(message in text for message in _HARMLESS)
        error = error.__cause__
    return False


def restart_advice(error: BaseException | None) -> str:
    """What to add to the message about ``error``; nothing where a new engine may help."""
    if not is_context_lost(error):
        return ""
    return "; the GPU is lost to this process: restart the process"
