"""Pages during which a process died: so that one that kills the engine does not end a run.

Ray starts an actor again that died, and gives it the pages that it had. A page that kills it every
time would do so without end. So each page that the engine has leaves a mark on the machine; whoever
is started after a death counts the marks of the dead. After the first, a page is read alone, so
that those which only happened to be there are cleared; after the third it is given up. An engine
whose process dies again and again without reading anything is no page's doing: it ends the run.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import threading
from collections.abc import Generator, Hashable
from contextlib import contextmanager
from pathlib import Path

from got_loaders.ray.strike_folder import StrikeFolder

__all__ = ["MAX_DEATHS", "MAX_STRIKES", "OneAtATime", "Strikes"]

MAX_STRIKES = 3
"""Deaths after which a page is given up: the first may be another page's doing."""

MAX_DEATHS = 10
"""Deaths in a row, without a page that was read in between, after which an engine is: four pages
next to each other that kill it are fewer."""

_MARK = re.compile(r"(\d+)-([0-9a-f]{32})")
"""A process that reads a page, and a digest of what names the page."""

_REASON = "reason"
_MAX_REASON = 500
"""Characters of what an engine said when it stopped."""


class Strikes:
    """Marks and counts of one ``run``'s engines on this machine, as files in a folder.

    ``actor`` is what Ray calls the one of this process, also when it is started again; ``deaths``
    are those that it had since it last read something. Counts are files of one byte each. What
    can't be written is not counted.
    """

    def __init__(self, run: str, actor: str = "", folder: Path | None = None) -> None:
        self._folder = StrikeFolder(folder or Path(tempfile.gettempdir()), run, actor)
        self._starts = f"starts-{actor}"
        self._folder.append(self._starts, b"x")
        self.deaths = max(0, self._folder.size(self._starts) - 1)
        self._has_read = False

    def count_dead(self) -> int:
        """Count the marks that processes left which are no more; how many there were."""
        found = 0
        for name in self._folder.names():
            match = _MARK.fullmatch(name)
            if match is None or self._folder.is_alive(int(match[1])):
                continue
            if self._folder.remove(name):  # by one process alone: the others can't
                self._folder.append(match[2], b"x")
                found += 1
        return found

    def of(self, page: Hashable) -> int:
        """How many deaths it had a part in."""
        return self._folder.size(_digest(page))

    @contextmanager
    def marked(self, page: Hashable) -> Generator[None]:
        """Note that this page is being read, as long as it is."""
        mark = f"{os.getpid()}-{_digest(page)}"
        self._folder.append(mark, b"")
        try:
            yield
        finally:
            self._folder.remove(mark)

    def clear(self, page: Hashable) -> None:
        """It was read: whatever killed the process was another page."""
        self._folder.remove(_digest(page))

    def has_read(self) -> None:
        """The engine reads: what was wrong with it is over."""
        if not self._has_read:
            self._has_read = True
            self._folder.remove(self._starts)

    def note_reason(self, reason: str) -> None:
        """Why this process is about to end."""
        self._folder.write(_REASON, reason[:_MAX_REASON].encode(errors="replace"))

    def leave(self) -> None:
        """This process reads no more of this run; also without it, its end does that."""
        self._folder.leave()

    @property
    def reason(self) -> str:
        """Why a process of this run said last that it ends; empty where none did."""
        return self._folder.read(_REASON).decode(errors="replace")


class OneAtATime:
    """Lets many in together, or one alone."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._alone = False

    @contextmanager
    def shared(self) -> Generator[None]:
        """Be in with others; waits while one is alone."""
        with self._changed:
            self._changed.wait_for(lambda: not self._alone)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Generator[None]:
        """Be in alone; nobody new comes in meanwhile."""
        with self._changed:
            self._changed.wait_for(lambda: not self._alone)
            self._alone = True
            self._changed.wait_for(lambda: not self._inside)
        try:
            yield
        finally:
            with self._changed:
                self._alone = False
                self._changed.notify_all()


def _digest(page: Hashable) -> str:
    return hashlib.blake2b(repr(page).encode(), digest_size=16).hexdigest()
