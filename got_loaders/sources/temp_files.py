"""Temporary files for the URLs of a read."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from got_loaders.errors import SourceError
from got_loaders.sources import Source
from got_loaders.sources.download import DownloadPolicy, fetch
from got_loaders.sources.temp_folders import TempFolder

__all__ = ["TempFiles"]

MAX_FILES = 64
"""Files that are kept: more than a read has pages in flight, of which any may be read again."""

MAX_BYTES = 4_000_000_000
"""Bytes of all but the last one; one that is removed is not read again."""


class TempFiles:
    """Downloads to a temporary folder, which ``close`` removes; the oldest files go before.

    The folder also goes when the process ends without closing; where it is killed, the next
    process that makes one removes it.
    """

    def __init__(self, policy: DownloadPolicy, stopped: Callable[[], bool]) -> None:
        self._policy = policy
        self._stopped = stopped
        self._folder: _Folder | None = None

    def fetch(self, source: Source) -> Source:
        """The source as a local file, downloaded where it is a URL. Blocks meanwhile."""
        if source.url is None:
            return source
        folder = self._own_folder(source)
        path = fetch(source.url, folder.folder.path, self._policy, stopped=self._stopped)
        folder.add(path)
        return replace(source, url=None, path=path, is_download=True)

    def close(self) -> None:
        """Remove them; not those of a parent process."""
        if self._folder is not None:
            self._folder.folder.remove()
        self._folder = None

    def _own_folder(self, source: Source) -> _Folder:
        """The folder of this process: a forked child does not use its parent's."""
        if self._folder is None or not self._folder.folder.is_own:
            try:
                self._folder = _Folder(TempFolder())
            except OSError as error:
                text = f"{source.name}: there is no folder to download it to: {error.strerror}"
                raise SourceError(text, source=source.name) from error
        return self._folder


@dataclass(eq=False)
class _Folder:
    """A folder with downloads, the oldest first."""

    folder: TempFolder
    files: deque[tuple[Path, int]] = field(default_factory=deque)

    def add(self, path: Path) -> None:
        """Keep one more; let go of the oldest where there are too many."""
        self.files.append((path, path.stat().st_size))
        while len(self.files) > 1 and (
            len(self.files) > MAX_FILES or sum(size for _, size in self.files) > MAX_BYTES
        ):
            self.files.popleft()[0].unlink(missing_ok=True)
