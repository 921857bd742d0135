"""Takes standard input and output for the messages of a worker. Runs in the worker only."""

from __future__ import annotations

import os
import sys
from typing import BinaryIO

__all__ = ["take_pipes"]


def take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output as raw files of our own, out of reach of the libraries.

    What Python prints goes to standard error; what C libraries print goes nowhere: libtiff and
    MuPDF complain of every damaged file, and the answer says what matters.
    """
    nowhere = os.open(os.devnull, os.O_RDWR)
    while nowhere < 3:  # standard error is closed: this takes its place
        nowhere = os.open(os.devnull, os.O_RDWR)
    requests = os.fdopen(os.dup(0), "rb", buffering=0)
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    sys.stdout = sys.stderr = os.fdopen(os.dup(2), "w", buffering=1, errors="backslashreplace")
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    os.close(nowhere)
    return requests, answers
