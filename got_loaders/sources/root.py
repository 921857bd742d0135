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

    def resolve(self, path: str, *, name: str | None = None) -> Path:
        """Where ``path`` leads, from the folder if it is relative.

        Raises :class:`SourceRefusedError`, which calls it ``name``, where that is outside.
        """
        name = path if name is None else name
        real = self._real_path(path)
        if real is None:
            text = f"{name}: it lies outside of the folder that may be read from"
            raise SourceRefusedError(text, source=name)
        return Path(real)

    def contains(self, path: Path) -> bool:
        """Whether ``path`` leads to a place inside."""
        return self._real_path(os.fspath(path)) is not None

    def _real_path(self, path: str) -> str | None:
        """Where it leads; None where that is outside."""
        try:
            real = os.path.realpath(os.path.join(self.folder, path))  # noqa: PTH118  # as text
            return real if os.path.commonpath([self.folder, real]) == self.folder else None
        except (ValueError, OSError):  # a NUL, another drive
            return None
