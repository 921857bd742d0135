"""The number format that a device computes in: what "auto" stands for there."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import torch

from got_loaders.engine.device.dtype import DType

__all__ = ["resolve_dtype", "warn_of_emulation"]

_log = logging.getLogger(__name__)


def resolve_dtype(dtype: DType, devices: Sequence[str]) -> DType:
    """The model's number format: what "auto" stands for on these devices, which share one.

    bfloat16 on CUDA where the GPU computes in it: from Ampere on, and on AMD's. The generations
    before have float16 (Volta, Turing). Where devices differ, the format is one that all have.
    """
    if dtype != "auto":
        return dtype
    formats = {_best_dtype(device) for device in devices}
    if len(formats) == 1:
        return formats.pop()
    return "float16" if formats == {"bfloat16", "float16"} else "float32"


def _best_dtype(device: str) -> DType:
    if device == "mps":
        return "float16"
    if not device.startswith("cuda"):
        return "float32"
    if _has_bfloat16(device):
        return "bfloat16"
    return "float16" if torch.cuda.get_device_capability(device) >= (7, 0) else "float32"


def _has_bfloat16(device: str) -> bool:
    """As torch.cuda.is_bf16_supported(including_emulation=False), of any device."""
    return torch.version.hip is not None or torch.cuda.get_device_capability(device) >= (8, 0)


def warn_of_emulation(dtype: DType, device: str) -> None:
    """Say it in the log where the GPU only imitates the number format that was asked for."""
    if dtype == "bfloat16" and device.startswith("cuda") and not _has_bfloat16(device):
        _log.warning(
            "dtype='bfloat16': the GPU %s computes in it only by way of others, slowly; "
            "dtype='auto' takes %s here",
            torch.cuda.get_device_name(device),
            _best_dtype(device),
        )
