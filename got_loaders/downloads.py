"""The files of a read that came from URLs."""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from got_loaders.errors import SourceError
from got_loaders.sources import Source
from got_loaders.web import WebRules, fetch

__all__ = ["Downloads"]

MOST_FILES = 64
"""Downloads that are kept: more than a read has pages in flight, of which any may be read again."""


class Downloads:
    """Fetches what URLs name into a folder that goes with ``close``; the oldest files go before."""

    def __init__(self, rules: WebRules, stopped: Callable[[], bool]) -> None:
        self._rules = rules
        self._stopped = stopped
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._files: deque[Path] = deque()

    def local(self, source: Source) -> Source:
        """The source as a file here; blocks while it is downloaded. Others are given back."""
        if source.url is None:
            return source
        try:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="got_loaders-")
        except OSError as error:
            text = f"{source.name}: there is no folder to download it to: {error.strerror}"
            raise SourceError(text, source=source.name) from error
        path = fetch(source.url, Path(self._folder.name), self._rules, stopped=self._stopped)
        self._files.append(path)
        while len(self._files) > MOST_FILES:
            self._files.popleft().unlink(missing_ok=True)
        return replace(source, url=None, path=path)

    def close(self) -> None:
        """Remove them."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
