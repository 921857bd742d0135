"""What C libraries print of an image while it is decoded. Runs in the worker only.

libtiff tells of damaged fax lines on standard error alone, and gives white ones.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["printed_lines"]

_STANDARD_ERROR = 2
_MAX_BYTES = 4_000


@contextmanager
def printed_lines() -> Iterator[list[str]]:
    """The first lines that go to standard error inside the block; complete when it is left.

    They go nowhere else meanwhile.
    """
    lines: list[str] = []
    with tempfile.TemporaryFile() as file:
        before = os.dup(_STANDARD_ERROR)
        os.dup2(file.fileno(), _STANDARD_ERROR)
        try:
            yield lines
        finally:
            os.dup2(before, _STANDARD_ERROR)
            os.close(before)
            file.seek(0)
            lines += file.read(_MAX_BYTES).decode("ascii", "replace").splitlines()
