"""Finds what a pattern such as ``scans/**/*.pdf`` matches, in natural order.

Names are matched as a shell does it. All ways through the pattern are followed at once, and no
folder is listed twice for the same rest of the pattern: so neither many wildcards nor links that go
in circles take long.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from got_loaders.sources.folders import natural_key
from got_loaders.sources.pattern_parts import ANY_DEPTH, PatternParts, PatternStates

__all__ = ["Matches", "Pattern", "has_wildcards"]

_SEPARATORS = ("/", os.sep)
_SEPARATOR = re.compile(r"[\\/]+" if os.sep == "\\" else "/+")


def has_wildcards(text: str) -> bool:
    """Whether a text is a pattern if it is no path."""
    return re.search(r"[*?]|\[[^]]", text) is not None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A ``folder``, as the user wrote it up to the next name, and the ``parts`` below it."""

    folder: str
    parts: tuple[str, ...]
    only_folders: bool

    @classmethod
    def from_text(cls, text: str, is_there: Callable[[str], bool]) -> Pattern:
        """The pattern, divided where the first part with a wildcard begins.

        A folder that is there by the very name, as ``is_there`` knows, has no wildcard in it.
        """
        start = 0
        for separator in _SEPARATOR.finditer(text):
            if has_wildcards(text[start : separator.start()]) and not is_there(
                text[: separator.start()]
            ):
                break
            start = separator.end()
        parts = tuple(part for part in _SEPARATOR.split(text[start:]) if part not in ("", "."))
        only_folders = text.endswith(_SEPARATORS) and parts[-1:] != (ANY_DEPTH,)
        return cls(text[:start], parts, only_folders)

    @property
    def leads_up(self) -> bool:
        """Whether it goes up again from what a wildcard matched."""
        return ".." in self.parts

    @property
    def must_match(self) -> bool:
        """Whether it can't well be the name of a file that is missing, as ``scan[1].pdf`` may."""
        return any(char in part for part in self.parts for char in "*?")

    def find(self, folder: Path, may_enter: Callable[[Path], bool]) -> Matches:
        """What matches below ``folder``: files, and folders where no file does.

        Hidden ones are left out, but where the pattern has the dot; ``**`` follows no links to
        folders, other wildcards do. No folder is listed that ``may_enter`` refuses.
        """
        matches = _Search(self.parts, folder, may_enter).run()
        if self.only_folders:
            matches.files.clear()
        return matches


@dataclass(slots=True)
class Matches:
    """Relative paths, in natural order; ``errors`` are of folders that can't be listed."""

    files: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    errors: list[OSError] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing matches, as far as can be seen."""
        return not self.files and not self.folders


class _Search:
    """One walk through the folders below ``top``."""

    def __init__(
        self, parts: tuple[str, ...], top: Path, may_enter: Callable[[Path], bool]
    ) -> None:
        self._parts = PatternParts(parts)
        self._top = top
        self._may_enter = may_enter
        self._seen: set[tuple[int, int, PatternStates]] = set()
        self._matches = Matches()

    def run(self) -> Matches:
        """Everything that matches."""
        pending = [("", self._parts.start)]
        while pending:
            pending += reversed(list(self._folder(*pending.pop())))
        for paths in (self._matches.files, self._matches.folders):
            paths.sort(key=lambda path: natural_key(Path(path)))
        return self._matches

    def _folder(self, below: str, states: PatternStates) -> Iterator[tuple[str, PatternStates]]:
        """Sorts out what a folder holds; gives the folders to go on with."""
        path = self._top / below
        try:
            if not self._may_enter(path) or self._is_seen(path, states):
                return
            entries = sorted(os.scandir(path), key=lambda entry: (entry.is_symlink(), entry.name))
        except OSError as error:
            self._matches.errors.append(error)
            return
        except ValueError:  # a NUL in it
            return
        for entry in entries:  # of a folder and a link to it, the folder comes first
            is_folder = partial(_is, entry.is_dir)
            reached = self._parts.after(states, entry.name, is_folder, entry.is_symlink)
            name = os.path.join(below, entry.name)  # noqa: PTH118  # as text
            if self._parts.is_match(reached):
                self._add(name, entry)
            ahead = self._parts.ahead(reached)
            if ahead and is_folder():
                yield name, ahead

    def _is_seen(self, path: Path, states: PatternStates) -> bool:
        """Whether this was done, by whatever links."""
        status = path.stat()
        key = (status.st_dev, status.st_ino, states)
        seen = key in self._seen
        self._seen.add(key)
        return seen

    def _add(self, name: str, entry: os.DirEntry[str]) -> None:
        if _is(entry.is_dir):
            self._matches.folders.append(name)
        elif _is(entry.is_file):
            self._matches.files.append(name)


def _is(kind: Callable[[], bool]) -> bool:
    """What an entry says it is; a link that leads to itself is nothing."""
    try:
        return kind()
    except OSError:
        return False
