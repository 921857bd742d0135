"""The folders that agents may read from, and the names by which they ask for files there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from got_loaders.errors import OptionError, SourceRefusedError
from got_loaders.sources import RootFolder, looks_like_url

__all__ = ["ResolvedPath", "RootFolders"]

_PLACEHOLDER = "\ue000"  # for private use: stands for the name that an agent used
_FULL_PATH = re.compile(
    r"""(?<=")(?:[A-Za-z]:)?[/\\][^"\n]+(?=")|"""
    r"""(?:^|(?<=[\s'"(=,\[{<>|~])|(?<=:)(?!//))(?:[A-Za-z]:)?[/\\](?=[^\s/\\]|\\)"""
    r"""(?:(?!\s(?:is|are|was|has|does|can|can't|must)\s[^/\\]*$)"""
    r"""(?:[^\n;'":]|:(?!\s|$)|(?<=\w)'(?=\w)))*"""
)
"""A full path and what may belong to it: blanks, commas and brackets do, so that it ends where a
sentence surely goes on. A word too few is better than a folder's name too many."""


_PRIVATE_ADDRESS = re.compile(
    r"(?P<redirect>redirected to \S+: )?"
    r"(?:its host's address (?P<address>\S+) (?P<why>is not (?:a public one|one of the internet))"
    r"|(?<=: )\S+ is this machine itself)(?:; if it may be read, pass url_hosts=\[[^\]]*\])?"
)
"""Why a URL is refused, as downloads say it."""


@dataclass(frozen=True, slots=True)
class ResolvedPath:
    """A name that an agent ``requested``, the ``path`` to open for it, and the ``root`` above."""

    requested: str
    path: str
    root: str

    def redact(self, text: str) -> str:
        """``text`` with the agent's own name for the path, no other full path and no address that
        the agent did not name."""
        marked = text.replace(self.path, _PLACEHOLDER) if self.path else text
        for folder in (self.root, os.path.realpath(self.root)):
            if os.path.isabs(folder):  # noqa: PTH117  # as text
                marked = marked.replace(folder, "/root")  # a name may hold what ends a path
        marked = _PRIVATE_ADDRESS.sub(self._without_address, marked)
        return _FULL_PATH.sub("…", marked).replace(_PLACEHOLDER, self.requested)

    def _without_address(self, refusal: re.Match[str]) -> str:
        """A refusal that does not say which address a name has, or where a redirect leads."""
        if refusal["redirect"]:
            return "redirected to a place that may not be read"
        if refusal["address"] is None or refusal["address"] in self.requested:
            return refusal[0]
        return f"its host's address {refusal['why']}"


class RootFolders:
    """One folder, below which names are relative paths; or several, each name beginning with one.

    Several are known by their last part ("invoices/may.pdf"), with a number where two have the
    same. Full paths that lie in one of them are understood, too. Nothing is opened here, and where
    a path leads is judged by who opens it, with ``ResolvedPath.root``.
    """

    def __init__(self, folders: Sequence[str | os.PathLike[str]]) -> None:
        paths = [os.fspath(folder) for folder in folders]
        if not paths or not all(paths):
            raise OptionError(f"folders={paths!r}: agents need a folder that they may read from")
        self._first = paths[0]
        self._paths = paths
        self._by_label = dict(_label(paths)) if len(paths) > 1 else {}

    @property
    def labels(self) -> tuple[str, ...]:
        """What each folder is called."""
        return tuple(label for label, _ in _label(self._paths))

    def relative(self, name: str) -> str:
        """A full path below one of the folders as agents are told it; any other name as it is."""
        for label, path in _label(self._paths):
            for folder in (os.path.abspath(path), os.path.realpath(path)):  # noqa: PTH100  # as text
                if name.startswith(f"{folder}/"):
                    rest = name.removeprefix(f"{folder}/")
                    return f"{label}/{rest}" if self._by_label else rest
        return name

    def check(self) -> None:
        """Raise :class:`OptionError` unless all folders are there."""
        for path in self._paths:
            if not os.path.isdir(path):  # noqa: PTH112  # as text
                raise OptionError(f"root={path!r}: there is no such folder")

    def resolve(self, name: str) -> ResolvedPath:
        """Where ``name`` leads. Raises :class:`SourceRefusedError` where no folder has it."""
        if not self._by_label or looks_like_url(name):
            return ResolvedPath(name, name, self._first)
        if PurePath(name).is_absolute():
            return self._resolve_absolute(name)
        label, _, rest = name.removeprefix("./").partition("/")
        if label not in self._by_label:
            labels = ", ".join(self._by_label)
            text = f"{name}: names begin with a folder that may be read from: {labels}"
            raise SourceRefusedError(text, source=name)
        folder = self._by_label[label]
        path = os.path.join(folder, rest) if rest else folder  # noqa: PTH118  # as text
        return ResolvedPath(name, path, folder)

    def top_level(self, name: str) -> list[ResolvedPath]:
        """Where ``name`` leads; the folders themselves where it is empty or "."."""
        if name not in ("", "."):
            return [self.resolve(name)]
        if not self._by_label:
            return [ResolvedPath(".", ".", self._first)]
        return [ResolvedPath(label, folder, folder) for label, folder in self._by_label.items()]

    def _resolve_absolute(self, path: str) -> ResolvedPath:
        for folder in self._by_label.values():
            if RootFolder.from_path(folder).contains(Path(path)):
                return ResolvedPath(path, path, folder)
        return ResolvedPath(path, path, self._first)  # who opens it will refuse it


def _label(paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each path with the name that it is known by."""
    labels: set[str] = set()
    for path in paths:
        name = label = PurePath(os.path.abspath(path)).name or "root"  # noqa: PTH100  # links stay
        number = 1
        while label in labels:
            number += 1
            label = f"{name}-{number}"
        labels.add(label)
        yield label, path
