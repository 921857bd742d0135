"""Temporary files for the URLs of a read."""

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

MAX_FILES = 64
"""Files that are kept: more than a read has pages in flight, of which any may be read again."""

MAX_BYTES = 4_000_000_000
"""Bytes of all but the last one; one that is removed is not read again."""


class TempFiles:
    """Downloads to a temporary folder, which ``close`` removes; the oldest files go before."""

    def __init__(self, policy: DownloadPolicy, stopped: Callable[[], bool]) -> None:
        self._policy = policy
        self._stopped = stopped
        self._folder: Path | None = None
        self._files: deque[tuple[Path, int]] = deque()
        self._pid = os.getpid()

    def fetch(self, source: Source) -> Source:
        """The source as a local file, downloaded where it is a URL. Blocks meanwhile."""
        if source.url is None:
            return source
        try:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="got_loaders-"))
        except OSError as error:
            text = f"{source.name}: there is no folder to download it to: {error.strerror}"
            raise SourceError(text, source=source.name) from error
        path = fetch(source.url, self._folder, self._policy, stopped=self._stopped)
        self._files.append((path, path.stat().st_size))
        self._evict()
        return replace(source, url=None, path=path)

    def close(self) -> None:
        """Remove them; not those of a parent process."""
        if self._folder is not None and os.getpid() == self._pid:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = None

    def _evict(self) -> None:
        while len(self._files) > 1 and (
            len(self._files) > MAX_FILES or sum(size for _, size in self._files) > MAX_BYTES
        ):
            self._files.popleft()[0].unlink(missing_ok=True)
