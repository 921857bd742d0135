"""The folder that paths must not leave."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from got_loaders.errors import SourceRefusedError

__all__ = ["RootFolder"]


@dataclass(frozen=True, slots=True)
class RootFolder:
    """A folder, all links in its own path followed.

    What a path says does not matter, only where it leads: links are followed, ``~`` is a name like
    any other. Errors repeat the path that was asked for, and say neither where the folder is nor
    whether anything is there outside of it.
    """

    folder: str

    @classmethod
    def from_path(cls, folder: str) -> RootFolder:
        """The folder as it is now; it need not be there yet."""
        return cls(os.path.realpath(folder))

    def path(self, given: str, *, shown: str | None = None) -> Path:
        """Where ``given`` leads, from the folder if it is relative.

        Raises :class:`SourceRefusedError`, which calls it ``shown``, where that is outside.
        """
        shown = given if shown is None else shown
        real = self._inside(given)
        if real is None:
            text = f"{shown}: it lies outside of the folder that may be read from"
            raise SourceRefusedError(text, source=shown)
        return Path(real)

    def contains(self, path: Path) -> bool:
        """Whether ``path`` leads to a place inside."""
        return self._inside(os.fspath(path)) is not None

    def _inside(self, given: str) -> str | None:
        try:
            real = os.path.realpath(os.path.join(self.folder, given))  # noqa: PTH118  # as text
            return real if os.path.commonpath([self.folder, real]) == self.folder else None
        except (ValueError, OSError):  # a NUL, another drive
            return None
