"""How much memory a device has, for people who ask whether a model fits."""

from __future__ import annotations

import os

import torch

__all__ = ["device_memory"]


def device_memory(device: str) -> tuple[int, int] | None:
    """Free and total bytes of a device; for the CPU the host's. None where nobody tells."""
    if device.startswith("cuda"):
        free, total = torch.cuda.mem_get_info(torch.device(device))
        return int(free), int(total)
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        return page * os.sysconf("SC_AVPHYS_PAGES"), page * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
