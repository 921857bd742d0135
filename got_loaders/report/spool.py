"""Texts that wait on the disk until a report is put together, so that memory does not grow."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

__all__ = ["Spool", "SpooledText"]

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class SpooledText:
    """Where in a spool a text lies, in bytes."""

    start: int
    length: int


class Spool:
    """A file without a name in ``folder``; it is gone when it is closed, or the process ends."""

    def __init__(self, folder: Path) -> None:
        self._file: BinaryIO = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # closed below
        self._end = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def add(self, text: str) -> SpooledText:
        """Keep a text."""
        data = text.encode("utf-8", "replace")
        self._file.seek(self._end)
        self._file.write(data)
        added = SpooledText(self._end, len(data))
        self._end += len(data)
        return added

    def copy(self, text: SpooledText, out: BinaryIO) -> None:
        """Write a text that was kept into another file."""
        self._file.seek(text.start)
        left = text.length
        while left > 0:
            data = self._file.read(min(left, _CHUNK))
            if not data:
                raise OSError("the temporary file of a report was cut short")
            out.write(data)
            left -= len(data)
