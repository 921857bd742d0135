"""Standard streams that were closed before the program began: ``2>&-``, daemons, ``pythonw``."""

from __future__ import annotations

import io
import os
import sys

__all__ = ["ClosedStream", "open_closed_streams"]


class ClosedStream(io.TextIOWrapper):
    """Stands where Python has None for a closed standard stream; what is written is lost."""


def open_closed_streams() -> None:
    """Give what reads or prints a stream that is empty, and takes all.

    Its descriptor is taken as well, lest a file that is opened later gets the number, and with it
    what a library prints.
    """
    if sys.stdin is None:
        sys.stdin = ClosedStream(io.BufferedReader(_nowhere("r")), "utf-8")
    if sys.stdout is None:
        sys.stdout = ClosedStream(io.BufferedWriter(_nowhere("w")), "utf-8", "backslashreplace")
    if sys.stderr is None:
        sys.stderr = ClosedStream(io.BufferedWriter(_nowhere("w")), "utf-8", "backslashreplace")


def _nowhere(mode: str) -> io.FileIO:
    """The lowest descriptor that is free, which is the closed stream's; it stays open."""
    return io.FileIO(os.open(os.devnull, os.O_RDWR), mode, closefd=False)
