"""What would make reading on this machine's processor faster, if anything."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping
from pathlib import Path

__all__ = ["cpu_advice"]

_HUGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")
_TUNABLE = "glibc.malloc.hugetlb"
_SINCE_GLIBC = (2, 35)


def cpu_advice(dtype: str, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """A line for each setting that a model of real size would run faster with; imports torch."""
    from got_loaders.engine.device.processor import computes_bfloat16

    if dtype == "float32" and computes_bfloat16():
        yield (
            'this processor computes in bfloat16: dtype="bfloat16" (--dtype bfloat16) reads half '
            "as much memory a step; now and then a token differs from float32's"
        )
    if _huge_pages_on_request(os.environ if environment is None else environment):
        yield (
            f"the weights are in pages of 4 KB: set GLIBC_TUNABLES={_TUNABLE}=1 in the "
            "environment before Python starts, and they are in huge ones"
        )


def _huge_pages_on_request(environment: Mapping[str, str]) -> bool:
    """Whether the system gives huge pages to who asks, the C library could ask, and doesn't."""
    library, version = platform.libc_ver()
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if library != "glibc" or numbers < _SINCE_GLIBC:
        return False
    try:
        allowed = "[madvise]" in _HUGE_PAGES.read_text(encoding="ascii")
    except OSError:
        return False
    return allowed and f"{_TUNABLE}=" not in environment.get("GLIBC_TUNABLES", "")
