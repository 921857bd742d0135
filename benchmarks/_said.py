"""What the library logs meanwhile. Knows no torch."""

from __future__ import annotations

import logging
from typing import Self


class Said(logging.Handler):
    """What the library logs in a ``with`` block, from INFO on, each line once."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []
        self._logger = logging.getLogger("got_loaders")
        self._level = self._logger.level

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record's line, and in a word what raised it."""
        error = record.exc_info[1] if record.exc_info else None
        line = f"{record.levelname}: {record.getMessage()}" + (f" ({error!r})" if error else "")
        if line not in self.lines:
            self.lines.append(line)

    def __enter__(self) -> Self:
        self._logger.addHandler(self)
        self._logger.setLevel(logging.INFO)
        return self

    def __exit__(self, *exception: object) -> None:
        self._logger.setLevel(self._level)
        self._logger.removeHandler(self)
