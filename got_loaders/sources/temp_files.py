"""The files of a read that came from URLs."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from got_loaders.errors import SourceError
from got_loaders.sources import Source
from got_loaders.sources.download import DownloadPolicy, fetch

__all__ = ["TempFiles"]

MOST_FILES = 64
"""Downloads that are kept: more than a read has pages in flight, of which any may be read again."""

MOST_BYTES = 4_000_000_000
"""What they may take up, but for the last one; an older one that has to go is not read again."""


class TempFiles:
    """Fetches what URLs name into a folder that goes with ``close``; the oldest files go before."""

    def __init__(self, rules: DownloadPolicy, stopped: Callable[[], bool]) -> None:
        self._rules = rules
        self._stopped = stopped
        self._folder: Path | None = None
        self._files: deque[tuple[Path, int]] = deque()
        self._pid = os.getpid()

    def fetch(self, source: Source) -> Source:
        """The source as a file here; blocks while it is downloaded. Others are given back."""
        if source.url is None:
            return source
        try:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="got_loaders-"))
        except OSError as error:
            text = f"{source.name}: there is no folder to download it to: {error.strerror}"
            raise SourceError(text, source=source.name) from error
        path = fetch(source.url, self._folder, self._rules, stopped=self._stopped)
        self._files.append((path, path.stat().st_size))
        self._make_room()
        return replace(source, url=None, path=path)

    def close(self) -> None:
        """Remove them; not those of a parent process."""
        if self._folder is not None and os.getpid() == self._pid:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = None

    def _make_room(self) -> None:
        while len(self._files) > 1 and (
            len(self._files) > MOST_FILES or sum(size for _, size in self._files) > MOST_BYTES
        ):
            self._files.popleft()[0].unlink(missing_ok=True)
