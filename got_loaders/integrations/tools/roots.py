"""The folders that agents may read from, and the names by which they ask for files there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from got_loaders.errors import OptionError, SourceRefusedError
from got_loaders.sources import RootFolder, looks_like_url

__all__ = ["Place", "Shelf"]

_MARK = "\ue000"  # for private use: stands for the name that an agent used
_FULL_PATH = re.compile(
    rf"(?<![\w.…/:{_MARK}])(?:[A-Za-z]:)?[/\\][^\s'\",;:()]*[/\\][^\s'\",;:()]+"
)


@dataclass(frozen=True, slots=True)
class Place:
    """What a name leads to: ``asked`` is the name, ``source`` what is opened, below ``root``."""

    asked: str
    source: str
    root: str

    def told(self, text: str) -> str:
        """``text`` for the agent: its own name for the place, and no other full path."""
        marked = text.replace(self.source, _MARK) if self.source else text
        return _FULL_PATH.sub("…", marked).replace(_MARK, self.asked)


class Shelf:
    """One folder, below which names are relative paths; or several, each name beginning with one.

    Several are known by their last part ("invoices/may.pdf"), with a number where two have the
    same. Full paths that lie in one of them are understood, too. Nothing is opened here, and where
    a path leads is judged by who opens it, with ``Place.root``.
    """

    def __init__(self, folders: Sequence[str | os.PathLike[str]]) -> None:
        paths = [os.fspath(folder) for folder in folders]
        if not paths or not all(paths):
            raise OptionError(f"folders={paths!r}: agents need a folder that they may read from")
        self._first = paths[0]
        self._folders = dict(_labelled(paths)) if len(paths) > 1 else {}

    def place(self, asked: str) -> Place:
        """Where this name leads. Raises :class:`SourceRefusedError` where no folder has it."""
        if not self._folders or looks_like_url(asked):
            return Place(asked, asked, self._first)
        if PurePath(asked).is_absolute():
            return self._absolute(asked)
        label, _, rest = asked.removeprefix("./").partition("/")
        if label not in self._folders:
            names = ", ".join(self._folders)
            text = f"{asked}: names begin with a folder that may be read from: {names}"
            raise SourceRefusedError(text, source=asked)
        folder = self._folders[label]
        return Place(asked, os.path.join(folder, rest) if rest else folder, folder)  # noqa: PTH118  # as text

    def tops(self, asked: str) -> list[Place]:
        """The place of a name; the folders themselves where it is empty or "."."""
        if asked not in ("", "."):
            return [self.place(asked)]
        if not self._folders:
            return [Place(".", ".", self._first)]
        return [Place(label, folder, folder) for label, folder in self._folders.items()]

    def _absolute(self, asked: str) -> Place:
        for folder in self._folders.values():
            if RootFolder.from_path(folder).contains(Path(asked)):
                return Place(asked, asked, folder)
        return Place(asked, asked, self._first)  # who opens it will refuse it


def _labelled(paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    taken: set[str] = set()
    for path in paths:
        name = label = PurePath(os.path.abspath(path)).name or "root"  # noqa: PTH100  # links stay
        number = 1
        while label in taken:
            number += 1
            label = f"{name}-{number}"
        taken.add(label)
        yield label, path
