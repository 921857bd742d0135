"""Whether Triton is there, which comes with torch for CUDA on Linux; why a kernel is not used."""

from __future__ import annotations

import importlib.util
import re
from importlib.metadata import PackageNotFoundError, version

__all__ = ["triton_version", "why_not"]

_MOST_CHARACTERS = 200

_DISTRIBUTIONS = (
    "triton",
    "pytorch-triton",
    "pytorch-triton-rocm",
    "triton-rocm",
    "triton-windows",
)
"""Who may bring the package of that name."""


def triton_version() -> str | None:
    """Triton's version, or None where it is not installed; imports nothing."""
    if importlib.util.find_spec("triton") is None:
        return None
    for name in _DISTRIBUTIONS:
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return "of an unknown version"


def why_not(error: Exception) -> str:
    """What is said of an error after which a kernel is not used: one line, without paths.

    Triton needs a C compiler, Python's headers and a folder to write to, and says what is missing.
    """
    line = next(iter(str(error).strip().splitlines()), "")
    line = re.sub(r"(?<![\w.])/[^\s'\",:]+", "…", line)
    return f"{type(error).__name__}: {line[:_MOST_CHARACTERS]}"
